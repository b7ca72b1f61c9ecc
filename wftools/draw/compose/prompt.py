"""An API prompt -> its nodes, with what they show, as the editor would show them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.literals import literal
from wftools.catalog.packs import editor_names
from wftools.draw.compose.arrange import NOWHERE, arranged
from wftools.draw.compose.framing import bounds, link
from wftools.draw.compose.place import places
from wftools.draw.compose.widgets import widget
from wftools.draw.scene import ROOT, DrawnGroup, DrawnNode, DrawnSlot, Scene
from wftools.graph.authored.slots import declared_slots
from wftools.graph.model import Literal
from wftools.graph.widget_values import bind_named, bind_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.lookup import Catalogue
    from wftools.draw.compose.place import Wire
    from wftools.draw.scene import DrawnWidget
    from wftools.graph import Node, WorkflowGraph
    from wftools.graph.widget_values import Binding

_MAX_OUTPUTS: Final = 64  # of a node of unknown type
_TITLE_SIZE: Final = 24.0  # of a group


def prompt_scene(graph: WorkflowGraph, title: str) -> Scene:
    """The scene of a prompt, laid out along its links; what has ids as `57:3` stands in a group."""
    view = graph.flat
    used: dict[str, int] = {}
    for each in view.links():
        used[each.source] = max(used.get(each.source, 0), min(each.slot, _MAX_OUTPUTS - 1) + 1)
    nodes = [
        arranged(_node(each, graph.catalogue, used.get(path, 0)), (0, 0), None) for path, each in view.nodes.items()
    ]
    index = {path: place for place, path in enumerate(view.nodes)}
    inputs = [{slot.name: place for place, slot in reversed([*enumerate(node.inputs)])} for node in nodes]
    wires: list[Wire] = [
        (index[each.source], each.slot, index[each.target], inputs[index[each.target]][each.input])
        for each in view.links()
        if 0 <= each.slot < _MAX_OUTPUTS and each.input in inputs[index[each.target]]
    ]
    group_of = {place: path.rpartition(":")[0] for path, place in index.items() if ":" in path}
    corners, frames = places(nodes, wires, group_of)
    placed = tuple(
        replace(node, body=replace(node.body, x=x, y=y)) for node, (x, y) in zip(nodes, corners, strict=True)
    )
    groups = tuple(
        DrawnGroup(place, f"Subgraph {name}", frame, None, _TITLE_SIZE)
        for place, (name, frame) in enumerate(sorted(frames.items()))
    )
    links = tuple(link(placed, wire) for wire in wires)
    return Scene(ROOT, title, bounds(placed, groups, ()), placed, links, groups)


def _node(node: Node, catalogue: Catalogue, used: int) -> DrawnNode:
    """A node of a prompt, of whose outputs so many are used at least."""
    values = {name: literal(given.value) for name, given in node.given.items() if isinstance(given, Literal)}
    binding = bind_named(node.signature, values) if node.signature is not None else bind_unknown((), None, values)
    signature = catalogue.signature(node.type)
    name = signature.display_name if signature is not None else node.type
    return DrawnNode(
        id=node.path,
        type=node.type,
        title=node.title or editor_names().get(name, name),
        kind="node",
        body=NOWHERE,
        header=0,
        inputs=tuple(_inputs(node, binding)),
        outputs=tuple(_outputs(node, used)),
        widgets=tuple(_widgets(node, binding, values)),
    )


def _inputs(node: Node, binding: Binding) -> Iterator[DrawnSlot]:
    linked = {name for name, _ in node.links}
    declared = {}
    if node.signature is not None:
        rows = [name for name in linked if "." in name]
        declared = {each.name: each for each in declared_slots(node.signature, binding, rows)}
    for name, each in declared.items():
        yield DrawnSlot(
            name,
            name,
            each.type,
            (0, 0),
            "round" if each.required else "hollow",
            of_widget=name in binding.widgets,
            is_linked=name in linked,
        )
    for name in sorted(linked - declared.keys(), key=list(node.given).index):
        yield DrawnSlot(name, name, "*", (0, 0), of_widget=name in binding.widgets, is_linked=True)


def _outputs(node: Node, used: int) -> Iterator[DrawnSlot]:
    declared = node.signature.outputs if node.signature is not None else ()
    for each in declared:
        yield DrawnSlot(each.name, each.name, each.type, (0, 0), "list" if each.is_list else "round")
    for index in range(len(declared), used):
        yield DrawnSlot(f"output_{index}", f"output_{index}", "*", (0, 0))


def _widgets(node: Node, binding: Binding, values: dict[str, Any]) -> Iterator[DrawnWidget]:
    """The widgets in the order of the declaration, then what the prompt gives beyond it."""
    linked = {name for name, _ in node.links}
    for name, bound in binding.widgets.items():
        yield widget(name, name, bound.value, bound.declared, is_linked=name in linked)
    for name, value in values.items():
        if name not in binding.widgets:
            yield widget(name, name, value, None)
