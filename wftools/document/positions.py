"""JSON Pointer to line and column, on demand.

The text is walked only where pointers lead; everything beside the way is skipped by the C scanner of `json`. So a
document pays nothing here until something in it has to be shown to a person, or changed.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from wftools.document.pointer import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE: Final = re.compile(r"[ \t\n\r]*")
# Line breaks with the blanks around them; in a valid text none stands in a string.
_BREAK: Final = re.compile(r"[ \t\r]*\n\s*")
_BREAK_AT_BRACKET: Final = re.compile(r"(?<=[\[{])[ \t\r]*\n\s*|[ \t\r]*\n\s*(?=[\]}])")


class Child(NamedTuple):
    """A member of an object or an item of an array, as offsets in the text."""

    name: str  # the key, or the index
    key: int  # where the key starts; the value, in an array
    colon: int  # where the key ends; the value starts, in an array
    start: int  # of the value
    end: int  # behind the value


class Children(NamedTuple):
    """An object or array of the text: what stands in it, in order, and the offset of its closing bracket."""

    members: tuple[Child, ...]
    named: dict[str, Child]  # of a key that stands twice the last, which counts
    closing: int


class Positions:
    """Finds the places of JSON Pointers (RFC 6901) in one text, which must be valid JSON."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._decode = json.JSONDecoder().raw_decode
        self._known: dict[int, Children | None] = {}

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

    def folded(self, offset: int, most: int) -> str:
        """What starts at an offset on one line: the value, or as many characters of it, without its line breaks."""
        piece = self.text[offset : min(self.end(offset), offset + most)]
        return _BREAK.sub(" ", _BREAK_AT_BRACKET.sub("", piece))

    def offset_at(self, line: int, column: int) -> int:
        """The offset of a line and a column, both from 1."""
        return self._line_starts[line - 1] + column - 1

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1; columns count characters."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    @cached_property
    def start(self) -> int:
        """Where the outermost value starts."""
        return self._skip_space(0)

    def children(self, at: int) -> Children | None:
        """What stands in the object or array at an offset; None if another value stands there."""
        if at not in self._known:
            self._known[at] = None
            if self.text[at : at + 1] in {"{", "["}:
                members = tuple(self._members(at))
                closing = self._skip_space(members[-1].end if members else at + 1)
                self._known[at] = Children(members, {member.name: member for member in members}, closing)
        return self._known[at]

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text)), len(self.text) + 1]

    def _find(self, pointer: str) -> tuple[int, int]:
        key = place = self.start
        for part in parts(pointer):
            container = self.children(place)
            member = container.named.get(part) if container else None
            if member is None:
                break
            key, place = member.key, member.start
        return key, place

    def _members(self, at: int) -> Iterator[Child]:
        is_object = self.text[at] == "{"
        at = self._skip_space(at + 1)
        index = 0
        while self.text[at] not in "]}":
            if is_object:
                name, colon = self._decode(self.text, at)
                start = self._skip_space(self._skip_space(colon) + 1)
            else:
                name, colon, start = str(index), at, at
            _, end = self._decode(self.text, start)
            yield Child(name, at, colon, start, end)
            index += 1
            at = self._skip_space(end)
            if self.text[at] == ",":
                at = self._skip_space(at + 1)

    def _skip_space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        assert match is not None  # the pattern matches the empty string
        return match.end()
