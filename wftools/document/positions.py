"""JSON Pointer to line and column, on demand.

The text is walked only where pointers lead; everything beside the way is skipped by the C scanner of `json`. So a
document pays nothing here until something in it has to be shown to a person.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Final

from wftools.document.pointer import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE: Final = re.compile(r"[ \t\n\r]*")


class Positions:
    """Finds the places of JSON Pointers (RFC 6901) in one text, which must be valid JSON."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._decode = json.JSONDecoder().raw_decode
        self._known: dict[int, dict[str, tuple[int, int]]] = {}

    def offset(self, pointer: str) -> int:
        """Where the value that a pointer names starts; if there is none, its nearest ancestor that exists."""
        return self._find(pointer)[1]

    def key_offset(self, pointer: str) -> int:
        """Where the value's key starts if it is a member of an object, else where the value starts."""
        return self._find(pointer)[0]

    def end(self, offset: int) -> int:
        """Where the value or key that starts at an offset ends."""
        return self._decode(self.text, offset)[1]

    def line(self, number: int) -> str:
        """A line of the text, from 1, without its end."""
        return self.text[self._line_starts[number - 1] : self._line_starts[number] - 1]

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1; columns count characters."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text)), len(self.text) + 1]

    def _find(self, pointer: str) -> tuple[int, int]:
        key = place = self._skip_space(0)
        for part in parts(pointer):
            member = self._members(place).get(part)
            if member is None:
                break
            key, place = member
        return key, place

    def _members(self, at: int) -> dict[str, tuple[int, int]]:
        """What the object or array at an offset holds: name or index -> (offset of its key, of its value)."""
        if at not in self._known:
            walk = {"{": self._object, "[": self._array}.get(self.text[at])
            self._known[at] = dict(walk(at)) if walk else {}
        return self._known[at]

    def _object(self, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
        at = self._skip_space(at + 1)
        while self.text[at] != "}":
            name, end = self._decode(self.text, at)
            value = self._skip_space(self._skip_space(end) + 1)
            yield name, (at, value)
            at = self._next(value)

    def _array(self, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
        at = self._skip_space(at + 1)
        index = 0
        while self.text[at] != "]":
            yield str(index), (at, at)
            index += 1
            at = self._next(at)

    def _next(self, value: int) -> int:
        """Where the member after the one at an offset starts, or the closing bracket."""
        _, end = self._decode(self.text, value)
        end = self._skip_space(end)
        return self._skip_space(end + 1) if self.text[end] == "," else end

    def _skip_space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        assert match is not None  # the pattern matches the empty string
        return match.end()
