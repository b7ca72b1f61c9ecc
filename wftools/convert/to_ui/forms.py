"""What the editor has to know of a node and a prompt does not say: its slots, and which values its widgets hold."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.catalog.literals import WRAPPED
from wftools.catalog.signature import WILDCARD, Input
from wftools.convert.to_ui.rebuilt import INPUT_NODE, below
from wftools.graph.authored.slots import declared_slots
from wftools.graph.sending import CURVE, resolved
from wftools.graph.widget_values import Binding, bind_named, bind_unknown, is_widget
from wftools.graph.widget_values.order import CONTROLLED, SEEDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from wftools.catalog.signature import NodeSignature
    from wftools.convert.to_ui.rebuilt import Id, Subgraph
    from wftools.graph.widget_values.order import SavedValue

# What would be taken for a comment or a choice, if it stood in a prompt as it is.
_COMMENT: Final = re.compile(r"(?<=/)[/*]")
_CHOICE: Final = re.compile(r"[{}|]")


@dataclass(frozen=True, slots=True)
class NodeForm:
    """The slots and widgets of one node."""

    signature: NodeSignature | None  # None for an unknown type
    slots: tuple[Input, ...]  # sockets and linked widgets, in the editor's order
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


def node_form(signature: NodeSignature | None, values: Mapping[str, Any], linked: Collection[str]) -> NodeForm:
    """The form of a node of a prompt: its signature, its literals, and which of its inputs are linked."""
    plain = {name: unwrapped(value) for name, value in values.items()}
    if signature is None:
        binding = replace(bind_unknown((), None, plain), saved=tuple(_guessed(plain)))
        return NodeForm(None, tuple(Input(name, WILDCARD) for name in linked), binding)
    for name, each in expand(signature, plain).items():
        if name in plain and is_dynamic(each, plain[name]):
            plain[name] = escaped(plain[name])
    binding = bind_named(signature, plain)
    declared = declared_slots(signature, binding, [name for name in linked if "." in name])
    slots = [each for each in declared if each.name in linked or not is_widget(each)]
    known = {each.name for each in slots}
    return NodeForm(signature, (*slots, *(Input(name, WILDCARD) for name in linked if name not in known)), binding)


def _guessed(values: Mapping[str, Any]) -> Iterator[SavedValue]:
    """The places of widgets in the order of the prompt; the editor adds a control to whatever is called a seed."""
    for name, value in values.items():
        yield name, value
        if name.rpartition(".")[2] in SEEDS and isinstance(value, int):
            yield CONTROLLED


def is_dynamic(declared: Input, value: Any) -> bool:
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


def promote(root: Subgraph) -> None:
    """Give values that a node can only have from outside to the instances of its subgraph instead.

    What an instance is given is passed on as it is, to inputs without a widget as well. What a widget of a node holds,
    the editor may change when a workflow is queued.
    """
    inner = below(root)
    owners: dict[Subgraph, list[tuple[Subgraph, Id]]] = {}
    for owner in (*inner, root):
        for host, inside in owner.hosts.items():
            owners.setdefault(inside, []).append((owner, host))
    for subgraph in inner:
        forms = {
            id_: node_form(nodes[0].signature, subgraph.values[id_], subgraph.wires[id_])
            for id_, nodes in subgraph.leaves.items()
        }
        holders: dict[str, tuple[Id, str]] | None = None
        for id_, form in forms.items():
            for name, value in list(subgraph.values[id_].items()):
                if name in subgraph.wires[id_] or form.holds(name, value):
                    continue
                if form.has_widget(name):
                    _give_from_outside(subgraph, (id_, name), value, owners[subgraph])
                    continue
                holders = _holders(subgraph, forms) if holders is None else holders
                holder = holders.get(_spelled(value))
                if holder is not None:
                    _give_from_outside(subgraph, holder, value, owners[subgraph])
                    subgraph.wires[id_][name] = subgraph.wires[holder[0]][holder[1]]
                    del subgraph.values[id_][name]


def _holders(subgraph: Subgraph, forms: Mapping[Id, NodeForm]) -> dict[str, tuple[Id, str]]:
    """For each value in a subgraph the first widget that has it and could have it from outside.

    An input of a subgraph stands for a widget, and may feed inputs without one too.
    """
    found: dict[str, tuple[Id, str]] = {}
    for id_, form in forms.items():
        for name, value in subgraph.values[id_].items():
            source = subgraph.wires[id_].get(name)
            is_alike = source is None or (
                source.id == INPUT_NODE and all(content == value for content in subgraph.inputs[source.slot].contents)
            )
            if form.has_widget(name) and is_alike:
                found.setdefault(_spelled(value), (id_, name))
    return found


def _give_from_outside(
    subgraph: Subgraph, widget: tuple[Id, str], value: Any, owners: Iterable[tuple[Subgraph, Id]]
) -> None:
    """Let a widget inside a subgraph be given its value by the instances, if it is not yet."""
    id_, name = widget
    if name not in subgraph.wires[id_]:
        subgraph.wires[id_][name] = subgraph.add_input(widget, (value,) * len(subgraph.uses))
        own = subgraph.inputs[-1].name
        for owner, host in owners:
            owner.values[host][own] = value


def _spelled(value: Any) -> str:
    """What equal values have in common; 1, 1.0 and true are not equal."""
    return json.dumps(value, sort_keys=True)
