"""A model as it stands in its file: graphs, nodes, functions, and what goes in and comes out. Nothing is judged yet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from wftools.weights.faults import ModelFileError
from wftools.weights.onnx import messages
from wftools.weights.onnx.tensors import ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.weights.onnx.wire import Message, Wire

MAX_NODES: Final = 100_000  # of one file: networks unrolled have some 20,000
OWN_DOMAIN: Final = "ai.onnx"  # which is also written as an empty text

Size = int | str | None  # of a dimension: a number, a name that stands for any, or nothing said


@dataclass(frozen=True, slots=True)
class Value:
    """What goes into a graph, or comes out."""

    name: str
    dtype: str  # as in `TensorInfo`; ONNX's name where torch has no such type; empty for what is no tensor
    shape: tuple[Size, ...] | None  # None: nothing is said
    at: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """One operation."""

    op: str
    domain: str  # empty for ONNX's own
    inputs: tuple[str, ...]  # an empty one stands for one that is left out
    outputs: tuple[str, ...]
    attributes: dict[str, Message]
    at: int


@dataclass(frozen=True)
class Graph:
    """Nodes between inputs and outputs."""

    message: Message

    @cached_property
    def inputs(self) -> tuple[Value, ...]:
        """What goes in; older files list the initialisers, too."""
        return tuple(map(_value, self.message.messages("input", messages.VALUE)))

    @cached_property
    def outputs(self) -> tuple[Value, ...]:
        """What comes out."""
        return tuple(map(_value, self.message.messages("output", messages.VALUE)))

    @property
    def between(self) -> Iterator[Value]:
        """What is said of values in between."""
        return map(_value, self.message.messages("value_info", messages.VALUE))

    @property
    def nodes(self) -> Iterator[Node]:
        """The nodes in order, read anew."""
        return map(read_node, self.message.messages("node", messages.NODE))

    @property
    def initialisers(self) -> Iterator[Message]:
        """The stored tensors."""
        return self.message.messages("initializer", messages.TENSOR)

    @property
    def sparse_initialisers(self) -> Iterator[Message]:
        """Those of which only what is not zero is stored."""
        return self.message.messages("sparse_initializer", messages.SPARSE_TENSOR)


@dataclass(frozen=True)
class Function:
    """Nodes that stand for one of another name."""

    message: Message

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names of what goes in."""
        return tuple(self.message.texts("input"))

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The names of what comes out."""
        return tuple(self.message.texts("output"))

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes in order."""
        return tuple(map(read_node, self.message.messages("node", messages.NODE)))

    @cached_property
    def attributes(self) -> dict[str, Message]:
        """Attributes that have a value where a call gives none."""
        return {each.text("name"): each for each in self.message.messages("attribute_proto", messages.ATTRIBUTE)}


@dataclass(frozen=True)
class Model:
    """All that a file says."""

    wire: Wire
    version: int  # of ONNX's format
    producer: str
    opsets: dict[str, int]  # domain -> version of its operators
    metadata: dict[str, str]
    graph: Graph
    functions: dict[tuple[str, str], Function]  # (domain, name)
    training: tuple[Graph, ...]  # what only a training runs


def read_model(wire: Wire) -> Model:
    """The model in a file. Raises ModelFileError for what is none."""
    model = wire.message([(0, len(wire.data))], messages.MODEL)
    graph = model.message("graph", messages.GRAPH)
    if graph is None:
        raise ModelFileError("ONNX_SYNTAX", "the file has no graph", offset=len(wire.data))
    functions: dict[tuple[str, str], Function] = {}
    for message in model.messages("functions", messages.FUNCTION):
        key = plain_domain(message.text("domain")), message.text("name")
        if key in functions:
            raise ModelFileError("ONNX_DUPLICATE", f"two functions have the name {key[1]!r}", offset=message.start)
        functions[key] = Function(message)
    training = [
        graph
        for each in model.messages("training_info", messages.TRAINING)
        for name in ("initialization", "algorithm")
        if (graph := each.message(name, messages.GRAPH)) is not None
    ]
    said = model.messages("opset_import", messages.OPERATOR_SET)
    return Model(
        wire,
        model.number("ir_version"),
        f"{model.text('producer_name')} {model.text('producer_version')}".strip(),
        {plain_domain(each.text("domain")): each.number("version") for each in said},
        {each.text("key"): each.text("value") for each in model.messages("metadata_props", messages.ENTRY)},
        Graph(graph),
        functions,
        tuple(map(Graph, training)),
    )


def plain_domain(domain: str) -> str:
    """A domain, ONNX's own being the empty one."""
    return "" if domain == OWN_DOMAIN else domain


def read_node(message: Message) -> Node:
    """A node as it stands."""
    return Node(
        message.text("op_type"),
        plain_domain(message.text("domain")),
        tuple(message.texts("input")),
        tuple(message.texts("output")),
        {each.text("name"): each for each in message.messages("attribute", messages.ATTRIBUTE)},
        message.start,
    )


def _value(message: Message) -> Value:
    kind = message.message("type", messages.TYPE)
    tensor = None if kind is None else kind.message("tensor_type", messages.TENSOR_TYPE)
    if tensor is None:
        return Value(message.text("name"), "", None, message.start)
    element = ELEMENTS.get(tensor.number("elem_type"))
    dtype = "" if element is None else element.stored or element.name
    shape = tensor.message("shape", messages.SHAPE)
    sizes = None if shape is None else tuple(map(_size, shape.messages("dim", messages.DIMENSION)))
    return Value(message.text("name"), dtype, sizes, message.start)


def _size(dimension: Message) -> Size:
    if dimension.has("dim_value"):
        size = dimension.number("dim_value")
        return size if size >= 0 else None  # -1 is what some exporters write for any
    return dimension.text("dim_param") or None
