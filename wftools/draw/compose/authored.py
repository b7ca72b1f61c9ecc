"""A scope of a UI workflow -> its nodes, with what they show; places come later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.signature import Input
from wftools.document.ids import as_number
from wftools.draw.colours import colour
from wftools.draw.compose.arrange import NOWHERE
from wftools.draw.compose.reroutes import point
from wftools.draw.compose.widgets import widget
from wftools.draw.scene import DrawnNode, DrawnSlot
from wftools.graph.authored.editor_types import NOTES, Does
from wftools.graph.authored.scopes import BYPASSED, INPUTS, MUTED, OUTPUTS
from wftools.graph.flatten.instances import OWN, Instance
from wftools.graph.widget_values.order import CONTROL, CONTROL_MODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.document.ui import BoundarySlot, InputSlot, OutputSlot
    from wftools.draw.scene import Dot, DrawnWidget, Kind, Point
    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredNode, Scope
    from wftools.graph.flatten.instances import Instances

_HOLLOW, _GRID = 7, 6  # shapes of slots in files
_NOTE: Final = Input("text", "STRING", options={"multiline": True})


@dataclass(frozen=True, slots=True)
class Saved:
    """A node with what its file says of its place; None where it says nothing of use."""

    node: DrawnNode
    at: Point | None
    size: Point | None


def saved_node(authored: Authored, instances: Instances, scope: Scope, node: AuthoredNode) -> Saved:
    """A node of a scope."""
    ui, inside = node.ui, authored.definition(node)
    editor_type = authored.editor_type(node)
    is_reroute = editor_type is not None and editor_type.does is Does.PASS
    kind: Kind = "subgraph" if inside is not None else "reroute" if is_reroute else "node"
    title = ui.title or (inside.definition.name if inside is not None and inside.definition is not None else "")
    flags = ui.flags or {}
    widgets = tuple(_promoted(authored, instances, scope, node) if inside is not None else _widgets(authored, node))
    drawn = DrawnNode(
        id=node.id,
        type=node.type,
        title=title or authored.title(node),
        kind=kind,
        body=NOWHERE,
        header=0,
        inputs=tuple(_inputs(authored, scope, node, {each.name for each in widgets})),
        outputs=tuple(_outputs(authored, scope, node)),
        widgets=_with_links(authored, scope, node, widgets),
        color=colour(ui.color),
        bgcolor=colour(ui.bgcolor),
        is_muted=node.mode == MUTED,
        is_bypassed=node.mode == BYPASSED,
        is_collapsed=bool(flags.get("collapsed")),
        inside=inside.definition.id if inside is not None and inside.definition is not None else None,
    )
    return Saved(drawn, point(ui.pos), _size(ui.size))


def borders(scope: Scope) -> Iterator[Saved]:
    """What stands for the inputs and for the outputs of a subgraph inside it."""
    definition = scope.definition
    if definition is None:
        return
    if definition.inputs:
        bounding = definition.inputNode.bounding if definition.inputNode is not None else None
        slots = tuple(_border_slot(each) for each in definition.inputs)
        yield _border(DrawnNode(INPUTS, "", "Inputs", "inputs", NOWHERE, 0, outputs=slots), bounding)
    if definition.outputs:
        bounding = definition.outputNode.bounding if definition.outputNode is not None else None
        slots = tuple(_border_slot(each) for each in definition.outputs)
        yield _border(DrawnNode(OUTPUTS, "", "Outputs", "outputs", NOWHERE, 0, inputs=slots), bounding)


def type_name(kind: object) -> str:
    """The type of a slot as a word; files have numbers, null and lists of choices as well."""
    if isinstance(kind, list):
        return "COMBO"
    return kind if isinstance(kind, str) and kind else "*"


# Slots


def _inputs(authored: Authored, scope: Scope, node: AuthoredNode, rows: set[str]) -> Iterator[DrawnSlot]:
    saved: dict[str, InputSlot] = {}
    for each in node.inputs:
        saved.setdefault(each.widget.name if each.widget is not None else each.name, each)
    for slot in authored.slots(scope, node):
        in_file = saved.get(slot.name)
        dot: Dot = "hollow" if in_file is not None and in_file.shape == _HOLLOW else "round"
        yield DrawnSlot(
            slot.name,
            in_file.label or slot.name if in_file is not None else slot.name,
            type_name(slot.type),
            (0, 0),
            dot,
            of_widget=slot.name in rows or (in_file is not None and in_file.widget is not None) or slot.is_button,
            is_linked=slot.link is not None,
        )


def _outputs(authored: Authored, scope: Scope, node: AuthoredNode) -> Iterator[DrawnSlot]:
    inside, signature = authored.definition(node), authored.signature(node)
    slots: Sequence[OutputSlot | BoundarySlot] = node.ui.outputs or ()
    if inside is not None and inside.definition is not None:
        slots = inside.definition.outputs or ()
    used = {link.row.origin_slot for link in scope.out_of.get(node.id, ())}
    for index, slot in enumerate(slots):
        kind = type_name(authored.output_type(node, index))
        label = slot.label or slot.name or kind
        yield DrawnSlot(slot.name, label, kind, (0, 0), _dot(slot.shape), is_linked=index in used)
    if not slots and signature is not None:
        for index, declared in enumerate(signature.outputs):
            dot: Dot = "list" if declared.is_list else "round"
            kind = type_name(declared.type)
            yield DrawnSlot(declared.name, declared.name, kind, (0, 0), dot, is_linked=index in used)


def _dot(shape: int | None) -> Dot:
    return "list" if shape == _GRID else "hollow" if shape == _HOLLOW else "round"


def _border_slot(slot: BoundarySlot) -> DrawnSlot:
    return DrawnSlot(slot.name, slot.label or slot.name, type_name(slot.type), (0, 0), is_linked=bool(slot.linkIds))


def _border(node: DrawnNode, bounding: Sequence[float] | None) -> Saved:
    return Saved(node, point(bounding), _size(bounding[2:]) if bounding is not None else None)


# Widgets


def _widgets(authored: Authored, node: AuthoredNode) -> Iterator[DrawnWidget]:
    """The widgets of a node in the order of their values, companions included."""
    if node.type in NOTES:
        yield widget("text", "", _note(node), _NOTE)
        return
    binding, values = authored.binding(node), node.ui.widgets_values
    labels = {each.widget.name: each.label for each in node.inputs if each.widget is not None and each.label}
    place = -1
    for name, value in binding.saved:
        bound = binding.widgets.get(name)
        if bound is not None:
            place = _index(bound.key) if bound.key else place + 1
            yield widget(name, labels.get(name, name), bound.value, bound.declared)
            continue
        place += 1
        is_saved = isinstance(values, list) and binding.fits and 0 <= place < len(values)
        shown = values[place] if isinstance(values, list) and is_saved else value
        yield widget(name, name.replace("_", " "), shown, None)
    yield from (
        widget(name, labels.get(name, name), bound.value, bound.declared)
        for name, bound in binding.widgets.items()
        if all(name != saved for saved, _ in binding.saved)
    )
    if authored.signature(node) is None and isinstance(values, list) and not node.ui.widgets_values_named:
        bound_places = {_index(each.key) for each in binding.widgets.values() if each.key}
        editor_type = authored.editor_type(node)
        yield from _nameless(values, editor_type.values if editor_type is not None else (), bound_places)


def _note(node: AuthoredNode) -> str:
    """The text of a note."""
    values = node.ui.widgets_values
    first = values.get("text") if isinstance(values, dict) else values[0] if values else None
    return first if isinstance(first, str) else ""


def _nameless(values: Sequence[Any], names: Sequence[str], bound: set[int]) -> Iterator[DrawnWidget]:
    """The values of a node of unknown type that belong to no slot: the editor shows them all the same.

    `names` are those of the first ones.
    """
    for index, value in enumerate(values):
        if index in bound:
            continue
        if isinstance(value, str) and value in CONTROL_MODES:
            yield widget(CONTROL, CONTROL.replace("_", " "), value, None)
        elif index < len(names):
            yield widget(names[index], names[index], value, None)
        elif not isinstance(value, dict | list) and value is not None:
            yield widget(f"widget[{index}]", "", value, None)


def _index(key: str | None) -> int:
    """The place in a list that a key as "widgets_values/3" names; -1 if it is one of an object."""
    place = as_number((key or "").rpartition("/")[2])
    return place if place is not None else -1


def _with_links(
    authored: Authored, scope: Scope, node: AuthoredNode, widgets: Sequence[DrawnWidget]
) -> tuple[DrawnWidget, ...]:
    linked = {slot.name for slot in authored.slots(scope, node) if slot.link is not None}
    return tuple(replace(each, is_linked=True) if each.name in linked else each for each in widgets)


def _promoted(authored: Authored, instances: Instances, scope: Scope, host: AuthoredNode) -> Iterator[DrawnWidget]:
    """The widgets that a subgraph instance shows as its own, with the values that it gives them."""
    inside = authored.definition(host)
    labels = {each.name: each.label for each in inside.inputs} if inside is not None else {}
    for (node_id, name), value, declared in instances.own_widgets(Instance(scope), host):
        if node_id == OWN:
            yield widget(name, labels.get(name) or name, value, declared)
        else:
            yield widget(f"{node_id}.{name}", name, value, declared)


# Places


def _size(value: Sequence[float] | None) -> Point | None:
    size = point(value)
    return size if size is not None and min(size) > 0 else None
