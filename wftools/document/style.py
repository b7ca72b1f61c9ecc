"""How a text is spelled, so that what is new in it can be spelled alike.

A new object or array is laid out like one of those that stand in such a place: the one that it replaces, its
neighbours, members of the same name elsewhere. So `"pos": [1, 2]` stays on a line where the others do. Where there is
none, it is laid out as the text is as a whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.document.positions import Positions
    from wftools.values import Json

_INDENT: Final = "  "  # of a text that has none
# A text, and what follows it if it is the key of an object or an array in which something stands.
_TEXT: Final = re.compile(r'"((?:[^"\\]++|\\.)*+)"(?:\s*:\s*([\[{])(?=\s*[^\s\]}]))?', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\u(?!00[01])[0-9a-fA-F]{4}")


@dataclass(frozen=True, slots=True)
class Layout:
    """The blanks of an object or array in which something stands."""

    first: str  # between the bracket and the first member
    after: str  # between a member and the comma behind it
    between: str  # between a comma and the next member
    tail: str  # before the closing bracket
    colon: str  # between a key and its value, blanks included
    is_line: bool  # all of it stands on one line

    def moved(self, old: str, new: str) -> Layout:
        """The same for a container on a line with another margin."""
        first, between, tail = (_moved(blanks, old, new) for blanks in (self.first, self.between, self.tail))
        return replace(self, first=first, between=between, tail=tail)


class Style:
    """The spelling of one text."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._layouts: dict[int, Layout | None] = {}

    def layout(self, at: int) -> Layout | None:
        """The layout of the object or array at an offset; None if there is none, or nothing in it."""
        if at not in self._layouts:
            self._layouts[at] = self._laid_out(at)
        return self._layouts[at]

    def inside(self, like: Iterable[int], name: str) -> tuple[int, ...]:
        """Where values of one name, or of one index, stand in the containers at some offsets."""
        found = []
        for at in like:
            container = self._positions.children(at)
            member = container.named.get(name) if container else None
            if member is None and container and container.members and self._positions.text[at] == "[":
                member = container.members[-1]
            if member is not None:
                found.append(member.start)
        return tuple(found)

    def spelled(self, value: Json, like: tuple[int, ...], name: str, margin: str, *, in_line: bool) -> Iterator[str]:
        """A value after a key of that name, spelled like those at some offsets.

        `margin` is the indentation of its line. `in_line`: it must not be broken over lines.
        """
        if not isinstance(value, dict | list):
            yield self.scalar(value)
            return
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        if not value:
            yield opening + closing
            return
        layout = self.chosen(opening, like, name, margin, in_line=in_line)
        blanks = layout.first
        yield opening
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield blanks
            if isinstance(value, dict):
                yield self.scalar(key) + layout.colon
            inner = indentation(blanks) if "\n" in blanks else margin
            own = key if isinstance(key, str) else ""
            yield from self.spelled(each, self.inside(like, str(key)), own, inner, in_line=layout.is_line)
            blanks = f"{layout.after},{layout.between}"
        yield layout.tail + closing

    def scalar(self, value: Json) -> str:
        """A text, number, boolean or null; letters are escaped where the others are, or where UTF-8 has none."""
        return scalar(value, escapes=self._escapes)

    def chosen(self, opening: str, like: tuple[int, ...], name: str, margin: str, *, in_line: bool) -> Layout:
        """How to lay out a container that starts with a bracket, on a line with that margin."""
        text = self._positions.text
        for at in (*like, *self._named.get((name, opening), ())):
            layout = self.layout(at) if text[at] == opening else None
            if layout is not None and (layout.is_line or not in_line):
                return layout.moved(self._margin(at), margin)
        root = self._root
        if in_line or "\n" not in root.first:
            space = _space(root.colon) if "\n" in root.between else root.between
            return Layout("", "", space, "", root.colon, is_line=True)
        blanks = _moved(root.first, "", margin)
        return Layout(blanks, "", blanks, _moved(root.tail, "", margin), root.colon, is_line=False)

    def _laid_out(self, at: int) -> Layout | None:
        container = self._positions.children(at)
        if container is None or not container.members:
            return None
        text, members = self._positions.text, container.members
        first = text[at + 1 : members[0].key]
        tail = text[members[-1].end : container.closing]
        colon = text[members[0].colon : members[0].start]
        if len(members) > 1:
            after, _, between = text[members[0].end : members[1].key].partition(",")
        else:
            after, between = "", first if "\n" in first else _space(colon or self._root.colon)
        return Layout(first, after, between, tail, colon, is_line=text.find("\n", at, container.closing) < 0)

    def _margin(self, at: int) -> str:
        """The indentation of the line on which a container closes."""
        container, layout = self._positions.children(at), self.layout(at)
        if container is None or layout is None or layout.is_line:
            return ""
        if "\n" in layout.tail:
            return indentation(layout.tail)
        line = self._positions.text.rfind("\n", 0, container.closing)
        return indentation(self._positions.text[line : container.closing])

    @cached_property
    def _root(self) -> Layout:
        """The layout of the text as a whole."""
        layout = self.layout(self._positions.start)
        return layout or Layout(f"\n{_INDENT}", "", f"\n{_INDENT}", "\n", ": ", is_line=False)

    @cached_property
    def _named(self) -> dict[tuple[str, str], tuple[int]]:
        """Where the first object and the first array stand after each key, if something is in them."""
        found: dict[tuple[str, str], tuple[int]] = {}
        for match in _TEXT.finditer(self._positions.text):
            if match.group(2):
                found.setdefault((match.group(1), match.group(2)), (match.start(2),))
        return found

    @cached_property
    def _escapes(self) -> bool:
        """Whether non-ASCII characters are escaped: they are if there is an escape and no such character."""
        text = self._positions.text
        return text.isascii() and _ESCAPE.search(text) is not None


def indentation(blanks: str) -> str:
    """The blanks at the start of the last line of a text."""
    line = blanks[blanks.rfind("\n") + 1 :]
    return line[: len(line) - len(line.lstrip(" \t"))]


def scalar(value: Json, *, escapes: bool = False) -> str:
    """A text, number, boolean or null as JSON; `escapes`: with all letters but ASCII escaped.

    A text with half of a surrogate pair, which UTF-8 cannot hold, is escaped in any case.
    """
    text = json.dumps(value, ensure_ascii=escapes)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def _space(colon: str) -> str:
    """What stands behind a comma within a line, where a colon is written like this."""
    return " " if colon.endswith(" ") else ""


def _moved(blanks: str, old: str, new: str) -> str:
    """Blanks with a line break, for a line with another margin; others as they are."""
    if "\n" not in blanks:
        return blanks
    inner = indentation(blanks)
    return ("\r\n" if "\r" in blanks else "\n") + (new + inner.removeprefix(old) if inner.startswith(old) else inner)
