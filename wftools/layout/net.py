"""The net that is laid out: boxes in columns, and bends where an edge passes through a column."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from wftools.layout.layers import acyclic, layers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftools.layout.boxes import Box, Edge

# An edge through more columns than this runs behind what stands there: bends for it would be a quadratic number.
MAX_BENDS: Final = 40


class Arm(NamedTuple):
    """One end of a piece of an edge between neighbouring columns."""

    other: int  # the item at the other end
    here: float  # where it ends, below the upper edge of this item
    there: float  # and of the other one


@dataclass
class Net:
    """Items are numbers: boxes first, in the order that they were given in, then bends."""

    heights: list[float]  # by item; a bend has none
    columns: list[list[int]] = field(default_factory=list)  # the items of each column, from top to bottom
    before: defaultdict[int, list[Arm]] = field(default_factory=lambda: defaultdict(list))  # to the left
    after: defaultdict[int, list[Arm]] = field(default_factory=lambda: defaultdict(list))  # to the right

    def join(self, left: int, right: int, leaves: float, enters: float) -> None:
        """Draw a piece of an edge from an item to one in the next column."""
        self.after[left].append(Arm(right, leaves, enters))
        self.before[right].append(Arm(left, enters, leaves))

    def bend(self, column: int) -> int:
        """A new bend in a column."""
        self.heights.append(0.0)
        self.columns[column].append(len(self.heights) - 1)
        return len(self.heights) - 1


def net(boxes: Sequence[Box], edges: Iterable[Edge]) -> Net:
    """Boxes in columns along the edges. Edges that close a cycle run from right to left."""
    ids = [box.id for box in boxes]
    item = {id_: index for index, id_ in enumerate(ids)}
    ordered = sorted(set(edges), key=lambda edge: (item[edge.source], item[edge.target], edge.leaves, edge.enters))
    column = layers(ids, acyclic(ids, ((edge.source, edge.target) for edge in ordered)))
    made = Net([box.height for box in boxes], [[] for _ in range(max(column.values()) + 1)])
    for id_ in ids:
        made.columns[column[id_]].append(item[id_])
    bends: dict[tuple[int, float, int], int] = {}  # edges that leave together stay together
    for edge in ordered:
        start, end = (edge.source, edge.leaves), (edge.target, edge.enters)
        (left, leaves), (right, enters) = sorted((start, end), key=lambda each: column[each[0]])
        _draw(made, (item[left], leaves, column[left]), (item[right], enters, column[right]), bends)
    return made


def _draw(
    made: Net, start: tuple[int, float, int], end: tuple[int, float, int], bends: dict[tuple[int, float, int], int]
) -> None:
    """Draw an edge between two items, each with the height of its end and its column."""
    (left, leaves, first), (right, enters, last) = start, end
    if not 0 < last - first <= MAX_BENDS:
        return
    here, at = left, leaves
    for column in range(first + 1, last):
        key = (left, leaves, column)
        if key not in bends:
            bends[key] = made.bend(column)
            made.join(here, bends[key], at, 0.0)
        here, at = bends[key], 0.0
    made.join(here, right, at, enters)
