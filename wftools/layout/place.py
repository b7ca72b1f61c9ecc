"""Boxes and edges -> corners: each connected part laid out for itself, the parts packed beside and below each other."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final

from wftools.layout.boxes import Spacing, by_name
from wftools.layout.net import net
from wftools.layout.order import put_in_order
from wftools.layout.rows import upper_edges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wftools.layout.boxes import Box, Edge

Corners = dict[str, tuple[float, float]]

SHAPE: Final = 1.6  # width to height of a picture of many small parts


def place(boxes: Iterable[Box], edges: Iterable[Edge], spacing: Spacing | None = None) -> Corners:
    """The upper left corner of each box, by id; the upper left of all is (0, 0).

    Ids must differ; edges from or to other boxes are left out. Every edge of a graph without cycles runs from left to
    right. The order of boxes and edges has no influence.
    """
    spacing = spacing or Spacing()
    ordered = sorted(boxes, key=lambda box: by_name(box.id))
    known = {box.id for box in ordered}
    inner = [edge for edge in edges if edge.source in known and edge.target in known]
    parts = sorted(_parts(ordered, inner), key=lambda part: -len(part[0]))
    placed = [(part, _part(*part, spacing)) for part in parts]
    return _packed([(part_boxes, corners) for (part_boxes, _), corners in placed], spacing)


def _parts(boxes: Sequence[Box], edges: Sequence[Edge]) -> Iterator[tuple[list[Box], list[Edge]]]:
    """What edges connect, each part with its edges, in the order of their first boxes."""
    near: dict[str, set[str]] = {box.id: set() for box in boxes}
    for edge in edges:
        near[edge.source].add(edge.target)
        near[edge.target].add(edge.source)
    part: dict[str, int] = {}
    for number, box in enumerate(boxes):
        waiting = [] if box.id in part else [box.id]
        while waiting:
            id_ = waiting.pop()
            if id_ not in part:
                part[id_] = number
                waiting.extend(near[id_])
    found: dict[int, tuple[list[Box], list[Edge]]] = {}
    for box in boxes:
        found.setdefault(part[box.id], ([], []))[0].append(box)
    for edge in edges:
        found[part[edge.source]][1].append(edge)
    yield from found.values()


def _part(boxes: Sequence[Box], edges: Sequence[Edge], spacing: Spacing) -> Corners:
    made = net(boxes, edges)
    put_in_order(made)
    y = upper_edges(made, spacing)
    top = min(y[: len(boxes)])
    corners: Corners = {}
    x = 0.0
    for column in made.columns:
        standing = [item for item in column if item < len(boxes)]
        corners.update((boxes[item].id, (x, y[item] - top)) for item in standing)
        widest = max(boxes[item].width for item in standing)
        x += _on_grid(widest + spacing.columns, spacing)
    return corners


def _packed(parts: Sequence[tuple[Sequence[Box], Corners]], spacing: Spacing) -> Corners:
    """Parts in rows, none wider than the widest part or than a picture of a good shape."""
    sizes = [_extent(boxes, corners) for boxes, corners in parts]
    area = sum((width + spacing.parts) * (height + spacing.parts) for width, height in sizes)
    limit = max([sqrt(area * SHAPE), *(width for width, _ in sizes)], default=0.0)
    packed: Corners = {}
    x = y = row = 0.0
    for (_, corners), (width, height) in zip(parts, sizes, strict=True):
        if x and x + width > limit:
            x, y, row = 0.0, y + row + spacing.parts, 0.0
        packed.update((id_, (x + left, y + top)) for id_, (left, top) in corners.items())
        x += _on_grid(width + spacing.parts, spacing)
        row = max(row, _on_grid(height, spacing))
    return packed


def _extent(boxes: Sequence[Box], corners: Corners) -> tuple[float, float]:
    right = max(corners[box.id][0] + box.width for box in boxes)
    bottom = max(corners[box.id][1] + box.height for box in boxes)
    return right, bottom


def _on_grid(value: float, spacing: Spacing) -> float:
    return -(-value // spacing.grid) * spacing.grid
