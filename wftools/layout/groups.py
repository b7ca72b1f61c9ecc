"""Layout with groups: the boxes of a group stand together in a frame, and the frames are placed like boxes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wftools.layout.boxes import Box
from wftools.layout.place import Corners, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.layout.boxes import Edge

_FRAME: Final = "\0"  # begins the ids of frames among those of boxes


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle around a group."""

    x: float
    y: float
    width: float
    height: float


def place_in_groups(
    boxes: Iterable[Box], edges: Iterable[Edge], group_of: Mapping[str, str], *, edge: float = 20.0, title: float = 40.0
) -> tuple[Corners, dict[str, Frame]]:
    """The corners of boxes, and the frame of each group.

    `group_of` names the group of a box; boxes that it does not name stand alone. A frame is `edge` away from its boxes,
    and has `title` more above them.
    """
    boxes, edges = list(boxes), list(edges)
    members: dict[str, list[Box]] = {}
    for box in boxes:
        if box.id in group_of:
            members.setdefault(group_of[box.id], []).append(box)
    inside = {
        name: {id_: (x + edge, y + title + edge) for id_, (x, y) in place(group, edges).items()}
        for name, group in members.items()
    }
    frames: dict[str, Box] = {}
    for name, group in members.items():
        right = max(inside[name][box.id][0] + box.width for box in group)
        bottom = max(inside[name][box.id][1] + box.height for box in group)
        frames[name] = Box(_FRAME + name, right + edge, bottom + edge)
    alone = [box for box in boxes if box.id not in group_of]
    outer = place((*alone, *frames.values()), [_outside(each, group_of, inside) for each in edges])
    corners = {box.id: outer[box.id] for box in alone}
    for name, frame in frames.items():
        left, top = outer[frame.id]
        corners.update((id_, (left + x, top + y)) for id_, (x, y) in inside[name].items())
    return corners, {name: Frame(*outer[box.id], box.width, box.height) for name, box in frames.items()}


def _outside(edge: Edge, group_of: Mapping[str, str], inside: Mapping[str, Corners]) -> Edge:
    """An edge between the frames of its boxes; inside one frame it becomes a loop, which is left out."""
    source, target = group_of.get(edge.source), group_of.get(edge.target)
    if source is not None:
        edge = replace(edge, source=_FRAME + source, leaves=edge.leaves + inside[source][edge.source][1])
    if target is not None:
        edge = replace(edge, target=_FRAME + target, enters=edge.enters + inside[target][edge.target][1])
    return edge
