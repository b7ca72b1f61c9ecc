"""For Graphviz: boxes with slots and values, at their places for `neato -n`, else laid out by `dot`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.draw.colours import of_link, of_node
from wftools.draw.formats._summary import values
from wftools.draw.svg.xml import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.draw.formats import Request
    from wftools.draw.scene import DrawnNode, DrawnSlot, Scene

SUFFIXES: Final = (".dot", ".gv")
SHOWS_ALL: Final = False
EMBEDS: Final = False

_POINTS: Final = 0.75  # to one pixel
_SPECIAL: Final = re.compile(r'[\\"{}|<>]')
_HEAD: Final = (
    "  graph [rankdir=LR, bgcolor=white, fontname=Helvetica]",
    '  node [shape=record, style="rounded,filled", fillcolor="#f5f5f5", fontname=Helvetica, fontsize=10]',
    "  edge [fontname=Helvetica, fontsize=8, penwidth=2]",
)


def render(request: Request) -> bytes:
    """The graph; several scenes are clusters."""
    lines = [f"digraph {_quoted(request.drawing.title)} {{", *_HEAD]
    for number, scene in enumerate(request.scenes):
        inner = list(_scene(scene, number))
        if len(request.scenes) > 1:
            inner = [f"  subgraph cluster_{number} {{", f"  label={_quoted(scene.title)}", *inner, "  }"]
        lines += inner
    return "\n".join([*lines, "}", ""]).encode()


def _scene(scene: Scene, number: int) -> Iterator[str]:
    names = {node.id: f"n{number}_{index}" for index, node in reversed([*enumerate(scene.nodes)])}
    nodes = {node.id: node for node in reversed(scene.nodes)}
    for index, node in enumerate(scene.nodes):
        yield f"  n{number}_{index} [{_attributes(node)}]"
    for link in scene.links:
        output = _port("o", nodes[link.source].outputs, link.output)
        input_ = _port("i", nodes[link.target].inputs, link.input)
        colour = of_link(link.type).light
        yield (
            f"  {names[link.source]}{output}:e -> {names[link.target]}{input_}:w "
            f'[color="{colour}", tooltip={_quoted(link.type)}]'
        )


def _attributes(node: DrawnNode) -> str:
    frame = node.frame
    inputs = "|".join(
        f"<i{index}> {_field(slot.label)}"
        for index, slot in enumerate(node.inputs)
        if slot.is_linked or not slot.of_widget
    )
    outputs = "|".join(f"<o{index}> {_field(slot.label)}" for index, slot in enumerate(node.outputs))
    head = _field(node.title) + ("" if node.kind in ("inputs", "outputs") else f" #{_field(node.id)}")
    rows = "".join(f"{_field(row)}\\l" for row in values(node))
    middle = f"{head}|{rows}" if rows else head
    label = "|".join(filter(None, (inputs and f"{{{inputs}}}", f"{{{middle}}}", outputs and f"{{{outputs}}}")))
    attributes = [
        f'label="{{{label}}}"',
        f'pos="{(frame.x + frame.width / 2) * _POINTS:.1f},{-(frame.y + frame.height / 2) * _POINTS:.1f}!"',
    ]
    if node.color:
        attributes.append(f'fillcolor="{of_node(node.color).light}"')
    if node.is_muted or node.is_bypassed:
        attributes.append('style="rounded,filled,dashed"')
    return ", ".join(attributes)


def _port(side: str, slots: Sequence[DrawnSlot], name: str) -> str:
    """Where in a box a link ends; nowhere where the first of several nodes of one id has no such slot."""
    found = next((index for index, slot in enumerate(slots) if slot.name == name), None)
    return f":{side}{found}" if found is not None else ""


def _field(text: str) -> str:
    """A text in a record label."""
    return _SPECIAL.sub(lambda match: "\\" + match.group(), " ".join(harmless(text).split()))


def _quoted(text: str) -> str:
    escaped = harmless(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{" ".join(escaped.split())}"'
