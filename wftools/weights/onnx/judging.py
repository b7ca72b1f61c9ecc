"""What a file must not have, and the facts of one that may be used."""

from __future__ import annotations

import math
from collections import ChainMap, Counter
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from wftools.errors import shown
from wftools.weights.faults import ModelFileError
from wftools.weights.onnx import messages
from wftools.weights.onnx.model import MAX_NODES, Function, Graph, Model, Node, Value, read_model
from wftools.weights.onnx.operators import is_known
from wftools.weights.onnx.sizes import UNKNOWN, Call, Known, constant, made, told
from wftools.weights.onnx.tensors import Stored, few_numbers, read_shape, read_tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wftools.weights.faults import Doubt
    from wftools.weights.onnx.wire import Message, Wire

VERSIONS: Final = range(3, 15)  # of the format; before 3 no file said which operators it has
OPERATOR_SETS: Final = range(1, 29)

MAX_DEPTH: Final = 16  # of graphs in graphs, and of functions in functions
MAX_UNFOLDED: Final = 50_000  # nodes of functions, which each stand once and count wherever they are called
MAX_TURNS: Final = 2**20  # of a loop that nothing but its count ends, and of loops in it

# Elements that are made of constants when a session is opened: some tables, and copies of what the file has.
MADE_AT_LEAST: Final = 2**28
MADE_OF_EACH: Final = 8
MAX_ELEMENTS: Final = 2**32  # of one value: attention over 128 x 128 cells has 2**28

_INT64: Final = 7
_BOOL: Final = 9

Scope = ChainMap[str, Known]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says of itself."""

    version: int  # of ONNX's format
    producer: str
    opsets: Mapping[str, int]  # domain -> version of its operators; ONNX's own domain is the empty one
    metadata: Mapping[str, str]
    inputs: tuple[Value, ...]  # without those that the file has itself
    outputs: tuple[Value, ...]
    operators: Mapping[str, int]  # how many nodes of each: "Conv", "com.microsoft.Attention"


@dataclass(frozen=True, slots=True)
class Judged:
    """A file that may be used."""

    facts: Facts
    tensors: Mapping[str, Stored]  # the initialisers, by the names that the file has for them
    doubts: tuple[Doubt, ...]


def judge(wire: Wire, folder: Path) -> Judged:
    """Read all of a file that lies in a folder. Raises ModelFileError, with the offset, for what must not be used."""
    model = read_model(wire)
    if model.version not in VERSIONS:
        raise ModelFileError(
            "ONNX_VERSION", f"the file is in version {model.version} of ONNX's format", offset=0, hint=_READ
        )
    opset = model.opsets.get("", 0)
    if opset not in OPERATOR_SETS:
        said = f"version {opset} of ONNX's operators" if "" in model.opsets else "no version of ONNX's operators"
        raise ModelFileError("ONNX_VERSION", f"the file names {said}", offset=0, hint=_READ)
    walk = _Walk(model, folder)
    tensors, scope = walk.graph(model.graph, Scope(), 0, 1)
    for graph in model.training:
        walk.graph(graph, scope, 1, 1)
    walk.uncalled()
    facts = Facts(
        model.version,
        model.producer,
        model.opsets,
        model.metadata,
        tuple(each for each in model.graph.inputs if each.name not in tensors),
        model.graph.outputs,
        dict(sorted(walk.operators.items())),
    )
    return Judged(facts, tensors, tuple(wire.doubts.values()))


_READ: Final = f"versions {VERSIONS[0]} to {VERSIONS[-1]} are read, and operator sets up to {OPERATOR_SETS[-1]}"


def _refuse(code: str, message: str, at: int) -> NoReturn:
    raise ModelFileError(code, message, offset=at)


class Walked(NamedTuple):
    """A graph's initialisers, and what is known of all its values."""

    tensors: dict[str, Stored]
    scope: Scope


