"""What the editor has to know of a node and a prompt does not say: its slots, and the order of its widgets."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.catalog.literals import WRAPPED
from wftools.catalog.signature import WILDCARD
from wftools.catalog.signature import Input as DeclaredInput
from wftools.convert.to_ui.rebuilt import INPUTS, Endpoint, Input, subgraphs, unused
from wftools.graph.authored.slots import declared_slots
from wftools.graph.sending import CURVE, resolved
from wftools.graph.widget_values import Binding, bind_named, bind_unknown, is_widget
from wftools.graph.widget_values.order import CONTROLLED, SEEDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from wftools.catalog.signature import NodeSignature
    from wftools.convert.to_ui.rebuilt import Id, Scope
    from wftools.convert.to_ui.signatures import Signatures
    from wftools.graph.widget_values.order import SavedValue

# What would be taken for a comment or a choice, if it stood in a prompt as it is.
_COMMENT: Final = re.compile(r"(?<=/)[/*]")
_CHOICE: Final = re.compile(r"[{}|]")


@dataclass(frozen=True, slots=True)
class Form:
    """The slots and widgets of one node."""

    signature: NodeSignature | None  # None for an unknown type
    slots: tuple[DeclaredInput, ...]  # sockets and linked widgets, in the editor's order
    binding: Binding  # the values of its widgets, companions included

    def has_widget(self, name: str) -> bool:
        """Whether an input has a widget."""
        return name in self.binding.widgets

    def holds(self, name: str, value: Any) -> bool:
        """Whether a widget can hold a literal of a prompt so that the editor sends it like that."""
        widget = self.binding.widgets.get(name)
        if widget is None or widget.declared is None:
            return widget is not None
        if is_dynamic(widget.declared, value):
            return bool(resolved(escaped(value), random.Random(0)) == value)
        return widget.declared.type != CURVE or unwrapped(value) is not value


def form(signature: NodeSignature | None, values: Mapping[str, Any], linked: Collection[str]) -> Form:
    """The form of a node of a prompt: its signature, its literals, and which of its inputs are linked."""
    plain = {name: unwrapped(value) for name, value in values.items()}
    if signature is None:
        binding = replace(bind_unknown((), None, plain), saved=tuple(_guessed(plain)))
        return Form(None, tuple(DeclaredInput(name, WILDCARD) for name in linked), binding)
    for name, each in expand(signature, plain).items():
        if name in plain and is_dynamic(each, plain[name]):
            plain[name] = escaped(plain[name])
    binding = bind_named(signature, plain)
    declared = declared_slots(signature, binding, [name for name in linked if "." in name])
    slots = [each for each in declared if each.name in linked or not is_widget(each)]
    known = {each.name for each in slots}
    return Form(signature, (*slots, *(DeclaredInput(name, WILDCARD) for name in linked if name not in known)), binding)


def _guessed(values: Mapping[str, Any]) -> Iterator[SavedValue]:
    """The places of widgets in the order of the prompt; the editor adds a control to whatever is called a seed."""
    for name, value in values.items():
        yield name, value
        if name.rpartition(".")[2] in SEEDS and isinstance(value, int):
            yield CONTROLLED


def is_dynamic(declared: DeclaredInput, value: Any) -> bool:
    """Whether the editor takes comments and choices out of a value when a workflow is queued."""
    return bool(declared.options.get("dynamicPrompts")) and isinstance(value, str)


def unwrapped(value: Any) -> Any:
    """A literal as the editor holds it: a list, which the server would take for a link, is wrapped in a prompt."""
    if isinstance(value, dict) and (isinstance(value.get(WRAPPED), list) or value.get("__type__") == CURVE):
        return value.get(WRAPPED)
    return value


def escaped(text: str) -> str:
    r"""A text that the editor turns into this one when a workflow is queued: `\{` for `{`, and `/{/}` for `//`."""
    return _COMMENT.sub(r"{\g<0>}", _CHOICE.sub(r"\\\g<0>", text))


def promote(root: Scope, signatures: Signatures) -> None:
    """Move values to the instances of subgraphs where only that keeps them."""
    scopes = subgraphs(root)
    for scope in scopes:
        forms = {
            id_: form(signatures.of(nodes[0]), scope.values[id_], scope.wires[id_])
            for id_, nodes in scope.leaves.items()
        }
        owners = [(owner, host) for owner in (*scopes, root) for host, inside in owner.hosts.items() if inside is scope]
        for id_, shape in forms.items():
            for name, value in list(scope.values[id_].items()):
                if name not in scope.wires[id_] and not shape.holds(name, value):
                    _move(scope, id_, name, forms, owners)


def _move(scope: Scope, id_: Id, name: str, forms: Mapping[Id, Form], owners: list[tuple[Scope, Id]]) -> None:
    """Give the value of an input to the instances of its scope, if there is a widget that can stand for it."""
    value = scope.values[id_][name]
    holder = (id_, name) if forms[id_].has_widget(name) else _holder(scope, forms, value)
    if holder is None:
        return
    member, widget = holder
    known = scope.wires[member].get(widget)
    if known is None:
        own = unused(widget.rpartition(".")[2], {each.name for each in scope.inputs})
        known = Endpoint(INPUTS, len(scope.inputs))
        scope.inputs.append(Input(own, holder, (value,) * len(scope.uses)))
        scope.wires[member][widget] = known
        for owner, host in owners:
            owner.values[host][own] = value
    if holder != (id_, name):
        scope.wires[id_][name] = known
        del scope.values[id_][name]


def _holder(scope: Scope, forms: Mapping[Id, Form], value: Any) -> tuple[Id, str] | None:
    """A widget in the scope with the same value: an input of a subgraph stands for a widget, and feeds others too."""
    for id_, shape in forms.items():
        for name, other in scope.values[id_].items():
            if shape.has_widget(name) and type(other) is type(value) and other == value:
                known = scope.wires[id_].get(name)
                if known is None or _is_given(scope, known, value):
                    return id_, name
    return None


def _is_given(scope: Scope, endpoint: Endpoint, value: Any) -> bool:
    return endpoint.id == INPUTS and all(content == value for content in scope.inputs[endpoint.slot].contents)
