"""The rows of a node with values, as SVG elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.draw.svg.xml import at, escaped, number, rectangle
from wftools.draw.text import MONOSPACE_ADVANCE, TEXT_SIZE, fitted, width_of, wrapped, wrapped_words

if TYPE_CHECKING:
    from wftools.draw.scene import DrawnWidget, Mark, Rect

_BASELINE: Final = 4.2  # from the middle of a line to its baseline
_LINE_HEIGHT: Final = 12.5  # of a text
_LETTER: Final = 10 * MONOSPACE_ADVANCE
_BESIDE_ARROW, _BESIDE_VALUE, _BESIDE_NAME = 20, 28, 15  # from the ends of a row to its name and its value
_BETWEEN: Final = 8  # name and value


def widget(drawn: DrawnWidget, place: Rect, node_width: float) -> str:
    """A row, with its mark behind it."""
    mark = ""
    if drawn.mark is not None:
        mark = (
            f'<rect class="row-mark {drawn.mark}" {at(3, place.y - 2)} width="{number(node_width - 6)}" '
            f'height="{number(place.height + 4)}" rx="4"/>'
        )
    row = _text(drawn, place) if drawn.look == "text" else _line(drawn, place)
    return f'<g class="a-widget" data-widget="{escaped(drawn.name)}">{mark}{row}</g>'


def label(text: str, x: float, y: float, room: float, classes: str = "text") -> str:
    """As much of a line of text as there is room for, around the height y."""
    shown = escaped(fitted(text, TEXT_SIZE, room))
    return f'<text class="{classes}" {at(x, y + _BASELINE)}>{shown}</text>' if shown else ""


def _line(drawn: DrawnWidget, place: Rect) -> str:
    """A row of one line: its name on the left, its value on the right."""
    middle = place.y + place.height / 2
    has_arrows = drawn.look in ("number", "combo")
    left = place.x + (_BESIDE_ARROW if has_arrows else _BESIDE_NAME)
    right = place.right - (_BESIDE_VALUE if has_arrows else _BESIDE_NAME)
    room = max(right - left, 0)
    if drawn.is_linked:
        return f'<g class="dim">{label(drawn.label, left, middle, room, "widget_name")}</g>'
    box = f'<rect class="widget widget_edge" {rectangle(place)} rx="{number(place.height / 2)}"/>'
    if drawn.look == "button":
        return box + label(drawn.label, place.x + place.width / 2, middle, room, "widget_text middle")
    if has_arrows:
        box += (
            f'<path class="widget_text" d="M{number(place.x + 16)} {number(middle - 5)}l-10 5l10 5z'
            f'M{number(place.right - 16)} {number(middle - 5)}l10 5l-10 5z"/>'
        )
    if drawn.look == "toggle":
        colour = "widget_name" if drawn.text == "true" else "box"
        box += f'<circle class="{colour}" cx="{number(right)}" cy="{number(middle)}" r="7"/>'
        right -= 12
    value = f"{drawn.was} → {drawn.text}" if drawn.was is not None and drawn.mark == "changed" else drawn.text
    value = " ".join(value.split())
    # The name gives way to the value, but keeps a third of the room.
    name = fitted(drawn.label, TEXT_SIZE, max(room - width_of(value, TEXT_SIZE) - _BETWEEN, room / 3))
    rest = max(room - width_of(name, TEXT_SIZE) - _BETWEEN, 0)
    return box + label(name, left, middle, room, "widget_name") + label(value, right, middle, rest, "widget_text end")


def _text(drawn: DrawnWidget, place: Rect) -> str:
    """A text of several lines; without one, the name of the widget in its place."""
    columns, most = int((place.width - 8) / _LETTER), max(int((place.height - 2) / _LINE_HEIGHT), 1)
    if drawn.words:
        lines = ["".join(_word(*word) for word in line) for line in wrapped_words(drawn.words, columns, most)]
    else:
        lines = [escaped(line) for line in wrapped(drawn.text or drawn.label, columns, most)]
    classes = "lines widget_text" if drawn.text or drawn.words else "lines widget_name dim"
    rows = "".join(
        f'<text class="{classes}" {at(place.x + 4, place.y + 10 + row * _LINE_HEIGHT)}>{line}</text>'
        for row, line in enumerate(lines)
        if line
    )
    area = f'<rect class="widget" {rectangle(place)} rx="2"/>{rows}'
    return f'<g class="dim">{area}</g>' if drawn.is_linked else area


def _word(mark: Mark | None, text: str) -> str:
    return escaped(text) if mark is None else f'<tspan class="word {mark}">{escaped(text)}</tspan>'
