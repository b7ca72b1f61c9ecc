"""Where the members of a subgraph are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.convert.to_ui.rebuilt import INPUT_NODE
from wftools.layout import Box, Edge, Frame, place_in_groups
from wftools.layout.sizes import FIRST_ROW, ROW, TITLE, WIDGET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.convert.to_ui.nodes import WrittenNode
    from wftools.convert.to_ui.rebuilt import Id, Subgraph

Position = tuple[float, float]

LEFT, TOP = 100.0, 100.0  # of the picture: clear of the editor's bars
_BOUNDARY_GAP: Final = 100.0
_BOUNDARY_WIDTH: Final = 120.0
_BOUNDARY_ROW: Final = 20.0


def positions(subgraph: Subgraph, nodes: Mapping[Id, WrittenNode]) -> tuple[dict[Id, Position], dict[str, Frame]]:
    """The position of each member, which is the corner below its title; frames around nodes of unfolded subgraphs."""
    boxes = [Box(str(id_), node.size[0], TITLE + node.size[1]) for id_, node in nodes.items()]
    unfolded = {str(id_): id_.rpartition(":")[0] for id_ in nodes if isinstance(id_, str) and ":" in id_}
    corners, frames = place_in_groups(boxes, _edges(subgraph, nodes), unfolded)
    placed = {id_: (LEFT + corners[str(id_)][0], TOP + TITLE + corners[str(id_)][1]) for id_ in nodes}
    moved = {name: Frame(LEFT + each.x, TOP + each.y, each.width, each.height) for name, each in frames.items()}
    return placed, moved


def boundary(subgraph: Subgraph, nodes: Mapping[Id, WrittenNode], placed: Mapping[Id, Position]) -> tuple[Frame, Frame]:
    """Where the inputs of a subgraph are drawn, and where its outputs: left and right of all else."""
    left = min(x for x, _ in placed.values()) - _BOUNDARY_GAP - _BOUNDARY_WIDTH
    right = max(placed[id_][0] + node.size[0] for id_, node in nodes.items()) + _BOUNDARY_GAP
    fed = [id_ for id_, wires in subgraph.wires.items() if any(source.id == INPUT_NODE for source in wires.values())]
    return (
        _beside(left, len(subgraph.inputs), [placed[id_] for id_ in fed]),
        _beside(right, len(subgraph.outputs), [placed[source.id] for source in subgraph.outputs]),
    )


def _beside(x: float, rows: int, others: Sequence[Position]) -> Frame:
    """A boundary at the height of what it is linked to."""
    y = round(sum(y for _, y in others) / len(others)) if others else TOP
    return Frame(x, y, _BOUNDARY_WIDTH, _BOUNDARY_ROW * (rows + 2))


def _edges(subgraph: Subgraph, nodes: Mapping[Id, WrittenNode]) -> Iterator[Edge]:
    for id_, node in nodes.items():
        # How far below the upper edge of the node each of its input slots is.
        rows = max(sum(not slot.is_widget for slot in node.inputs), len(node.outputs), 1)
        widget_rows = {name: row for row, (name, _) in reversed(list(enumerate(node.widgets)))}
        socket = 0
        for slot in node.inputs:
            if slot.is_widget and slot.name in widget_rows:
                enters = TITLE + ROW * rows + FIRST_ROW + WIDGET * widget_rows[slot.name]
            else:
                enters = TITLE + FIRST_ROW + ROW * socket
                socket += 1
            source = subgraph.wires[id_].get(slot.name)
            if source is not None and source.id != INPUT_NODE:
                yield Edge(str(source.id), str(id_), TITLE + FIRST_ROW + ROW * source.slot, enters)
