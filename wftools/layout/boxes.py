"""What a layout is given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """Something with a size that takes a place; `id` is its name in edges."""

    id: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from the right side of one box to the left side of another.

    `leaves` and `enters` are how far below the upper edges of the two boxes it starts and ends.
    """

    source: str
    target: str
    leaves: float = 0.0
    enters: float = 0.0


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distances, in the unit of the boxes; positions are multiples of `grid`."""

    columns: float = 60.0  # between a box and the next column
    rows: float = 40.0  # between boxes in a column
    parts: float = 100.0  # between parts that no edge connects
    grid: float = 10.0


def by_name(id_: str) -> tuple[int, str]:
    """The order in which boxes are looked at: 2 before 10, whatever order they were given in."""
    return len(id_), id_
