"""A scene as SVG elements, in the look of the editor's classic canvas.

    colours = Colours()
    parts = [*elements(scene, colours)]
    colours.sheet("auto")        # the stylesheet of all that was drawn

Pictures and pages are made of these elements, so that a workflow looks the same in all of them.
"""

from __future__ import annotations

from itertools import pairwise
from math import dist
from typing import TYPE_CHECKING, Final

from wftools.draw.colours import GROUP, Pair, of_link
from wftools.draw.svg.marks import ghost, marked
from wftools.draw.svg.node import node
from wftools.draw.svg.style import Colours
from wftools.draw.svg.xml import at, escaped, number, rectangle
from wftools.draw.text import fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.draw.scene import DrawnGroup, DrawnLink, Point, Reroute, Scene

__all__ = ["Colours", "backdrop", "elements", "escaped", "number"]

_BEND: Final = 0.25  # of the length of a link: how far it leaves its ends straight
_MIDDLE: Final = 5  # the dot in the middle of a link
_TITLE_HEIGHT: Final = 1.4  # of a group, in sizes of its text


def backdrop(pattern: str) -> str:
    """The canvas with its grid, behind a scene. `pattern`: the id of the grid, which no other in the file has."""
    return (
        f'<defs><pattern id="{pattern}" width="100" height="100" patternUnits="userSpaceOnUse">'
        '<path class="grid" d="M0 0H100V1H0zM0 0V100H1V0z"/></pattern></defs>'
        '<rect class="canvas" width="100%" height="100%"/>'
        f'<rect fill="url(#{pattern})" width="100%" height="100%"/>'
    )


def elements(scene: Scene, colours: Colours) -> Iterator[str]:
    """The elements of a scene from back to front, without the canvas behind it."""
    yield from (_group(each, colours) for each in scene.groups)
    yield from (ghost(each.was_at, each.frame) for each in scene.nodes if each.was_at is not None)
    yield '<g class="links">'
    yield from (_link(each, colours) for each in scene.links)
    yield from (_reroute(each, colours) for each in scene.reroutes)
    yield "</g>"
    yield from (node(each, colours) for each in scene.nodes)


def _group(group: DrawnGroup, colours: Colours) -> str:
    frame, size = group.frame, group.font_size
    colour = colours.name(Pair(group.color, group.color) if group.color else GROUP)
    width, height = number(frame.width), number(min(size * _TITLE_HEIGHT, frame.height))
    name = escaped(fitted(group.title, size, frame.width - 8))
    return (
        f'<g class="a-group {colour}"><rect class="group" {rectangle(frame)}/>'
        f'<rect class="group-title" {at(frame.x, frame.y)} width="{width}" height="{height}"/>'
        f'<text class="group-name" font-size="{number(size)}" {at(frame.x + 4, frame.y + size * 1.05)}>{name}</text>'
        f"{marked(frame, group.mark)}</g>"
    )


def _link(link: DrawnLink, colours: Colours) -> str:
    colour = link.mark or colours.name(of_link(link.type))
    curve = _curve(link.points)
    # A curve with symmetric ends passes half-way between them.
    (x, y), (right, bottom) = link.points[-2:]
    return (
        f'<g class="a-link {colour}" data-source="{escaped(link.source)}" data-target="{escaped(link.target)}" '
        f'data-input="{escaped(link.input)}"><path class="under" d="{curve}"/>'
        f'<path class="link {link.mark or ""}" d="{curve}"/>'
        f'<circle class="c" cx="{number((x + right) / 2)}" cy="{number((y + bottom) / 2)}" r="{_MIDDLE}"/></g>'
    )


def _curve(points: Iterable[Point]) -> str:
    """The way of a link through its points, which leaves and enters each to the right."""
    first, *others = points
    pieces = [f"M{number(first[0])} {number(first[1])}"]
    for start, end in pairwise((first, *others)):
        bend = dist(start, end) * _BEND
        controls = (start[0] + bend, start[1]), (end[0] - bend, end[1])
        pieces.append("C" + " ".join(f"{number(x)} {number(y)}" for x, y in (*controls, end)))
    return "".join(pieces)


def _reroute(reroute: Reroute, colours: Colours) -> str:
    x, y = map(number, reroute.at)
    return f'<circle class="c {colours.name(of_link(reroute.type))}" cx="{x}" cy="{y}" r="8"/>'
