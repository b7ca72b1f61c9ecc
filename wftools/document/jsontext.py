"""JSON as ComfyUI reads it: Python's dialect, with what is unusual in it noted instead of lost.

Integers stay integers of any size, floats stay floats, keys keep their order. Repeated keys and NaN are accepted, as
Python's reader accepts them, and reported. Depth is bounded: whoever walks a tree may recurse.
"""

from __future__ import annotations

import codecs
import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, Final

from wftools.document.source import TextDefect
from wftools.errors import InputError, LimitError, shown
from wftools.reading import is_deeper

if TYPE_CHECKING:
    from collections.abc import Iterator

# The largest official template has 0.5 MB; workflows with pictures inside reach some tens of MB. With one emoji in it
# a text takes four bytes a character, and reading, changing and comparing hold it several times: within 1 GB.
MAX_BYTES: Final = 64 * 2**20

# What stands in more objects and arrays than these is a mistake or an attack.
MAX_LEVELS: Final = 128

_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # starts as that of UTF-16 does, so it comes before it
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Everything that has a meaning outside of texts. A text is passed over by the scanner of `json`: a pattern for texts
# would keep a place to go back to for each of its characters.
_SIGN: Final = re.compile(r'["{}\[\]]|-?Infinity|NaN')
_TOO_DEEP: Final = f"the JSON text is nested too deeply: more than {MAX_LEVELS} levels"
_COLON: Final = re.compile(r"[ \t\n\r]*:")


class JsonError(InputError):
    """Not JSON. `offset` is where reading stopped, in characters."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def decode(data: bytes) -> tuple[str, str, list[TextDefect]]:
    """Bytes to text, the name of their encoding, and what is unusual: UTF-8, or UTF-16/32 where the bytes say so.

    Raises JsonError for anything else.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"the JSON text has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    encoding = _MARKS[mark] if mark else json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "ignore")
        raise JsonError(f"byte {error.start} is not {encoding.upper()}", len(before)) from error
    if not mark:
        return text, encoding, []
    defect = TextDefect("byte-order-mark", "the file starts with a byte order mark", 0)
    return text.removeprefix("\ufeff"), encoding, [defect]


def is_json(value: Any) -> bool:
    """Whether JSON has such a value: Python reads and writes NaN and infinities, which it has not."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def parse(text: str) -> tuple[Any, list[TextDefect]]:
    """Text to a tree of dict, list, str, int, float, bool and None, and what is unusual in it.

    Raises JsonError with the place, LimitError for a text that is nested too deeply or has too long a number.
    """
    has_repeated = False
    has_non_finite = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal has_repeated
        found = dict(items)
        if len(found) != len(items):
            has_repeated = True
        return found

    def constant(name: str) -> float:
        nonlocal has_non_finite
        has_non_finite = True
        return float(name)

    try:
        tree = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise JsonError(error.msg[:1].lower() + error.msg[1:], error.pos) from error
    except RecursionError as error:
        raise LimitError(_TOO_DEEP) from error
    except ValueError as error:
        raise LimitError("the JSON text has an integer of too many digits") from error
    if is_deeper(tree, MAX_LEVELS):
        raise LimitError(_TOO_DEEP)
    return tree, list(_defects(text)) if has_repeated or has_non_finite else []


def _defects(text: str) -> Iterator[TextDefect]:
    """Walk a valid JSON text and note each key that its object already has, and each number that JSON has not."""
    keys_of: list[set[str]] = []  # of the open objects and arrays, the innermost last
    for start, sign in _signs(text):
        if sign in "{[":
            keys_of.append(set())
        elif sign in "]}":
            keys_of.pop()
        elif sign != '"':
            message = f"{sign} is not JSON; the web frontend reads null here"
            yield TextDefect("non-finite", message, start)
        else:
            key, end = scanstring(text, start + 1)
            if _COLON.match(text, end):
                if key in keys_of[-1]:
                    message = f"key {shown(key)} stands twice in one object; only the last value counts"
                    yield TextDefect("duplicate-key", message, start)
                keys_of[-1].add(key)


def _signs(text: str) -> Iterator[tuple[int, str]]:
    """Brackets, starts of texts and numbers that JSON has not, with their offsets; texts are passed over.

    Stops where a text is not valid.
    """
    at = 0
    while (match := _SIGN.search(text, at)) is not None:
        at = match.end()
        if match.group() == '"':
            try:
                at = scanstring(text, at)[1]
            except ValueError:
                return
        yield match.start(), match.group()
