"""Marks as SVG elements: an outline with a sign, so that colour is not all that tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.draw.svg.xml import at, grown, number, rectangle

if TYPE_CHECKING:
    from wftools.draw.scene import Mark, Rect

SIGNS: Final[dict[Mark, str]] = {
    "added": "+",
    "removed": "\N{MINUS SIGN}",
    "changed": "~",
    "moved": "→",
    "conflict": "!",
}

_AROUND: Final = 5  # between a thing and its mark
_ROUND: Final = 13


def marked(frame: Rect, mark: Mark | None) -> str:
    """The mark around a frame; nothing without one."""
    if mark is None:
        return ""
    outline = f'<rect class="mark {mark}" {grown(frame, _AROUND)} rx="{_ROUND}"/>'
    return outline + sign(mark, frame.x - 1, frame.y - 1)


def sign(mark: Mark, x: float, y: float) -> str:
    """The sign of a mark, around a point."""
    circle = f'<circle class="c {mark}" cx="{number(x)}" cy="{number(y)}" r="9"/>'
    return f'{circle}<text class="badge" {at(x, y + 4.5)}>{SIGNS[mark]}</text>'


def ghost(old: Rect, new: Rect) -> str:
    """Where something stood before, and the way from there."""
    start, end = (f"{number(each.x + each.width / 2)} {number(each.y + each.height / 2)}" for each in (old, new))
    place = f'<rect class="ghost" {rectangle(old)} rx="8"/>'
    return f'<g class="a-ghost moved">{place}<path class="ghost-way" d="M{start}L{end}"/></g>'
