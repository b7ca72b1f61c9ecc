"""The authored view of a UI workflow: its root and its subgraph definitions, each with its nodes and links.

Nothing is resolved here and nothing is dropped: duplicate ids, links from nowhere and rows that no slot refers to are
what lint looks for.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from wftools.catalog.variant import Claimed
from wftools.document.ids import as_number
from wftools.document.ui import BoundarySlot, InputSlot, LinkObject, UiGraph, UiNode, UiSubgraph

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.document.ui import UiWorkflow

Key = TypeVar("Key")

INPUTS: Final = "-10"  # the id that stands for the inputs of a subgraph in its links
OUTPUTS: Final = "-20"  # the same for its outputs
BOUNDARY: Final = (INPUTS, OUTPUTS)

MUTED: Final = 2
BYPASSED: Final = 4


@dataclass(slots=True, eq=False)  # not frozen: see graph/__init__.py
class AuthoredNode:
    """A node of a scope as the editor saved it."""

    ui: UiNode
    pointer: str
    id: str  # as written, as a string: JavaScript does not tell 5 from "5"
    execution_id: str  # what the server is told: differs where two nodes of a file have one id
    type: str  # the class of the node, or the id of a subgraph definition
    mode: int
    inputs: Sequence[InputSlot]  # as saved; editors leave out those of unlinked widgets

    @classmethod
    def of(cls, ui: UiNode, pointer: str, execution_id: str) -> AuthoredNode:
        """A node as it was saved, without the gaps that its file may have."""
        return cls(ui, pointer, str(ui.id), execution_id, ui.type, ui.mode or 0, ui.inputs or ())

    @property
    def is_off(self) -> bool:
        """Whether the server is not told of it."""
        return self.mode in (MUTED, BYPASSED)

    @property
    def claimed(self) -> Claimed:
        """What it says of the pack that it is of."""
        return Claimed.by(self.ui.properties)

    def __str__(self) -> str:
        return f"{self.id} ({self.type})"


@dataclass(slots=True, eq=False)  # not frozen: see graph/__init__.py
class AuthoredLink:
    """A row of a scope's table of links."""

    row: LinkObject
    pointer: str
    is_broadcast: bool = False  # whether no file has it: see graph/broadcasts

    @property
    def source(self) -> str:
        """The id of the origin node, as a string."""
        return str(self.row.origin_id)

    @property
    def target(self) -> str:
        """The id of the target node, as a string."""
        return str(self.row.target_id)


@dataclass(frozen=True, eq=False)
class Scope:
    """One graph of a UI workflow: the root, or the inside of a subgraph definition."""

    pointer: str  # "" for the root
    ui: UiGraph
    nodes: tuple[AuthoredNode, ...]  # in file order, those with one id included
    links: tuple[AuthoredLink, ...]

    @property
    def definition(self) -> UiSubgraph | None:
        """The subgraph definition; None for the root."""
        return self.ui if isinstance(self.ui, UiSubgraph) else None

    @property
    def inputs(self) -> Sequence[BoundarySlot]:
        """The inputs of a subgraph definition; the root has none."""
        return (self.definition.inputs or ()) if self.definition is not None else ()

    @cached_property
    def input_index(self) -> Mapping[str, int]:
        """The place of each input of a subgraph definition by its name; of several with one name, the first."""
        return {each.name: index for index, each in reversed([*enumerate(self.inputs)])}

    @cached_property
    def by_id(self) -> Mapping[str, AuthoredNode]:
        """Nodes by id; of several with one id, the first."""
        return {node.id: node for node in reversed(self.nodes)}

    @cached_property
    def by_link(self) -> Mapping[int, AuthoredLink]:
        """Rows by link id; of several with one id, the last, as in the editor."""
        return {link.row.id: link for link in self.links}

    @cached_property
    def into(self) -> Mapping[str, tuple[AuthoredLink, ...]]:
        """The rows that end at each node, by its id."""
        return _grouped((link.target, link) for link in self.links)

    @cached_property
    def out_of(self) -> Mapping[str, tuple[AuthoredLink, ...]]:
        """The rows that start at each node, by its id."""
        return _grouped((link.source, link) for link in self.links)

    @cached_property
    def from_input(self) -> Mapping[int, tuple[AuthoredLink, ...]]:
        """The rows that start at each input of a subgraph definition, by its place."""
        return _grouped((link.row.origin_slot, link) for link in self.out_of.get(INPUTS, ()))

    @cached_property
    def to_output(self) -> Mapping[int, tuple[AuthoredLink, ...]]:
        """The rows that end at each output of a subgraph definition, by its place.

        The first counts. Where there are several, their order is that of `linkIds`, as in the editor.
        """
        rows = _grouped((link.row.target_slot, link) for link in self.into.get(OUTPUTS, ()))
        outputs = (self.definition.outputs or ()) if self.definition is not None else ()
        ranks = {id_: rank for each in outputs for rank, id_ in enumerate(each.linkIds or ())}
        return {
            index: tuple(sorted(links, key=lambda link: ranks.get(link.row.id, len(ranks))))
            if len(links) > 1
            else links
            for index, links in rows.items()
        }

    @cached_property
    def named(self) -> frozenset[int]:
        """The ids of links that some input slot names. The editor drops all other rows, or repairs them."""
        return frozenset(slot.link for node in self.nodes for slot in node.inputs if slot.link is not None)

    def incoming(self, node: AuthoredNode) -> dict[int, AuthoredLink]:
        """The row that feeds each input slot of a node, by the index of the slot in the file.

        The slot's own `link` decides. A row that no slot refers to feeds the slot that it names, if that one is free:
        so the editor repairs it.
        """
        found = {
            index: self.by_link[slot.link]
            for index, slot in enumerate(node.inputs)
            if slot.link is not None and slot.link in self.by_link
        }
        used = set(found.values())
        for link in self.into.get(node.id, ()):
            index = link.row.target_slot
            if 0 <= index < len(node.inputs) and index not in found and link not in used:
                found[index] = link
        return found


