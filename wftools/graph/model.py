"""The graph of a workflow: nodes by path, links between them, as a networkx.MultiDiGraph."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import networkx as nx

    from wftools.document.ui import UiNode

NodePath = str
"""Where a node stands: `12`, or `57:3` for node 3 inside the subgraph instance 57: the ids of ComfyUI's prompts."""


@dataclass(slots=True)  # not frozen: see graph/__init__.py
class Given:
    """What a workflow gives to one input: a literal, or a link, which is a list `[node path, output slot]`."""

    value: Any
    pointer: str  # JSON Pointer of the place in the document that says so
    certain: bool = True  # whether it is known to be for this input; values are saved without names

    @property
    def is_link(self) -> bool:
        """Whether the server takes it for a link: it takes every list for one."""
        return isinstance(self.value, list)


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
    ui: UiNode | None = None  # what the editor saved of it; None in an API prompt
    promoted: frozenset[str] = frozenset()  # inputs whose value stands for an input of the subgraph around

    def __str__(self) -> str:
        return f"{self.path} ({self.type})" if self.type else self.path


@dataclass(frozen=True)
class View:
    """Nodes and the links between them."""

    nodes: Mapping[NodePath, Node]
    dropped: tuple[Given, ...] = field(default=())  # links that lead to a node which is not in the view

    def links(self) -> Iterator[Link]:
        """Every well-formed link between two nodes of the view, in the order of the nodes."""
        for node in self.nodes.values():
            for name, given in node.given.items():
                link = as_link(given.value)
                if link is not None and link[0] in self.nodes:
                    yield Link(link[0], link[1], node.path, name, given.pointer)

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


def as_link(value: Any) -> tuple[NodePath, int] | None:
    """The source and slot of a well-formed link: a list of a string and an integer."""
    if isinstance(value, list) and len(value) == 2:
        source, slot = value
        if isinstance(source, str) and isinstance(slot, int) and not isinstance(slot, bool):
            return source, slot
    return None
