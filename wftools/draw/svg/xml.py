"""Strangers' text, and numbers, in XML and HTML."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wftools.draw.scene import Rect

# What no XML file can hold, not even escaped (XML 1.0, section 2.2).
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What turns the direction of the text around it: a name could make others read wrongly.
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def escaped(text: str) -> str:
    """A text as content or as the value of an attribute."""
    return escape(harmless(text))


def harmless(text: str) -> str:
    """A text without what no file can hold, and without what makes others read it wrongly."""
    return _TURNING.sub("\ufffd", _NO_XML.sub("\ufffd", text))


def number(value: float) -> str:
    """A coordinate, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def at(x: float, y: float) -> str:
    """The attributes of a place."""
    return f'x="{number(x)}" y="{number(y)}"'


def rectangle(frame: Rect) -> str:
    """The attributes of a rectangle."""
    return f'{at(frame.x, frame.y)} width="{number(frame.width)}" height="{number(frame.height)}"'


def grown(frame: Rect, by: float) -> str:
    """The attributes of a rectangle that is larger on all sides."""
    width, height = number(frame.width + 2 * by), number(frame.height + 2 * by)
    return f'{at(frame.x - by, frame.y - by)} width="{width}" height="{height}"'