def scopes(workflow: UiWorkflow, more: Sequence[tuple[str, UiSubgraph]] = ()) -> tuple[Scope, ...]:
    """The root, then every subgraph definition in file order; definitions inside definitions follow their owner.

    `more`: definitions that stand elsewhere in the file, each with its pointer.
    """
    graphs = [("", workflow), *_definitions(workflow, ""), *more]
    ids = _ExecutionIds(workflow)
    return tuple(_scope(pointer, graph, ids) for pointer, graph in graphs)


def _scope(pointer: str, graph: UiGraph, ids: _ExecutionIds) -> Scope:
    nodes = tuple(
        AuthoredNode.of(node, f"{pointer}/nodes/{index}", ids.give(str(node.id)))
        for index, node in enumerate(graph.nodes)
        if node.type
    )
    links = tuple(
        AuthoredLink(row, f"{pointer}/links/{index}") for index, row in enumerate(graph.links) if row.origin_id != ""
    )
    return Scope(pointer, graph, nodes, links)


def _definitions(graph: UiWorkflow | UiSubgraph, pointer: str) -> Iterator[tuple[str, UiSubgraph]]:
    for index, subgraph in enumerate((graph.definitions and graph.definitions.subgraphs) or ()):
        inner = f"{pointer}/definitions/subgraphs/{index}"
        if subgraph.id:
            yield inner, subgraph
            yield from _definitions(subgraph, inner)


class _ExecutionIds:
    """Gives every node of a file its own id, as the editor does on load.

    The first node with an id keeps it, the root's nodes before all others; any further one gets the next free number
    after the highest id seen so far.
    """

    def __init__(self, workflow: UiWorkflow) -> None:
        self._taken: set[str] = set()
        self._roots = {str(node.id) for node in workflow.nodes}
        self._root_left = sum(1 for node in workflow.nodes if node.type)
        numbers = [
            number for id_ in (*self._roots, str(workflow.last_node_id)) if (number := as_number(id_)) is not None
        ]
        self._highest = max([0, *numbers])

    def give(self, id_: str) -> str:
        self._root_left -= 1
        is_root = self._root_left >= 0
        if id_ in self._taken or (not is_root and id_ in self._roots):
            self._highest += 1
            id_ = str(self._highest)
        elif (number := as_number(id_)) is not None:
            self._highest = max(self._highest, number)
        self._taken.add(id_)
        return id_


def _grouped(pairs: Iterator[tuple[Key, AuthoredLink]]) -> Mapping[Key, tuple[AuthoredLink, ...]]:
    groups: defaultdict[Key, list[AuthoredLink]] = defaultdict(list)
    for key, link in pairs:
        groups[key].append(link)
    return {key: tuple(links) for key, links in groups.items()}
