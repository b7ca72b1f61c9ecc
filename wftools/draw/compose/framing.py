"""What scenes of all kinds have: links between their nodes, and a rectangle around everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.catalog.signature import WILDCARD
from wftools.draw.scene import DrawnLink, Rect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftools.draw.compose.place import Wire
    from wftools.draw.scene import DrawnGroup, DrawnNode, Point, Reroute

_MARGIN: Final = 40.0
_EMPTY: Final = Rect(0, 0, 400, 200)


def link(nodes: Sequence[DrawnNode], wire: Wire, kind: str = WILDCARD, way: Sequence[Point] = ()) -> DrawnLink:
    """A link between nodes of a list, of the first type that its ends or its row know, through the points of `way`."""
    source, output, target, input_ = wire
    here, there = nodes[source], nodes[target]
    start, end = here.outputs[output], there.inputs[input_]
    kind = next((each for each in (start.type, kind, end.type) if each != WILDCARD), WILDCARD)
    points = (_absolute(here, start.at), *way, _absolute(there, end.at))
    return DrawnLink(here.id, start.name, there.id, end.name, kind, points)


def _absolute(node: DrawnNode, at: Point) -> Point:
    return node.body.x + at[0], node.body.y + at[1]


def bounds(nodes: Iterable[DrawnNode], groups: Iterable[DrawnGroup], reroutes: Iterable[Reroute]) -> Rect:
    """A rectangle around everything, with a margin."""
    frames = [*(each.frame for each in nodes), *(each.frame for each in groups)]
    frames += [Rect(*each.at, 0, 0) for each in reroutes]
    if not frames:
        return _EMPTY
    left, top = min(each.x for each in frames) - _MARGIN, min(each.y for each in frames) - _MARGIN
    right, bottom = max(each.right for each in frames), max(each.bottom for each in frames)
    return Rect(left, top, right - left + _MARGIN, bottom - top + _MARGIN)
