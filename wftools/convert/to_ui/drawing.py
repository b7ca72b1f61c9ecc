"""Where the members of a scope are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.convert.to_ui.rebuilt import INPUTS
from wftools.convert.to_ui.sizes import FIRST_ROW, ROW, TITLE, WIDGET
from wftools.layout import Box, Edge, Frame, place_in_groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.convert.to_ui.nodes import Block
    from wftools.convert.to_ui.rebuilt import Id, Scope

Point = tuple[float, float]

LEFT, TOP = 100.0, 100.0  # of the picture: clear of the editor's bars
_BOUNDARY_GAP: Final = 100.0
_BOUNDARY_WIDTH: Final = 120.0
_BOUNDARY_ROW: Final = 20.0


def positions(scope: Scope, blocks: Mapping[Id, Block]) -> tuple[dict[Id, Point], dict[str, Frame]]:
    """The position of each member, which is the corner below its title; frames around nodes of unfolded subgraphs."""
    boxes = [Box(str(id_), block.size[0], TITLE + block.size[1]) for id_, block in blocks.items()]
    unfolded = {str(id_): id_.rpartition(":")[0] for id_ in blocks if isinstance(id_, str) and ":" in id_}
    corners, frames = place_in_groups(boxes, _edges(scope, blocks), unfolded)
    points = {id_: (LEFT + corners[str(id_)][0], TOP + TITLE + corners[str(id_)][1]) for id_ in blocks}
    moved = {name: Frame(LEFT + each.x, TOP + each.y, each.width, each.height) for name, each in frames.items()}
    return points, moved


def boundary(scope: Scope, blocks: Mapping[Id, Block], points: Mapping[Id, Point]) -> tuple[Frame, Frame]:
    """Where the inputs of a subgraph are drawn, and where its outputs: left and right of all else."""
    left = min(x for x, _ in points.values()) - _BOUNDARY_GAP - _BOUNDARY_WIDTH
    right = max(points[id_][0] + block.size[0] for id_, block in blocks.items()) + _BOUNDARY_GAP
    fed = [id_ for id_, wires in scope.wires.items() if any(source.id == INPUTS for source in wires.values())]
    return (
        _beside(left, len(scope.inputs), [points[id_] for id_ in fed]),
        _beside(right, len(scope.outputs), [points[source.id] for source in scope.outputs]),
    )


def _beside(x: float, rows: int, others: Sequence[Point]) -> Frame:
    """A boundary node at the height of what it is linked to."""
    y = round(sum(y for _, y in others) / len(others)) if others else TOP
    return Frame(x, y, _BOUNDARY_WIDTH, _BOUNDARY_ROW * (rows + 2))


def _edges(scope: Scope, blocks: Mapping[Id, Block]) -> Iterator[Edge]:
    for id_, block in blocks.items():
        for slot, height in zip(block.inputs, _heights(block), strict=True):
            source = scope.wires[id_].get(slot.name)
            if source is not None and source.id != INPUTS:
                leaves = TITLE + FIRST_ROW + ROW * source.slot
                yield Edge(str(source.id), str(id_), leaves, height)


def _heights(block: Block) -> Iterator[float]:
    """How far below the upper edge of a block each of its input slots is."""
    sockets = sum(not slot.is_widget for slot in block.inputs)
    rows = max(sockets, len(block.outputs), 1)
    places = [name for name, _ in block.widgets]
    socket = 0
    for slot in block.inputs:
        if slot.is_widget and slot.name in places:
            yield TITLE + ROW * rows + FIRST_ROW + WIDGET * places.index(slot.name)
        else:
            yield TITLE + FIRST_ROW + ROW * socket
            socket += 1
