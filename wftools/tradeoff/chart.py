"""Size against error as a picture: one SVG file, light, each type a point.

Shape and colour tell compressing from quantising. A line joins the types that are worth a thought: of all others, some
type is smaller and better at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.draw.svg.xml import at, escaped, number
from wftools.draw.text import FONT
from wftools.errors import size_of
from wftools.tradeoff.labels import Box, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wftools.tradeoff.measuring import Point, Tradeoff, Way

WIDTH: Final = 960.0
LEFT: Final = 92.0
RIGHT: Final = 28.0
TOP: Final = 132.0  # above the first panel: titles and legend
HEIGHT: Final = 400.0  # of a panel
BETWEEN: Final = 58.0
BOTTOM: Final = 64.0
RADIUS: Final = 6.0
NAME: Final = 13.0  # the size of names
LEAST_APART: Final = 52.0  # the middles of the sizes that are written below

COLOURS: Final[Mapping[Way, str]] = {"compressed": "#1565c0", "quantised": "#d9480f", "mixed": "#7a3ec8"}
EXPLAINED: Final[Mapping[Way, str]] = {
    "compressed": "compressed: floats of fewer bits",
    "quantised": "quantised: integers, a scale for each block",
    "mixed": "quantised, several types in one file",
}

_STYLE: Final = f"""
svg{{font-family:{FONT};font-size:13px;fill:#24292f}}
.title{{font-size:21px;font-weight:600}}
.quiet{{fill:#57606a}}
.grid{{stroke:#e3e7eb;stroke-width:1}}
.fine{{stroke:#f1f3f5;stroke-width:1}}
.frame{{fill:none;stroke:#afb8c1;stroke-width:1}}
.now{{stroke:#57606a;stroke-width:1.2;stroke-dasharray:5 4}}
.best{{fill:none;stroke:#8c959f;stroke-width:1.5;stroke-opacity:.55}}
.lead{{stroke:#8c959f;stroke-width:.8}}
.end{{text-anchor:end}}
.middle{{text-anchor:middle}}
.name{{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}}
.worth{{font-weight:600}}
"""


@dataclass(frozen=True, slots=True)
class _Panel:
    """What is drawn upwards: an error of each point, more of it higher up, in powers of ten."""

    title: str
    error: Callable[[Point], float | None]
    unit: Callable[[float], str]


def chart(tradeoff: Tradeoff) -> str:
    """The picture."""
    panels = [_Panel("error of the weights, as a part of them", lambda point: point.error, _percent)]
    if any(point.picture is not None for point in tradeoff.points):
        of = f"how far the picture of {tradeoff.workflow} moves: mean difference of a pixel, of 255"
        panels.append(_Panel(of, _moved, _plain))
    height = size(tradeoff)[1]
    columns = _Columns.of(tradeoff)
    parts = [*_head(tradeoff)]
    for index, panel in enumerate(panels):
        parts += _panel(tradeoff, panel, columns, TOP + index * (HEIGHT + BETWEEN))
    below = f"size of the file's tensors{' (errors of a sample of the weights)' if tradeoff.is_sampled else ''}"
    parts.append(f'<text class="middle" {at(LEFT + (WIDTH - LEFT - RIGHT) / 2, height - 16)}>{below}</text>')
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(WIDTH)} {number(height)}" '
            f'width="{number(WIDTH)}" height="{number(height)}" role="img" '
            f'aria-label="{escaped(tradeoff.name)}: size against error, by type">',
            f"<style>{_STYLE}</style>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            *parts,
            "</svg>\n",
        )
    )


def size(tradeoff: Tradeoff) -> tuple[float, float]:
    """The width and the height of the picture."""
    panels = 1 + any(point.picture is not None for point in tradeoff.points)
    return WIDTH, TOP + panels * HEIGHT + (panels - 1) * BETWEEN + BOTTOM


def worthwhile(points: Sequence[Point], error: Callable[[Point], float | None]) -> list[Point]:
    """Those of which no other is as small and better, or as good and smaller; the smallest first."""
    kept: list[Point] = []
    least = math.inf
    for point in sorted(points, key=lambda each: (each.bytes, error(each) or 0)):
        its_own = error(point)
        if its_own is not None and its_own < least:
            kept.append(point)
            least = its_own
    return kept


@dataclass(frozen=True, slots=True)
class _Columns:
    """The axis to the right: sizes, each half as far from its double."""

    low: float
    high: float

    @classmethod
    def of(cls, tradeoff: Tradeoff) -> _Columns:
        sizes = [tradeoff.bytes, *(point.bytes for point in tradeoff.points)]
        low, high = math.log10(max(min(sizes), 1)), math.log10(max(*sizes, 1))
        room = max((high - low) * 0.06, 0.02)
        return cls(low - room, high + room)

    def x(self, count: float) -> float:
        """Where a size stands."""
        return LEFT + (math.log10(max(count, 1)) - self.low) / (self.high - self.low) * (WIDTH - LEFT - RIGHT)

    def ticks(self) -> list[float]:
        """The sizes that are written below: round ones, the roundest first, no two of them close together."""
        chosen: list[float] = []
        for digits in (1, 2, 5, 3, 1.5, 7, 4, 6, 8):
            for power in range(math.floor(self.low), math.ceil(self.high) + 1):
                value = digits * 10.0**power
                if self.low <= math.log10(value) <= self.high and all(
                    abs(self.x(value) - self.x(other)) > LEAST_APART for other in chosen
                ):
                    chosen.append(value)
        return chosen


@dataclass(frozen=True, slots=True)
class _Rows:
    """The axis upwards: errors, in powers of ten."""

    top: float
    low: float
    high: float

    @classmethod
    def of(cls, errors: Sequence[float], top: float) -> _Rows:
        low, high = math.log10(min(errors)), math.log10(max(errors))
        room = max((high - low) * 0.08, 0.1)
        return cls(top, low - room, high + room)

    def y(self, error: float) -> float:
        """Where an error stands."""
        return self.top + HEIGHT - (math.log10(error) - self.low) / (self.high - self.low) * HEIGHT

    def ticks(self) -> Iterator[tuple[float, bool]]:
        """Errors that get a line, and whether they are powers of ten."""
        for power in range(math.floor(self.low), math.ceil(self.high) + 1):
            for digit in (1, 2, 5):
                value = digit * 10.0**power
                if self.low <= math.log10(value) <= self.high:
                    yield value, digit == 1


def _head(tradeoff: Tradeoff) -> Iterator[str]:
    told = f"as it is: {tradeoff.dtype}, {size_of(tradeoff.bytes)}, {tradeoff.weights:,} weights"
    yield f'<text class="title" {at(LEFT, 38)}>{escaped(tradeoff.name)}: what fewer bits cost</text>'
    yield (
        f'<text class="quiet" {at(LEFT, 62)}>{escaped(told)}. Further left is smaller, further down is better.</text>'
    )
    x = LEFT + RADIUS
    for way in COLOURS:
        if any(point.way == way for point in tradeoff.points):
            yield _mark(way, x, 88)
            yield f"<text {at(x + 13, 92.5)}>{EXPLAINED[way]}</text>"
            x += 250 if way == "compressed" else 310


def _panel(tradeoff: Tradeoff, panel: _Panel, columns: _Columns, top: float) -> Iterator[str]:
    drawn = [(point, error) for point in tradeoff.points if (error := panel.error(point))]
    right, bottom = WIDTH - RIGHT, top + HEIGHT
    yield f'<text class="quiet" {at(LEFT, top - 10)}>{escaped(panel.title)}</text>'
    if not drawn:
        yield f'<text class="middle quiet" {at((LEFT + right) / 2, top + HEIGHT / 2)}>nothing moves</text>'
        return
    rows = _Rows.of([error for _, error in drawn], top)
    for value, is_power in rows.ticks():
        y = rows.y(value)
        yield f'<path class="{"grid" if is_power else "fine"}" d="M{number(LEFT)} {number(y)}H{number(right)}"/>'
        yield f'<text class="end{"" if is_power else " quiet"}" {at(LEFT - 9, y + 4.5)}>{panel.unit(value)}</text>'
    for value in columns.ticks():
        x = columns.x(value)
        yield f'<path class="grid" d="M{number(x)} {number(top)}V{number(bottom)}"/>'
        yield f'<text class="middle" {at(x, bottom + 19)}>{_short(value)}</text>'
    yield f'<rect class="frame" {at(LEFT, top)} width="{number(right - LEFT)}" height="{number(HEIGHT)}"/>'
    now = columns.x(tradeoff.bytes)
    yield f'<path class="now" d="M{number(now)} {number(top)}V{number(bottom)}"/>'
    yield f'<text class="end quiet name" {at(now - 7, bottom - 10)}>as it is: no error</text>'
    yield from _points(drawn, panel, columns, rows)


def _points(drawn: Sequence[tuple[Point, float]], panel: _Panel, columns: _Columns, rows: _Rows) -> Iterator[str]:
    worth = worthwhile([point for point, _ in drawn], panel.error)
    line = "L".join(f"{number(columns.x(each.bytes))} {number(rows.y(panel.error(each) or 1))}" for each in worth)
    yield f'<path class="best" d="M{line}"/>'
    places = [(columns.x(point.bytes), rows.y(error)) for point, error in drawn]
    frame = Box(LEFT + 2, rows.top + 2, WIDTH - RIGHT - 2, rows.top + HEIGHT - 2)
    labels = placed(places, [point.type for point, _ in drawn], frame, NAME, RADIUS + 1)
    for (x, y), label in zip(places, labels, strict=True):
        if label.is_apart:
            box = label.box
            near = f"{number(min(max(x, box.left), box.right))} {number(min(max(y, box.top), box.bottom))}"
            yield f'<path class="lead" d="M{number(x)} {number(y)}L{near}"/>'
    for (point, _), (x, y) in zip(drawn, places, strict=True):
        yield _mark(point.way, x, y)
    for (point, _), label in zip(drawn, labels, strict=True):
        strong = " worth" if point in worth else ""
        yield f'<text class="name{strong}" {at(label.x, label.y)}>{escaped(point.type)}</text>'


def _mark(way: Way, x: float, y: float) -> str:
    """A point: a circle, a square, a diamond."""
    painted = f'fill="{COLOURS[way]}" stroke="#fff" stroke-width="1.5"'
    if way == "compressed":
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(RADIUS)}" {painted}/>'
    half = RADIUS - 0.5
    if way == "quantised":
        return f'<rect {at(x - half, y - half)} width="{number(2 * half)}" height="{number(2 * half)}" {painted}/>'
    corner = RADIUS + 1
    return (
        f'<path d="M{number(x - corner)} {number(y)}L{number(x)} {number(y - corner)}L{number(x + corner)} {number(y)}'
        f'L{number(x)} {number(y + corner)}Z" {painted}/>'
    )


def _moved(point: Point) -> float | None:
    return point.picture.mean if point.picture is not None else None


def _percent(value: float) -> str:
    return f"{100 * value:g} %"


def _short(count: float) -> str:
    """A round size: `5 MB`, not `5.0 MB`."""
    return size_of(count).replace(".0 ", " ")


def _plain(value: float) -> str:
    return f"{value:g}"
