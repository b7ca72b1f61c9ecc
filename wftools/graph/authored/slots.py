"""The input slots of a node as the editor has them, and which of them a bypassed node passes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from wftools.catalog.signature import DYNAMIC_COMBO, KEPT, WILDCARD, Input, NodeSignature, Rows
from wftools.catalog.sockets import connectable
from wftools.graph.widget_values import Binding, is_widget
from wftools.graph.widget_values.order import BUTTON_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.document.ui import BoundarySlot
    from wftools.graph.authored.scopes import AuthoredLink, AuthoredNode


_SOCKET: Final = {"forceInput": True}  # the rows of an autogrow input are sockets, whatever their type


@dataclass(slots=True)  # not frozen: see graph/__init__.py
class Slot:
    """An input slot and the row that feeds it."""

    name: str
    type: object  # as the file spells it, or as declared
    link: AuthoredLink | None
    pointer: str  # of the slot in the document; of the node, if the slot was not saved

    @property
    def is_button(self) -> bool:
        """Whether it belongs to a button or a player: an editor's widget that no declaration has."""
        return isinstance(self.type, str) and self.type in BUTTON_TYPES


def input_slots(
    node: AuthoredNode, incoming: Mapping[int, AuthoredLink], signature: NodeSignature | None, binding: Binding
) -> tuple[Slot, ...]:
    """All input slots of a node: declared sockets, then the inputs of widgets, then what only the file has.

    The editor saves no slot for an unlinked widget in some spellings, so positions in the file mean nothing; slots are
    matched by name.
    """
    saved = _saved(node, incoming)
    if signature is None:
        return tuple(saved.values())
    declared = declared_slots(signature, binding, [name for name in saved if "." in name])
    slots = {each.name: saved.get(each.name) or Slot(each.name, each.type, None, node.pointer) for each in declared}
    dynamic = tuple(each.name + "." for each in signature.inputs if each.type == DYNAMIC_COMBO)
    # What the chosen option of a dynamic combo does not have is dropped on load; other foreign slots are kept.
    foreign = (slot for name, slot in saved.items() if name not in slots and not name.startswith(dynamic))
    return (*slots.values(), *foreign)


def instance_slots(
    node: AuthoredNode, incoming: Mapping[int, AuthoredLink], boundary: Sequence[BoundarySlot]
) -> tuple[Slot, ...]:
    """The input slots of a subgraph instance: those of its definition, fed by what the instance's own slots say."""
    saved = _saved(node, incoming)
    return tuple(
        Slot(slot.name, slot.type, saved[slot.name].link, saved[slot.name].pointer)
        if slot.name in saved
        else Slot(slot.name, slot.type, None, node.pointer)
        for slot in boundary
    )


def _saved(node: AuthoredNode, incoming: Mapping[int, AuthoredLink]) -> dict[str, Slot]:
    """The slots in the file by name; of several with one name, the first that is linked."""
    found: dict[str, Slot] = {}
    for index, slot in enumerate(node.inputs):
        name = slot.widget.name if slot.widget is not None else slot.name
        if name not in found or found[name].link is None:
            found[name] = Slot(name, slot.type, incoming.get(index), f"{node.pointer}/inputs/{index}")
    return found


def declared_slots(signature: NodeSignature, binding: Binding, rows: Sequence[str]) -> tuple[Input, ...]:
    """The inputs of a node that have a slot, in the order of the editor: sockets first, then the inputs of widgets.

    What belongs to the option of a dynamic combo stands before the combo itself, sockets and widgets mixed. `rows` are
    the names of the rows that autogrow inputs have.
    """
    if signature.is_static:
        return _static_slots(signature)
    ordered = sorted(signature.inputs, key=is_widget)
    return tuple(slot for each in ordered for slot in _slots_of(each, "", binding, rows))


@lru_cache(maxsize=KEPT)
def _static_slots(signature: NodeSignature) -> tuple[Input, ...]:
    return tuple(filter(_has_slot, sorted(signature.inputs, key=is_widget)))


def _slots_of(declared: Input, prefix: str, binding: Binding, rows: Sequence[str]) -> Iterator[Input]:
    name = prefix + declared.name
    if isinstance(declared.dynamic, Rows):
        kind = declared.dynamic.row.type
        yield from (Input(row, kind, False, _SOCKET) for row in rows if row.rpartition(".")[0] == name)
        return
    widget = binding.widgets.get(name)
    for each in (declared.brings(widget.value) if widget is not None else None) or ():
        yield from _slots_of(each, name + ".", binding, rows)
    if _has_slot(declared):
        yield replace(declared, name=name) if prefix else declared


def _has_slot(declared: Input) -> bool:
    return not (declared.options.get("socketless") and is_widget(declared))


def passed_on(slots: Sequence[Slot], output_type: object, index: int, wanted: object) -> Slot | None:
    """The input whose value a bypassed node passes on through output `index` to an input of type `wanted`.

    The input in the same position if the types allow it, else the first of exactly the wanted type, else the first
    that may be linked at all. For a consumer that takes anything, the position alone counts.
    """
    at = slots[index] if 0 <= index < len(slots) else None
    if wanted in (WILDCARD, "", 0, None):
        return at if at is not None else next(iter(slots), None)

    def fits(slot: Slot) -> bool:
        return connectable(slot.type, output_type) and connectable(slot.type, wanted)

    if at is not None and fits(at):
        return at
    exact = next((slot for slot in slots if slot.type == wanted), None)
    return exact or next((slot for slot in slots if fits(slot)), None)
