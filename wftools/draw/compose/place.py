"""Places for nodes that have none: where a layered layout puts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.draw.scene import Rect
from wftools.layout import Box, Edge, place_in_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wftools.draw.scene import DrawnNode, Point

Wire = tuple[int, int, int, int]
"""A link between two nodes of a list: source, its output, target, its input."""


def places(
    nodes: Sequence[DrawnNode], wires: Iterable[Wire], group_of: Mapping[int, str]
) -> tuple[list[Point], dict[str, Rect]]:
    """The corner of the body of each node, and the frame of each group. The nodes are arranged, wherever they stand."""
    boxes = [Box(str(index), each.frame.width, each.frame.height) for index, each in enumerate(nodes)]
    edges = [
        Edge(
            str(source),
            str(target),
            nodes[source].header + nodes[source].outputs[output].at[1],
            nodes[target].header + nodes[target].inputs[input_].at[1],
        )
        for source, output, target, input_ in wires
    ]
    corners, frames = place_in_groups(boxes, edges, {str(index): name for index, name in group_of.items()})
    placed = [(x, y + node.header) for node, (x, y) in zip(nodes, map(corners.__getitem__, _ids(nodes)), strict=True)]
    return placed, {name: Rect(each.x, each.y, each.width, each.height) for name, each in frames.items()}


def _ids(nodes: Sequence[DrawnNode]) -> Iterable[str]:
    return map(str, range(len(nodes)))