@dataclass
class _Walk:
    """One way through all graphs, in the order in which they would run."""

    model: Model
    folder: Path
    operators: Counter[str] = field(default_factory=Counter)
    nodes_left: int = MAX_NODES
    unfolded_left: int = MAX_UNFOLDED
    elements_left: int = MADE_AT_LEAST
    called: set[tuple[str, str]] = field(default_factory=set)  # functions
    unfolding: int = 0  # how deep in functions it is

    @property
    def wire(self) -> Wire:
        return self.model.wire

    def graph(self, graph: Graph, outer: Scope, depth: int, turns: int, given: Sequence[Known] = ()) -> Walked:
        """Everything in a graph of which a loop makes so many turns; `given` is what is known of its inputs."""
        if depth > MAX_DEPTH:
            _refuse("ONNX_SYNTAX", f"graphs stand in graphs {depth} deep", graph.message.start)
        scope = outer.new_child({})
        for index, value in enumerate(graph.inputs):
            scope[value.name] = given[index] if index < len(given) else _declared(value)
        for value in chain(graph.outputs, graph.between):
            _declared(value)
        tensors = self._initialisers(graph)
        for name, stored in tensors.items():
            scope[name] = constant(stored.shape, few_numbers(stored, self.wire), stored.kind)
        self._nodes(graph.nodes, scope, depth, turns)
        for value in graph.outputs:
            if value.name not in scope:
                _refuse("ONNX_SYNTAX", f"nothing makes the output {shown(value.name)}", value.at)
        return Walked(tensors, scope)

    def uncalled(self) -> None:
        """The functions that no node stands for: what they would do is not for models either."""
        for key, function in self.model.functions.items():
            if key not in self.called:
                self._called(key, function, Call(key[1], (), {}, self.wire, function.message.start), 0, 1)

    def _initialisers(self, graph: Graph) -> dict[str, Stored]:
        tensors: dict[str, Stored] = {}
        for message in graph.initialisers:
            stored = self._stored(message)
            if not stored.name or stored.name in tensors:
                problem = f"two tensors have the name {shown(stored.name)}" if stored.name else "a tensor has no name"
                _refuse("ONNX_DUPLICATE", problem, message.start)
            tensors[stored.name] = stored
        for message in graph.sparse_initialisers:
            self._sparse(message)
            _refuse("ONNX_DTYPE", "a tensor is stored without its zeros, which is not read", message.start)
        return tensors

    def _stored(self, message: Message) -> Stored:
        stored = read_tensor(message, self.wire, self.folder)
        self.elements_left += MADE_OF_EACH * stored.elements
        return stored

    def _sparse(self, message: Message) -> None:
        """A tensor of which only some numbers are stored takes as much as any when it is used."""
        elements = math.prod(read_shape(message, ""))
        if elements > MADE_AT_LEAST:
            problem = f"a tensor of {shown(elements)} elements is stored without its zeros"
            _refuse("ONNX_RESOURCE", problem, message.start)
        for name in ("values", "indices"):
            part = message.message(name, messages.TENSOR)
            if part is not None:
                self._stored(part)

    def _nodes(self, nodes: Iterable[Node], scope: Scope, depth: int, turns: int) -> None:
        own = scope.maps[0]
        for node in nodes:
            self.nodes_left -= 1
            self.unfolded_left -= bool(self.unfolding)
            if self.nodes_left < 0 or self.unfolded_left < 0:
                _refuse("ONNX_RESOURCE", "the file unfolds to more nodes than any network has", node.at)
            missing = next((name for name in node.inputs if name and name not in scope), None)
            if missing is not None:
                problem = f"a {shown(node.op)} takes {shown(missing)}, which nothing before it makes"
                _refuse("ONNX_SYNTAX", problem, node.at)
            given = [scope.get(name) if name else None for name in node.inputs]
            known = self._node(node, Call(node.op, given, node.attributes, self.wire, node.at), scope, depth, turns)
            for index, name in enumerate(node.outputs):
                if name and name in own:
                    _refuse("ONNX_DUPLICATE", f"two nodes make {shown(name)}", node.at)
                own[name] = known if index == 0 else Known(is_constant=known.is_constant)

    def _node(self, node: Node, call: Call, scope: Scope, depth: int, turns: int) -> Known:
        function = self.model.functions.get((node.domain, node.op))
        if function is None and not is_known(node.domain, node.op):
            owner = f"the set {shown(node.domain)}" if node.domain else "ONNX's own set"
            _refuse("ONNX_OP", f"the operator {shown(node.op)} of {owner} is not one that models are made of", node.at)
        if not self.unfolding:
            self.operators[f"{node.domain}.{node.op}" if node.domain else node.op] += 1
        if function is not None:
            return self._called((node.domain, node.op), function, call, depth, turns)
        stored = [self._stored(each) for each in _tensors(call)]
        for sparse in _sparse_tensors(call):
            self._sparse(sparse)
        if node.op == "Loop":
            self._loop(call, scope, depth, turns)
        else:
            for body in _bodies(call):
                self.graph(body, scope, depth + 1, turns)
        known = self._made(node, call, stored)
        if known.is_constant:
            self.elements_left -= known.least
        if known.least > MAX_ELEMENTS or self.elements_left < 0:
            _refuse("ONNX_RESOURCE", f"a {node.op} would make {shown(known.least)} elements", node.at)
        return known

    def _made(self, node: Node, call: Call, stored: Sequence[Stored]) -> Known:
        if node.domain:
            return UNKNOWN
        if node.op != "Constant":
            known = made(call)
            fill = few_numbers(stored[0], self.wire) if node.op == "ConstantOfShape" and stored else (0,)
            if node.op == "ConstantOfShape" and known.numbers is not None and fill:
                known = replace(known, numbers=fill * known.least)
            return known
        if stored:
            return constant(stored[0].shape, few_numbers(stored[0], self.wire), stored[0].kind)
        return told(call)

    def _loop(self, call: Call, scope: Scope, depth: int, turns: int) -> None:
        """The body of a loop, which must end: by its count, or by what its body says."""
        counts = call.input(0).numbers or (None,)
        count = counts[0] if call.has(0) else math.inf
        inner = turns * int(count) if count is not None and count <= MAX_TURNS else turns
        for body in _bodies(call):
            walked = self.graph(body, scope, depth + 1, inner, (Known((), kind=_INT64), constant((), (1,), _BOOL)))
            more = walked.scope[body.outputs[0].name] if body.outputs else UNKNOWN
            if count is not None and turns * count > MAX_TURNS and more.is_constant and more.numbers != (0,):
                _refuse("ONNX_RESOURCE", f"a loop has {'no end' if count == math.inf else f'{count:,} turns'}", call.at)

    def _called(self, key: tuple[str, str], function: Function, call: Call, depth: int, turns: int) -> Known:
        """What a function makes, unfolded as a session does it."""
        if depth > MAX_DEPTH:
            _refuse("ONNX_RESOURCE", f"functions stand in functions {depth} deep", call.at)
        self.called.add(key)
        self.unfolding += 1
        known = {name: call.input(index) for index, name in enumerate(function.inputs)}
        scope = Scope(known)
        given = {**function.attributes, **call.attributes}
        self._nodes((_filled(node, given) for node in function.nodes), scope, depth + 1, turns)
        self.unfolding -= 1
        return scope.get(function.outputs[0], UNKNOWN) if function.outputs else UNKNOWN


