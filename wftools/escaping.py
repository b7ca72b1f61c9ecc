"""How text that strangers wrote is shown and written: names of files, titles, values, and messages that quote them."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wftools.values import Json

# Blanks of other scripts, and what joins letters and emoji: unprintable to Python, harmless to a terminal.
_HARMLESS: Final = frozenset("\u00a0\u3000\u200c\u200d")


def printable(text: str, keep: str = "") -> str:
    r"""The text on one line, fit for a terminal: what moves its cursor, turns its writing or has no glyph is escaped.

    A newline becomes `\n`, half of a surrogate pair `\ud800`, and a byte of a file name that is not UTF-8 `\udce9`.
    Characters in `keep` stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in _HARMLESS or each in keep else each.encode("unicode_escape").decode()
        for each in text
    )


def json_bytes(tree: Json) -> bytes:
    """A tree as a JSON file in UTF-8, which knows no half of a surrogate pair: that, in a file name too, is escaped.

    What is quoted from a file may be NaN or infinity, which JSON has not: they become null, as in the editor.
    """
    import json  # not for those who only show text: start-up

    try:
        text = json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(finite(tree), indent=2, ensure_ascii=False)
    return text.encode(errors="backslashreplace") + b"\n"


def finite(tree: Json) -> Json:
    """A tree with null for NaN and infinity."""
    if isinstance(tree, dict):
        return {key: finite(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [finite(value) for value in tree]
    return None if isinstance(tree, float) and not isfinite(tree) else tree
