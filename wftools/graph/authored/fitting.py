"""How badly a signature of a pack of custom nodes fits a saved node: by its slots, and by its values."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.catalog.signature import COMBO, WILDCARD
from wftools.catalog.variant import Misfit
from wftools.graph.widget_values.added import as_named_today, is_shown_only
from wftools.graph.widget_values.order import is_forced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from wftools.catalog.signature import NodeSignature
    from wftools.document.ui import InputSlot, UiNode
    from wftools.graph.widget_values import Binding

_NO_SOCKET: Final = 1  # rather a version that had the widget
_NUMBER: Final = re.compile(r"\d+")


def misfit_of_pack(signature: NodeSignature, node: UiNode, binding: Binding, given: Mapping[str, Any]) -> Misfit:
    """How badly it fits. `given` are the values as it binds them, and the links."""
    slots, values = node.inputs or (), node.widgets_values
    declared = expand(signature, given)
    bound = {name for name, widget in binding.widgets.items() if widget.declared is not None}
    known = {*declared, *bound, *signature.hidden}
    sockets = {slot.name for slot in slots if slot.widget is None}
    lacking = sum(each.required and name not in given and name not in sockets for name, each in declared.items())
    foreign = set() if signature.is_flexible else set(_foreign(_told(slots, values), known))
    if isinstance(values, dict):
        foreign |= values.keys() - as_named_today(signature, values).keys()
        lacking += sum(widget.key is None for widget in binding.widgets.values())
    turned = len(turned_into_sockets(signature, node))
    more = sum(name not in known for name in sockets) if not signature.is_flexible else 0
    outputs = node.outputs or ()
    others = sum(
        not _is_like(saved.type, known.type) for saved, known in zip(outputs, signature.outputs, strict=False)
    ) + sum(slot.name in declared and not _is_like(slot.type, declared[slot.name].type) for slot in slots)
    fewer = max(len(signature.outputs) - len(outputs), 0) if outputs else 0
    return Misfit(len(foreign), binding.cost + turned * _NO_SOCKET + others, lacking + more + fewer, 0)


def _is_like(saved: object, declared: str) -> bool:
    """Whether a slot of this type may have been saved by an editor that was told of that type."""
    if not isinstance(saved, str) or _ANY.intersection((saved, declared)) or declared.startswith("COMFY_"):
        return True
    return not {*saved.split(",")}.isdisjoint(declared.split(","))


_ANY: Final = frozenset({WILDCARD, "", COMBO})


def turned_into_sockets(signature: NodeSignature, node: UiNode) -> frozenset[str]:
    """The inputs that are sockets by a signature, and were widgets when a node was saved.

    Editors save every socket of a node, linked or not, and for a widget that was turned into an input its name.
    """
    slots = node.inputs or ()
    sockets = {slot.name for slot in slots if slot.widget is None}
    widgets = {slot.widget.name for slot in slots if slot.widget is not None}
    forced = {each.name for each in signature.inputs if is_forced(each)}
    is_saved_whole = bool(slots or node.outputs)  # a node without an input has no list of them
    return frozenset(forced & widgets | (forced - sockets if is_saved_whole else frozenset()))


def with_widgets(signature: NodeSignature, names: Collection[str]) -> NodeSignature:
    """The signature with widgets for some inputs that are sockets by it."""
    inputs = (
        replace(each, options={**each.options, "forceInput": False}) if each.name in names else each
        for each in signature.inputs
    )
    return replace(signature, inputs=tuple(inputs))


def _told(slots: Sequence[InputSlot], values: Sequence[Any] | Mapping[str, Any] | None) -> Iterator[str]:
    """The names of inputs that the file itself says are used."""
    for slot in slots:
        if slot.widget is not None:
            yield slot.widget.name
        elif slot.link is not None:
            yield slot.name
    if isinstance(values, dict):
        yield from (name for name, value in values.items() if not is_shown_only(name, value))


def _foreign(names: Iterator[str], known: Collection[str]) -> Iterator[str]:
    """Names that are not known; of inputs that grow by connecting, one is declared: `image_7` is as `image_1`."""
    growing = {_NUMBER.sub("#", name) for name in known if _NUMBER.search(name)}
    return (name for name in names if name not in known and _NUMBER.sub("#", name) not in growing)
