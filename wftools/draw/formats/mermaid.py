"""For Markdown: a flowchart that GitHub and others draw, without places."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.draw.colours import of_link
from wftools.draw.formats._summary import values
from wftools.draw.svg.xml import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.draw.formats import Request
    from wftools.draw.scene import DrawnNode, Scene

SUFFIXES: Final = (".mmd", ".mermaid")
SHOWS_ALL: Final = False
EMBEDS: Final = False

# What could end a text, start an element, an entity or a link in it, or be taken for Markdown.
_SPECIAL: Final = re.compile(r"[^\w .,:;/()=+'…-]")


def render(request: Request) -> bytes:
    """The flowchart; several scenes are subgraphs of it."""
    lines = ["flowchart LR"]
    colours: list[str] = []
    for number, scene in enumerate(request.scenes):
        inner = [*_nodes(scene, number), *_links(scene, number)]
        colours += [of_link(link.type).light for link in scene.links]
        if len(request.scenes) > 1:
            inner = [f'  subgraph s{number}["{_text(scene.title)}"]', *inner, "  end"]
        lines += inner
    lines += [f"  linkStyle {index} stroke:{colour}" for index, colour in enumerate(colours)]
    lines.append("  classDef off stroke-dasharray:4 4,opacity:0.6")
    return "\n".join([*lines, ""]).encode()


def _nodes(scene: Scene, number: int) -> Iterator[str]:
    for index, node in enumerate(scene.nodes):
        name, text = f"n{number}_{index}", _label(node)
        opened, closed = ("([", "])") if node.kind in ("inputs", "outputs") else ("[", "]")
        if node.kind == "subgraph":
            opened, closed = "[[", "]]"
        yield f'  {name}{opened}"{text}"{closed}{":::off" if node.is_muted or node.is_bypassed else ""}'


def _links(scene: Scene, number: int) -> Iterator[str]:
    names = {node.id: f"n{number}_{index}" for index, node in reversed([*enumerate(scene.nodes)])}
    for link in scene.links:
        yield f'  {names[link.source]} -->|"{_text(link.type)}"| {names[link.target]}'


def _label(node: DrawnNode) -> str:
    if node.kind in ("inputs", "outputs"):
        return node.title
    head = f"<b>{_text(node.title)}</b> {_text('#' + node.id)}"
    return "<br>".join([head, *map(_text, values(node))])


def _text(text: str) -> str:
    """A text in quotes: what is not a letter or a harmless sign is written as its number."""
    return _SPECIAL.sub(lambda match: f"#{ord(match.group())};", " ".join(harmless(text).split()))
