"""The order of the items in each column: few crossings, by barycentres."""

from __future__ import annotations

from bisect import bisect_right, insort
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.layout.net import Arm, Net

SWEEPS: Final = 12  # there and back; the best order on the way is taken


def put_in_order(net: Net) -> None:
    """Reorder the columns of a net so that few pieces of edges cross."""
    _start(net)
    best, fewest = [list(column) for column in net.columns], crossings(net)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        if sweep % 2 == 0:
            for left, column in pairwise(net.columns):
                _by_barycentre(column, left, net.before, net.heights)
        else:
            for column, right in reversed(list(pairwise(net.columns))):
                _by_barycentre(column, right, net.after, net.heights)
        now = crossings(net)
        if now < fewest:
            best, fewest = [list(column) for column in net.columns], now
    net.columns = best


def crossings(net: Net) -> int:
    """How many pairs of pieces cross, over all gaps between columns."""
    return sum(_between(left, right, net) for left, right in pairwise(net.columns))


def _between(left: Sequence[int], right: Sequence[int], net: Net) -> int:
    place = {item: index for index, item in enumerate(right)}
    pieces = sorted(
        ((index, arm.here), (place[arm.other], arm.there)) for index, item in enumerate(left) for arm in net.after[item]
    )
    ends: list[tuple[int, float]] = []  # of the pieces so far, sorted: those that end below the next one cross it
    found = 0
    for _, end in pieces:
        found += len(ends) - bisect_right(ends, end)
        insort(ends, end)
    return found


def _start(net: Net) -> None:
    """An order in which what feeds a box stands in the order of the box's inputs, as in a drawing of a tree."""
    rank: dict[int, int] = {}
    for item in (item for column in reversed(net.columns) for item in column if not net.after[item]):
        waiting = [item]
        while waiting:
            here = waiting.pop()
            if here not in rank:
                rank[here] = len(rank)
                waiting.extend(arm.other for arm in sorted(net.before[here], key=lambda arm: -arm.here))
    for column in net.columns:
        column.sort(key=lambda item: rank.get(item, len(rank)))


def _by_barycentre(
    column: list[int], fixed: Sequence[int], arms: Mapping[int, Sequence[Arm]], heights: Sequence[float]
) -> None:
    """Sort a column by where its items' arms lead on average; an item without arms keeps its place."""
    place = {item: index for index, item in enumerate(fixed)}

    def centre(index: int, item: int) -> float:
        ends = [place[arm.other] + arm.there / (heights[arm.other] + 1.0) for arm in arms[item]]
        return sum(ends) / len(ends) if ends else float(index)

    centres = {item: centre(index, item) for index, item in enumerate(column)}
    column.sort(key=centres.__getitem__)
