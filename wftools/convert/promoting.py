"""Values that a node can only have from outside: they are given to the instance of its subgraph instead.

What an instance is given is passed on as it is, to inputs without a widget as well. What a widget of a node holds, the
editor may change when a workflow is queued.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.convert.forms import form
from wftools.convert.scope import INPUTS, Endpoint, Input, subgraphs, unused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.convert.fitting import Signatures
    from wftools.convert.forms import Form
    from wftools.convert.scope import Id, Scope


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
