"""The graph of a workflow: nodes by path, links between them, as a networkx.MultiDiGraph."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NewType

from wftools.catalog.variant import NOTHING, Claimed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import networkx as nx

    from wftools.catalog.signature import NodeSignature
    from wftools.document.ui import UiNode
    from wftools.graph.authored.scopes import AuthoredNode

# Subgraphs in subgraphs multiply, and so do group nodes: a small file must not fill the memory, or the day.
MAX_NODES: Final = 100_000
MAX_GIVEN: Final = 1_000_000  # to the inputs of all nodes

NodePath = NewType("NodePath", str)
"""Where a node stands: `12`, or `57:3` for node 3 inside the subgraph instance 57: the ids of ComfyUI's prompts."""


@dataclass(slots=True)  # not frozen: see graph/__init__.py
class Literal:
    """A value that a workflow gives to one input.

    A list is one only where it is no well-formed link. The server takes it for a link all the same.
    """

    value: Any
    pointer: str  # JSON Pointer of the place in the document that says so
    certain: bool = True  # whether it is known to be for this input; values are saved without names


@dataclass(slots=True)  # not frozen: see graph/__init__.py
class Linked:
    """An output of a node that a workflow gives to one input."""

    source: NodePath
    slot: int  # of the source's outputs
    pointer: str

    @property
    def value(self) -> list[Any]:
        """The link as a prompt writes it."""
        return [self.source, self.slot]


Given = Literal | Linked
"""What a workflow gives to one input."""


def as_given(value: Any, pointer: str) -> Given:
    """What a value of a prompt gives: a list of a string and an integer is a link."""
    if isinstance(value, list) and len(value) == 2:
        source, slot = value
        if isinstance(source, str) and isinstance(slot, int) and not isinstance(slot, bool):
            return Linked(NodePath(source), slot, pointer)
    return Literal(value, pointer)


@dataclass(frozen=True, slots=True)
class Link:
    """A link between two nodes of a view."""

    source: NodePath
    slot: int  # of the source's outputs
    target: NodePath
    input: str  # of the target
    pointer: str


@dataclass(slots=True, eq=False)  # not frozen: see graph/__init__.py
class Node:
    """A node that the server would be given."""

    path: NodePath
    type: str
    given: Mapping[str, Given]  # by input name, in the order of the prompt
    pointer: str  # of the node in the document
    title: str | None = None
    signature: NodeSignature | None = None  # None for a type that is unknown, or known from hearsay only
    ui: UiNode | None = None  # what the editor saved of it; None in an API prompt
    promoted: frozenset[str] = frozenset()  # inputs whose value stands for an input of the subgraph around
    # Inputs that are linked in the editor and get nothing all the same, and why: the nearest node on the way back that
    # is muted or bypassed, else the one where the way ends, such as a reroute. None where it ends at no node.
    lost: Mapping[str, AuthoredNode | None] = field(default_factory=dict)
    claimed: Claimed = NOTHING  # what it says of the pack that it is of
    unnamed: int = 0  # saved values of which nothing says what they are called

    @property
    def values(self) -> dict[str, Any]:
        """What is given to each input, as a prompt writes it."""
        return {name: each.value for name, each in self.given.items()}

    @property
    def links(self) -> Iterator[tuple[str, Linked]]:
        """The inputs that are linked, and what they are linked to."""
        return ((name, each) for name, each in self.given.items() if isinstance(each, Linked))

    def __str__(self) -> str:
        return f"{self.path} ({self.type})" if self.type else self.path


@dataclass(frozen=True)
class View:
    """Nodes and the links between them."""

    nodes: Mapping[NodePath, Node]

    def links(self) -> Iterator[Link]:
        """Every link between two nodes of the view, in the order of the nodes."""
        for node in self.nodes.values():
            for name, link in node.links:
                if link.source in self.nodes:
                    yield Link(link.source, link.slot, node.path, name, link.pointer)

    @cached_property
    def graph(self) -> nx.MultiDiGraph[NodePath]:
        """The view as a networkx graph: vertices carry `node`, edges `slot` and `input` (which is their key too)."""
        import networkx as nx

        graph: nx.MultiDiGraph[NodePath] = nx.MultiDiGraph()
        for path, node in self.nodes.items():
            graph.add_node(path, node=node)
        for link in self.links():
            graph.add_edge(link.source, link.target, key=link.input, slot=link.slot, input=link.input)
        return graph
