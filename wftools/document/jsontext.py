"""JSON as ComfyUI reads it: Python's dialect, with what is unusual in it noted instead of lost.

Integers stay integers of any size, floats stay floats, keys keep their order. Repeated keys and NaN are accepted, as
Python's reader accepts them, and reported. Depth is bounded by the reader, which stops before the stack ends.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from wftools.document.source import TextDefect
from wftools.errors import InputError, LimitError

# The largest official template has 0.5 MB; workflows with pictures inside reach some tens of MB.
MAX_BYTES: Final = 128 * 2**20

_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_NON_FINITE: Final = re.compile(r"-?Infinity|NaN")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_STRUCTURE: Final = re.compile(r'[{}\[\]]|"(?:[^"\\]|\\.)*"(?P<key>\s*:)?', re.DOTALL)


class JsonError(InputError):
    """Not JSON. `offset` is where reading stopped, in characters."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def decode(data: bytes) -> tuple[str, list[TextDefect]]:
    """Bytes to text: UTF-8, or UTF-16/32 where the bytes say so. Raises JsonError for anything else."""
    if len(data) > MAX_BYTES:
        raise LimitError(f"the JSON text has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "ignore")
        raise JsonError(f"byte {error.start} is not {encoding.upper()}", len(before)) from error
    if not data.startswith(_BYTE_ORDER_MARKS):
        return text, []
    return text.removeprefix("\ufeff"), [TextDefect("byte-order-mark", "the file starts with a byte order mark", 0)]


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
        raise LimitError("the JSON text is nested too deeply") from error
    except ValueError as error:
        raise LimitError("the JSON text has an integer of too many digits") from error
    defects: list[TextDefect] = []
    if has_repeated:
        defects += _repeated_keys(text)
    if has_non_finite:
        defects += _non_finite_numbers(text)
    return tree, defects


def _repeated_keys(text: str) -> list[TextDefect]:
    """Walk a valid JSON text and note each key that its object already has."""
    found: list[TextDefect] = []
    keys_of: list[set[str]] = []  # of the open objects and arrays, the innermost last
    for match in _STRUCTURE.finditer(text):
        found_text = match.group()
        if found_text in "{[":
            keys_of.append(set())
        elif found_text in "}]":
            keys_of.pop()
        elif match.group("key"):
            key = json.loads(found_text[: -len(match.group("key"))])
            if key in keys_of[-1]:
                message = f"key {key!r} stands twice in one object; only the last value counts"
                found.append(TextDefect("duplicate-key", message, match.start()))
            keys_of[-1].add(key)
    return found


def _non_finite_numbers(text: str) -> list[TextDefect]:
    blank = _STRING.sub(lambda match: " " * len(match.group()), text)
    return [
        TextDefect("non-finite", f"{match.group()} is not JSON; the web frontend reads null here", match.start())
        for match in _NON_FINITE.finditer(blank)
    ]
