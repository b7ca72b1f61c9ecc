"""Ways through a view: what nodes need, what needs them, which wait for each other, and how long a chain is."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wftools.graph.model import NodePath, View

MAX_NAMES: Final = 12  # of nodes in one message


@dataclass(frozen=True, slots=True)
class Knot:
    """Nodes that wait for each other: each needs every one of them, directly or through others."""

    cycle: tuple[NodePath, ...]  # a shortest one of theirs, in the direction of the links
    others: tuple[NodePath, ...]  # those that do not stand in it

    def described(self, view: View) -> str:
        """The cycle and the other nodes in words, as far as a message has room for them."""
        names = [str(view.nodes[path]) for path in self.cycle[:MAX_NAMES]]
        way = " → ".join([*names, *(["…"] if len(self.cycle) > MAX_NAMES else []), names[0]])
        others = self.others[: MAX_NAMES - len(names)]
        more = [*others, *([f"{len(self.others) - len(others)} more"] if len(self.others) > len(others) else [])]
        return f"nodes wait for each other: {way}{', and with them ' if more else ''}{', '.join(more)}"


def needs(view: View) -> dict[NodePath, set[NodePath]]:
    """The nodes that feed each node."""
    found: dict[NodePath, set[NodePath]] = {path: set() for path in view.nodes}
    for link in view.links():
        found[link.target].add(link.source)
    return found


def needed_by(ends: Iterable[NodePath], sources: Mapping[NodePath, Sequence[NodePath]]) -> list[NodePath]:
    """The nodes that some need, and these, sources first: what the first one needs, then the next.

    So a value is used soon after it was made. Without recursion: chains may be longer than Python's stack.
    """
    order: dict[NodePath, None] = {}
    entered: set[NodePath] = set()
    stack = [(path, False) for path in reversed(list(ends))]
    while stack:
        path, is_left = stack.pop()
        if is_left:
            order[path] = None
        elif path not in entered:
            entered.add(path)
            stack.append((path, True))
            stack += ((source, False) for source in reversed(sources[path]))
    return list(order)


def dependants(starts: Iterable[NodePath], sources: Mapping[NodePath, Collection[NodePath]]) -> set[NodePath]:
    """These nodes and all that need one of them, directly or through others."""
    users: dict[NodePath, list[NodePath]] = {}
    for path, of_path in sources.items():
        for source in of_path:
            users.setdefault(source, []).append(path)
    found: set[NodePath] = set()
    stack = list(starts)
    while stack:
        path = stack.pop()
        if path not in found:
            found.add(path)
            stack += users.get(path, ())
    return found


def knots(needed: Mapping[NodePath, Collection[NodePath]]) -> list[Knot]:
    """The knots among nodes, given what each of them needs; in the order of the first node of each."""
    try:
        TopologicalSorter(needed).prepare()
    except CycleError:
        import networkx as nx

        graph = nx.DiGraph((source, path) for path, sources in needed.items() for source in sources)
        rank = {path: index for index, path in enumerate(needed)}
        parts = [sorted(part, key=rank.__getitem__) for part in nx.strongly_connected_components(graph)]
        tied = [part for part in parts if len(part) > 1 or graph.has_edge(part[0], part[0])]
        return [_knot(part, needed) for part in sorted(tied, key=lambda part: rank[part[0]])]
    return []


def _knot(part: list[NodePath], needed: Mapping[NodePath, Collection[NodePath]]) -> Knot:
    """Walk back from the first node to itself, breadth first."""
    first, inside = part[0], set(part)
    following: dict[NodePath, NodePath] = {}  # the node that each one was met as a source of
    waiting = deque([first])
    while first not in following:
        path = waiting.popleft()
        for source in sorted(needed[path]):
            if source in inside and source not in following:
                following[source] = path
                waiting.append(source)
    cycle = [first]
    while (path := following[cycle[-1]]) != first:
        cycle.append(path)
    inside.difference_update(cycle)
    return Knot(tuple(cycle), tuple(path for path in part if path in inside))


def depth(view: View) -> int:
    """How many nodes stand in the longest chain; 0 if there is a cycle."""
    lengths: dict[NodePath, int] = {}
    needed = needs(view)
    try:
        for path in TopologicalSorter(needed).static_order():
            lengths[path] = 1 + max((lengths[source] for source in needed[path]), default=0)
    except CycleError:
        return 0
    return max(lengths.values(), default=0)
