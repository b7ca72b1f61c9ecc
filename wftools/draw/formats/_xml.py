"""Strangers' text, and numbers, in XML and HTML."""

from __future__ import annotations

import re
from html import escape
from typing import Final

# What no XML file can hold, not even escaped (XML 1.0, section 2.2).
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What turns the direction of the text around it: a name could make others read wrongly.
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def escaped(text: str) -> str:
    """A text as content or as the value of an attribute."""
    return escape(_TURNING.sub("\ufffd", _NO_XML.sub("\ufffd", text)))


def number(value: float) -> str:
    """A coordinate, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
