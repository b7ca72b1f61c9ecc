"""A JSON text while it is changed: what edits lead through is taken apart, all else stays a stretch of the text.

An object or array that is taken apart is a row of members. Each has the blanks before it, its key with the colon, and
its value: a stretch of the text, a container that is taken apart itself, or a value that was not in the text. However
many edits there are, each container is walked once and the text is put together once.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wftools.document.pointer import BEHIND, index, parts
from wftools.document.style import Style, indentation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.document.positions import Positions
    from wftools.values import Json


@dataclass(slots=True, eq=False)
class _Old:
    """A value as it stands in the text."""

    start: int
    end: int


@dataclass(slots=True, eq=False)
class _New:
    """A value that was not in the text, and where the text has values to spell it like."""

    value: Any
    like: tuple[int, ...]


@dataclass(slots=True, eq=False)
class _Member:
    """A member of an object or an item of an array; what is None is spelled as its neighbours have it."""

    value: _Old | _New | _Open
    before: str | None = None  # the blanks before it
    head: str | None = None  # its key with the colon; nothing in an array
    after: str | None = None  # the blanks between it and the comma behind it


@dataclass(slots=True, eq=False)
class _Open:
    """An object or array that is taken apart."""

    start: int
    end: int
    place: Any  # its key or index in the one that it stands in
    parent: _Open | None
    members: dict[Any, _Member] | list[_Member] = field(default_factory=dict)
    repeated: dict[str, list[tuple[str, int]]] = field(default_factory=dict)  # members that a later one hides, by key
    similar: tuple[int, ...] | None = None  # where the text has containers that stand in such places


_EXAMPLES: Final = 4  # in the text, that are looked at for how one value is spelled


class Rewriting:
    """One text, and what has changed in it. Its methods raise LookupError for a pointer that leads nowhere."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._style = Style(positions)
        self._end = len(positions.text.rstrip(" \t\r\n"))
        self._root = _Member(_Old(positions.start, self._end))

    def value(self, pointer: str) -> Json:
        """The value that a pointer leads to, after the changes so far."""
        *way, last = ["", *parts(pointer)]
        holder, _ = self._holder(way)
        found = holder[_place(holder, last)]
        if isinstance(found, _Member):
            new = found.value
            found = new.value if isinstance(new, _New) else json.loads("".join(self._spelled(found, "", "", False)))
        value: Json = found
        return value

    def set(self, pointer: str, value: Json) -> None:
        """Put a value in the place of another."""
        *way, last = ["", *parts(pointer)]
        holder, opened = self._holder(way)
        place = _place(holder, last)
        found = holder[place]
        if isinstance(found, _Member):
            found.value = self._new(value, opened, place, _starts(found))
        else:
            holder[place] = copy.deepcopy(value)

    def remove(self, pointer: str) -> None:
        """Take a value out, with its key and a comma."""
        way = parts(pointer)
        if not way:
            raise LookupError(pointer)
        holder, opened = self._holder(["", *way[:-1]])
        del holder[_place(holder, way[-1])]
        for hidden in opened.repeated.pop(way[-1], ()) if opened else ():
            del holder[hidden]

    def insert(self, pointer: str, value: Json) -> None:
        """Put a value where there is none, or before an item."""
        *way, last = ["", *parts(pointer)]
        holder, opened = self._holder(way)
        if isinstance(holder, dict) and last in holder:
            self.set(pointer, value)
            return
        place: Any = last
        if isinstance(holder, list):
            place = len(holder) if last == BEHIND else index(last, len(holder) + 1)
        if place is None or not isinstance(holder, dict | list):
            raise LookupError(pointer)
        made = copy.deepcopy(value) if opened is None else _Member(self._new(value, opened, place))
        if isinstance(holder, list):
            holder.insert(place, made)
        else:
            holder[place] = made

    def text(self) -> str:
        """The text after the changes."""
        text = self._positions.text
        blanks = text[: self._positions.start], text[self._end :]
        return "".join((blanks[0], *self._spelled(self._root, "", "", False), blanks[1]))

    # Where a pointer leads

    def _holder(self, way: list[str]) -> tuple[Any, _Open | None]:
        """What a way of keys and indices leads to: the members of what is taken apart for it, or a value that is new.

        The first part of the way is empty, as if the whole text were a member too.
        """
        holder: Any = {"": self._root}
        opened: _Open | None = None
        for part in way:
            place = _place(holder, part)
            found = holder[place]
            if isinstance(found, _Member):
                if isinstance(found.value, _Old):
                    found.value = self._opened(found.value, place, opened)
                found = found.value
            opened = found if isinstance(found, _Open) else None
            holder = found.members if isinstance(found, _Open) else found.value if isinstance(found, _New) else found
        return holder, opened

    def _opened(self, value: _Old, place: Any, parent: _Open | None) -> _Open:
        container = self._positions.children(value.start)
        if container is None:
            raise LookupError(place)
        opened = _Open(value.start, value.end, place, parent)
        text = self._positions.text
        members: dict[Any, _Member] = {}
        previous: _Member | None = None
        at = value.start + 1
        for number, each in enumerate(container.members):
            member = _Member(_Old(each.start, each.end), head=text[each.key : each.start])
            if previous is not None:
                previous.after, _, member.before = text[at : each.key].partition(",")
            key: Any = each.name
            if container.named[each.name] is not each:
                key = (each.name, number)
                opened.repeated.setdefault(each.name, []).append(key)
            members[key] = previous = member
            at = each.end
        opened.members = list(members.values()) if text[value.start] == "[" else members
        return opened

    # What a value is spelled like

    def _new(self, value: Json, parent: _Open | None, place: Any, own: tuple[int, ...] = ()) -> _New:
        """A value for a place; `own` is where the text has what stands there."""
        is_plain = not isinstance(value, dict | list)
        return _New(copy.deepcopy(value), () if is_plain else (own + self._like(parent, place))[:_EXAMPLES])

    def _like(self, parent: _Open | None, place: Any) -> tuple[int, ...]:
        """Where the text has values in such places: items beside it, members of the same name, other members."""
        if parent is None:
            return ()
        if isinstance(parent.members, list):
            beside = [start for each in parent.members[max(place - 1, 0) : place + 2] for start in _starts(each)]
            return (*beside, *self._style.inside(self._similar(parent), str(place)))
        ends = (next(iter(parent.members.values()), None), next(reversed(parent.members.values()), None))
        others = [start for each in ends if each is not None for start in _starts(each)]
        return (*self._style.inside(self._similar(parent), place), *others)

    def _similar(self, opened: _Open) -> tuple[int, ...]:
        if opened.similar is None:
            opened.similar = self._like(opened.parent, opened.place)[:_EXAMPLES]
        return opened.similar

    # The text

    def _spelled(self, member: _Member, name: str, margin: str, in_line: bool) -> Iterator[str]:
        """A value that stands on a line with that margin, or must stay on that line."""
        value = member.value
        if isinstance(value, _Old):
            yield self._positions.text[value.start : value.end]
        elif isinstance(value, _New):
            yield from self._style.spelled(value.value, value.like, name, margin, in_line=in_line)
        else:
            yield from self._put_together(value, name, margin, in_line)

    def _put_together(self, opened: _Open, name: str, margin: str, in_line: bool) -> Iterator[str]:
        text = self._positions.text
        layout = self._style.layout(opened.start)
        if not opened.members:
            yield text[opened.start] + text[opened.end - 1] if layout else text[opened.start : opened.end]
            return
        if layout is None:  # nothing stood in it
            layout = self._style.chosen(text[opened.start], self._similar(opened), name, margin, in_line=in_line)
        is_object = isinstance(opened.members, dict)
        members = opened.members.items() if isinstance(opened.members, dict) else enumerate(opened.members)
        blanks, after = layout.first, ""
        yield text[opened.start]
        for number, (key, member) in enumerate(members):
            if number:
                blanks = layout.between if member.before is None else member.before
                yield f"{after},"
            yield blanks
            if member.head is not None:
                yield member.head
            elif is_object:
                yield self._style.scalar(key) + layout.colon
            inner = indentation(blanks) if "\n" in blanks else margin
            yield from self._spelled(member, key if is_object else "", inner, layout.is_line)
            after = layout.after if member.after is None else member.after
        yield layout.tail + text[opened.end - 1]


def _starts(member: _Member) -> tuple[int, ...]:
    """Where the text has a value like this one."""
    value = member.value
    return value.like[:1] if isinstance(value, _New) else (value.start,)


def _place(holder: Any, part: str) -> Any:
    """The key or index that a part of a pointer is there."""
    place = index(part, len(holder)) if isinstance(holder, list) else part
    if place is None or not isinstance(holder, dict | list) or (isinstance(holder, dict) and place not in holder):
        raise LookupError(part)
    return place
