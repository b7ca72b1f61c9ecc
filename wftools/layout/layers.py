"""Columns: every box stands right of all that lead to it, and no further from what it leads to than it has to."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Pair = tuple[str, str]


def acyclic(ids: Sequence[str], pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs (source, target) with those turned round that close a cycle, and without self-loops and repetitions.

    A depth-first search from each of `ids` in turn finds them. Without cycles every pair stays as it is.
    """
    following: dict[str, list[str]] = {id_: [] for id_ in ids}
    for source, target in _in_order(ids, pairs):
        if source != target:
            following[source].append(target)
    closed: set[str] = set()
    kept: set[Pair] = set()
    for start in ids:
        if start not in closed:
            kept.update(_searched(start, following, closed))
    return _in_order(ids, kept)


def _searched(start: str, following: Mapping[str, Sequence[str]], closed: set[str]) -> Iterable[Pair]:
    """The pairs below one box, the ones that lead back to an open box turned round; closes what it has been through."""
    way = [(start, iter(following[start]))]
    open_ = {start}
    while way:
        here, rest = way[-1]
        after = next(rest, None)
        if after is None:
            way.pop()
            open_.remove(here)
            closed.add(here)
        elif after in open_:
            yield after, here
        else:
            yield here, after
            if after not in closed:
                open_.add(after)
                way.append((after, iter(following[after])))


def layers(ids: Sequence[str], pairs: Sequence[Pair]) -> dict[str, int]:
    """The column of each box; `pairs` must have no cycle.

    First as far left as possible, then each box that leads to more boxes than lead to it goes right as far as it can:
    so a loader stands beside what needs it.
    """
    before: dict[str, list[str]] = {id_: [] for id_ in ids}
    after: dict[str, list[str]] = {id_: [] for id_ in ids}
    for source, target in pairs:
        before[target].append(source)
        after[source].append(target)
    order = list(TopologicalSorter(before).static_order())
    layer: dict[str, int] = {}
    for id_ in order:
        layer[id_] = max((layer[source] + 1 for source in before[id_]), default=0)
    for id_ in reversed(order):
        if len(after[id_]) > len(before[id_]):
            layer[id_] = min(layer[target] for target in after[id_]) - 1
    return layer


def _in_order(ids: Sequence[str], pairs: Iterable[Pair]) -> list[Pair]:
    place = {id_: index for index, id_ in enumerate(ids)}
    return sorted(set(pairs), key=lambda pair: (place[pair[0]], place[pair[1]]))
