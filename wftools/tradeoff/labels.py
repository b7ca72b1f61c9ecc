"""Where the names of points go: beside them, over nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from wftools.draw.text import width_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AROUND: Final = 10.0  # pixels between the middle of a point and its name
WIDER: Final = 1.1  # than the estimate: whoever looks at it may have fonts that are
FURTHER: Final = (1.0, 2.2, 3.4, 4.6, 6.0)  # how much further away a name may be, nearest first
LINED: Final = 2.0  # from here on a line leads to it


class Box(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether two have an area in common."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def overlap(self, other: Box) -> float:
        """The area that two have in common."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0) * max(height, 0)


class Label(NamedTuple):
    """A name at its place: where its text starts, on the line."""

    x: float
    y: float
    is_apart: bool  # so far away that a line has to lead to it
    box: Box


def placed(
    points: Sequence[tuple[float, float]], names: Sequence[str], frame: Box, size: float, radius: float
) -> list[Label]:
    """A place for the name of each point, inside a frame; where nothing is free, what covers the least."""
    taken = [Box(x - radius, y - radius, x + radius, y + radius) for x, y in points]
    labels: list[Label] = []
    for (x, y), name in zip(points, names, strict=True):
        candidates = list(_candidates(x, y, width_of(name, size) * WIDER, size))
        inside = [each for each in candidates if _is_inside(each.box, frame)] or candidates
        free = (each for each in inside if not any(each.box.overlaps(other) for other in taken))
        best = next(free, None) or min(inside, key=lambda each: sum(each.box.overlap(other) for other in taken))
        labels.append(best)
        taken.append(best.box)
    return labels


def _candidates(x: float, y: float, width: float, size: float) -> Iterator[Label]:
    """Places around a point, the best first: right, left, above, below, and the corners; then further away."""
    half = size / 2
    for further in FURTHER:
        away = AROUND * further
        for dx, dy in ((1, 0), (-1, 0), (0, -1), (0, 1), (0.8, -0.8), (0.8, 0.8), (-0.8, -0.8), (-0.8, 0.8)):
            middle = y + dy * away + (0 if dx else dy * half)
            left = x + dx * away - (width if dx < 0 else 0 if dx else width / 2)
            box = Box(left - 2, middle - half - 1, left + width + 2, middle + half + 1)
            yield Label(left, middle + size * 0.35, further >= LINED, box)


def _is_inside(box: Box, frame: Box) -> bool:
    return box.left >= frame.left and box.right <= frame.right and box.top >= frame.top and box.bottom <= frame.bottom
