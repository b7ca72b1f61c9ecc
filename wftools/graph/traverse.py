"""Cycles in a view."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftools.graph.model import NodePath, View


def cycles(view: View) -> dict[NodePath, list[NodePath]]:
    """The nodes that wait for each other, each with a shortest cycle that it stands in, itself first.

    A cycle runs in the direction of the links.
    """
    try:
        TopologicalSorter(_needs(view)).prepare()
    except CycleError:
        return _shortest_cycles(view)
    return {}


def depth(view: View) -> int:
    """How many nodes stand in the longest chain; 0 if there is a cycle."""
    lengths: dict[NodePath, int] = {}
    needs = _needs(view)
    try:
        for path in TopologicalSorter(needs).static_order():
            lengths[path] = 1 + max((lengths[source] for source in needs[path]), default=0)
    except CycleError:
        return 0
    return max(lengths.values(), default=0)


def _needs(view: View) -> dict[NodePath, set[NodePath]]:
    needs: dict[NodePath, set[NodePath]] = {path: set() for path in view.nodes}
    for link in view.links():
        needs[link.target].add(link.source)
    return needs


def _shortest_cycles(view: View) -> dict[NodePath, list[NodePath]]:
    import networkx as nx

    found: dict[NodePath, list[NodePath]] = {}
    knot_of = {path: knot for knot in nx.strongly_connected_components(view.graph) for path in knot}
    for path in view.nodes:
        knot = view.graph.subgraph(knot_of[path])
        ways = [nx.shortest_path(knot, following, path) for following in knot.successors(path)]
        if ways:
            found[path] = [path, *min(ways, key=len)[:-1]]
    return found