def _declared(value: Value) -> Known:
    """What is said of a value. Raises ModelFileError for one that is larger than any network's."""
    if value.shape is None:
        return UNKNOWN
    known = Known(tuple(size if isinstance(size, int) else None for size in value.shape))
    if known.least > MAX_ELEMENTS:
        _refuse("ONNX_RESOURCE", f"{shown(value.name)} is to have {shown(known.least)} elements", value.at)
    return known


def _filled(node: Node, given: Mapping[str, Message]) -> Node:
    """A node of a function, with the attributes of the call in place of those that refer to them."""
    if not any(each.has("ref_attr_name") for each in node.attributes.values()):
        return node
    attributes = {}
    for name, attribute in node.attributes.items():
        refers = attribute.text("ref_attr_name")
        if not refers:
            attributes[name] = attribute
        elif refers in given:
            attributes[name] = given[refers]
    return replace(node, attributes=attributes)


def _tensors(call: Call) -> Iterator[Message]:
    for attribute in call.attributes.values():
        for name in ("t", "tensors"):
            yield from attribute.messages(name, messages.TENSOR)


def _sparse_tensors(call: Call) -> Iterator[Message]:
    for attribute in call.attributes.values():
        for name in ("sparse_tensor", "sparse_tensors"):
            yield from attribute.messages(name, messages.SPARSE_TENSOR)


def _bodies(call: Call) -> Iterator[Graph]:
    for attribute in call.attributes.values():
        for name in ("g", "graphs"):
            yield from map(Graph, attribute.messages(name, messages.GRAPH))
