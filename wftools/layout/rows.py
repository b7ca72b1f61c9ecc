"""Vertical positions: every item as near as possible to where its edges are straight, and none on another."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.layout.boxes import Spacing
    from wftools.layout.net import Net

SWEEPS: Final = 8  # there and back
BEND: Final = 0.3  # the distance that a bend keeps, as a share of that between boxes
STRAIGHT: Final = 4.0  # how much more a straight way between two bends is worth than one to a box


def upper_edges(net: Net, spacing: Spacing) -> list[float]:
    """The y of each item, for the columns in their order."""
    y = [0.0] * len(net.heights)
    for column in net.columns:
        _settle(column, [0.0] * len(column), y, net, spacing)
    for sweep in range(SWEEPS):
        is_last = sweep == SWEEPS - 1
        for column in net.columns if sweep % 2 == 0 else reversed(net.columns):
            wanted = [
                _wanted(item, y, net, before=is_last or sweep % 2 == 0, after=is_last or sweep % 2 == 1)
                for item in column
            ]
            _settle(column, wanted, y, net, spacing)
    return y


def _wanted(item: int, y: Sequence[float], net: Net, *, before: bool, after: bool) -> float:
    """Where the arms of an item are straight, on average; where it is, if it has none on these sides."""
    total = weights = 0.0
    for arm in (*(net.before[item] if before else ()), *(net.after[item] if after else ())):
        is_bent = net.heights[item] == 0.0 and net.heights[arm.other] == 0.0
        weight = STRAIGHT if is_bent else 1.0
        total += weight * (y[arm.other] + arm.there - arm.here)
        weights += weight
    return total / weights if weights else y[item]


def _settle(column: Sequence[int], wanted: Sequence[float], y: list[float], net: Net, spacing: Spacing) -> None:
    """Give the items of a column the positions nearest to the wanted ones that keep order and distance."""
    offsets = [0.0]
    for above, below in pairwise(column):
        is_bend = net.heights[above] == 0.0 or net.heights[below] == 0.0
        gap = spacing.rows * (BEND if is_bend else 1.0)
        distance = net.heights[above] + gap
        offsets.append(offsets[-1] - (-distance // spacing.grid) * spacing.grid)  # on the grid, rounded up
    moved = isotonic([place - offset for place, offset in zip(wanted, offsets, strict=True)])
    for item, place, offset in zip(column, moved, offsets, strict=True):
        y[item] = round(place / spacing.grid) * spacing.grid + offset


def isotonic(values: Sequence[float]) -> list[float]:
    """The non-decreasing sequence with the least squared distance from another one.

    Pool adjacent violators (Ayer et al. 1955): runs that decrease are replaced by their mean.
    """
    pools: list[tuple[float, int]] = []  # mean, length
    for value in values:
        mean, length = value, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, length = (mean * length + other * more) / (length + more), length + more
        pools.append((mean, length))
    return [mean for mean, length in pools for _ in range(length)]
