"""What the editor shows of each member of a scope: its slots with their types, its widgets, its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.catalog.signature import MATCH_TYPE, WILDCARD, Matched
from wftools.convert.to_ui.forms import Form, form, unwrapped
from wftools.convert.to_ui.rebuilt import INPUTS, Endpoint, Source, unused
from wftools.convert.to_ui.sizes import body, node_size
from wftools.convert.to_ui.types import Types
from wftools.graph.model import NodePath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.signature import Input as DeclaredInput
    from wftools.convert.to_ui.rebuilt import Id, Input, Scope
    from wftools.convert.to_ui.signatures import Signatures
    from wftools.graph.model import View
    from wftools.graph.widget_values import Widget
    from wftools.graph.widget_values.order import SavedValue

_UNDECIDED: Final = frozenset({WILDCARD, MATCH_TYPE})


@dataclass(frozen=True, slots=True)
class InputSlot:
    """An input slot of a member."""

    name: str
    type: str
    is_widget: bool = False
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class OutputSlot:
    """An output slot of a member."""

    name: str
    type: str
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A member of a scope as the editor shows it."""

    title: str | None  # if it is not the one that all nodes of its type have
    inputs: tuple[InputSlot, ...]
    outputs: tuple[OutputSlot, ...]
    widgets: tuple[SavedValue, ...]  # the saved values with their names, companions included
    size: tuple[float, float]


class Blocks:
    """The blocks of all members of all scopes of a prompt."""

    def __init__(self, view: View, signatures: Signatures) -> None:
        self._signatures = signatures
        self._types = Types(view, signatures)
        self._forms: dict[tuple[Scope, Id], Form] = {}
        self._blocks: dict[tuple[Scope, Id], Block] = {}

    def block(self, scope: Scope, id_: Id) -> Block:
        """The block of a member."""
        if (scope, id_) not in self._blocks:
            self._blocks[scope, id_] = self._instance(scope, id_) if id_ in scope.hosts else self._node(scope, id_)
        return self._blocks[scope, id_]

    def inputs(self, scope: Scope) -> tuple[InputSlot, ...]:
        """The inputs of a subgraph."""
        return tuple(
            InputSlot(each.name, self._input_type(scope, each), self._promoted(scope, each) is not None)
            for each in scope.inputs
        )

    def outputs(self, scope: Scope) -> tuple[OutputSlot, ...]:
        """The outputs of a subgraph, named after what they lead out."""
        named: dict[str, OutputSlot] = {}
        for endpoint in scope.outputs:
            slot = self.block(scope, endpoint.id).outputs[endpoint.slot]
            name = unused(slot.name, named)
            named[name] = OutputSlot(name, self.type(scope, endpoint), slot.is_list)
        return tuple(named.values())

    def type(self, scope: Scope, endpoint: Endpoint) -> str:
        """The type of what an endpoint gives."""
        if endpoint.id == INPUTS:
            return self._input_type(scope, scope.inputs[endpoint.slot])
        return self._types.output(_source(scope, scope.uses[0], endpoint))

    # Nodes of the prompt

    def _node(self, scope: Scope, id_: Id) -> Block:
        node, shape = scope.leaves[id_][0], self._form(scope, id_)
        inputs = tuple(
            InputSlot(each.name, self._slot_type(scope, id_, each), shape.has_widget(each.name), each.required)
            for each in shape.slots
        )
        default = self._signatures.title(node.type)
        title = node.title if node.title and node.title != default else None
        outputs = tuple(self._node_outputs(scope, id_, shape))
        return Block(title, inputs, outputs, shape.binding.saved, node_size(shape, title or default))

    def _form(self, scope: Scope, id_: Id) -> Form:
        if (scope, id_) not in self._forms:
            node = scope.leaves[id_][0]
            self._forms[scope, id_] = form(self._signatures.of(node), scope.values[id_], scope.wires[id_])
        return self._forms[scope, id_]

    def _slot_type(self, scope: Scope, id_: Id, declared: DeclaredInput) -> str:
        """A declared type, or where anything goes that of what comes in."""
        if declared.type in _UNDECIDED and declared.name in scope.wires[id_]:
            return self.type(scope, scope.wires[id_][declared.name])
        return declared.dynamic.allowed if isinstance(declared.dynamic, Matched) else declared.type

    def _node_outputs(self, scope: Scope, id_: Id, shape: Form) -> Iterator[OutputSlot]:
        declared = shape.signature.outputs if shape.signature is not None else ()
        for slot in range(max(len(declared), scope.used.get(id_, 0))):
            kind = self.type(scope, Endpoint(id_, slot))
            known = declared[slot] if slot < len(declared) else None
            yield OutputSlot(known.name, kind, known.is_list) if known else OutputSlot(f"output_{slot}", kind)

    # Instances of subgraphs

    def _instance(self, scope: Scope, id_: Id) -> Block:
        inside = scope.hosts[id_]
        inputs, outputs = self.inputs(inside), self.outputs(inside)
        promoted = ((each.name, self._promoted(inside, each)) for each in inside.inputs)
        own = {name: widget.value for name, widget in promoted if widget is not None}
        given = {name: unwrapped(value) for name, value in scope.values[id_].items() if name in own}
        widgets = tuple({**own, **given}.items())
        sockets = [each.name for each in inputs if not each.is_widget]
        names = [name for name, _ in widgets]
        size = body(f"Subgraph {id_}", sockets, [each.name for each in outputs], names, places=len(names))
        return Block(None, inputs, outputs, widgets, size)

    def _promoted(self, scope: Scope, each: Input) -> Widget | None:
        """The widget that an input of a subgraph stands for; None if it stands for a socket."""
        id_, name = each.target
        if id_ in scope.hosts:
            return self._promoted(scope.hosts[id_], scope.hosts[id_].input(name))
        return self._form(scope, id_).binding.widgets.get(name)

    def _input_type(self, scope: Scope, each: Input) -> str:
        for content in each.contents:
            if isinstance(content, Source):
                return self._types.output(content)
        id_, name = each.target
        if id_ in scope.hosts:
            return self._input_type(scope.hosts[id_], scope.hosts[id_].input(name))
        slots = {slot.name: slot.type for slot in self._form(scope, id_).slots}
        return slots.get(name, WILDCARD)


def _source(scope: Scope, use: str, endpoint: Endpoint) -> Source:
    """The node of the prompt behind an endpoint, in one use of a scope."""
    if endpoint.id not in scope.hosts:
        return Source(NodePath(f"{use}{endpoint.id}"), endpoint.slot)
    inside = scope.hosts[endpoint.id]
    return _source(inside, f"{use}{endpoint.id}:", inside.outputs[endpoint.slot])
