r"""JavaScript's regular expressions, searched in time that grows with the text and not beyond.

A pattern comes out of a file, and a backtracking search of `(a+)+$` never ends. So all ways through a pattern are gone
at once, one character at a time (Thompson 1968). Only whether it is found is asked, so greed and groups make no
difference. What needs backtracking (references back, looking behind) is refused; a pattern that JavaScript itself would
not take is malformed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from wftools.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LENGTH: Final = 1_000  # characters of a pattern
MAX_STATES: Final = 5_000  # of a pattern, repetitions spelled out
MAX_DEPTH: Final = 50  # of groups in groups
MAX_STEPS: Final = 1_000_000  # in all comparisons of a file: some seconds; large real files take some ten thousand


class MalformedPatternError(ValueError):
    """No regular expression of JavaScript."""


class RefusedPatternError(ValueError):
    """A regular expression that is not searched for."""


class Effort:
    """What comparisons may still cost."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        """Raises LimitError when there is nothing left."""
        self._left -= steps
        if self._left < 0:
            raise LimitError(
                "there are too many broadcasting nodes and inputs to compare, or their patterns take too long"
            )


# What a state does

Edge = Literal["^", "$", "b", "B"]
_LAST: Final = 0x10FFFF
_DIGITS: Final = ((48, 57),)
_WORD: Final = ((48, 57), (65, 90), (95, 95), (97, 122))
_LINE_ENDS: Final = ((10, 10), (13, 13), (0x2028, 0x2029))
_SPACES: Final = (
    (9, 13),
    (32, 32),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
)
_CLASSES: Final = {"d": _DIGITS, "w": _WORD, "s": _SPACES}
_CONTROLS: Final = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}

Ranges = tuple[tuple[int, int], ...]


def _others(ranges: Ranges) -> Ranges:
    """All characters that are in none of the ranges."""
    found, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return (*found, (start, _LAST)) if start <= _LAST else tuple(found)


@dataclass(frozen=True, slots=True)
class _Character:
    ranges: Ranges
    next: int


@dataclass(frozen=True, slots=True)
class _Fork:
    ways: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _At:
    edge: Edge
    next: int


@dataclass(frozen=True, slots=True)
class _Ahead:
    start: int  # of what must follow, or must not
    is_negated: bool
    next: int


_FOUND: Final = 0  # the state in which a search ends
_State = _Character | _Fork | _At | _Ahead | None


class Pattern:
    """A regular expression as JavaScript's `new RegExp(source)` reads it.

    Raises MalformedPatternError or RefusedPatternError.
    """

    def __init__(self, source: str) -> None:
        if len(source) > MAX_LENGTH:
            raise RefusedPatternError(f"it has more than {MAX_LENGTH:,} characters")
        self._states: list[_State] = [None]
        self._start = _Parser(source).whole().built(self._states, _FOUND)
        self._known: dict[str, bool] = {}

    def is_in(self, text: str, effort: Effort) -> bool:
        """Whether it is found anywhere in a text. Raises LimitError."""
        if text not in self._known:
            self._known[text] = self._search(self._start, text, 0, effort, anywhere=True)
        return self._known[text]

    def _search(self, start: int, text: str, at: int, effort: Effort, *, anywhere: bool) -> bool:
        states: set[int] = {start}
        for place in range(at, len(text) + 1):
            reached = self._reached(states, text, place, effort)
            if _FOUND in reached:
                return True
            if place == len(text):
                return False
            code = ord(text[place])
            states = {start} if anywhere else set()
            for index in reached:
                state = self._states[index]
                if isinstance(state, _Character):
                    effort.spend(len(state.ranges))
                    if any(low <= code <= high for low, high in state.ranges):
                        states.add(state.next)
            if not states:
                return False
        return False

    def _reached(self, states: set[int], text: str, place: int, effort: Effort) -> set[int]:
        """The states that are reached from some without a character."""
        reached: set[int] = set()
        waiting = list(states)
        while waiting:
            index = waiting.pop()
            if index in reached:
                continue
            reached.add(index)
            state = self._states[index]
            if isinstance(state, _Fork):
                waiting += state.ways
            elif isinstance(state, _At) and _is_at(state.edge, text, place):
                waiting.append(state.next)
            elif isinstance(state, _Ahead):
                follows = self._search(state.start, text, place, effort, anywhere=False)
                if follows is not state.is_negated:
                    waiting.append(state.next)
        effort.spend(len(reached) + 1)
        return reached


def _is_at(edge: Edge, text: str, place: int) -> bool:
    if edge == "^":
        return place == 0
    if edge == "$":
        return place == len(text)
    around = [0 <= index < len(text) and _is_word(text[index]) for index in (place - 1, place)]
    return (around[0] is not around[1]) is (edge == "b")


def _is_word(character: str) -> bool:
    return character == "_" or (character.isascii() and character.isalnum())


# What a pattern is made of; each part is built from its end to its start


@dataclass(frozen=True, slots=True)
class _Part:
    """One character of some, or a place."""

    ranges: Ranges = ()
    edge: Edge | None = None

    def built(self, states: list[_State], then: int) -> int:
        return _added(states, _Character(self.ranges, then) if self.edge is None else _At(self.edge, then))


@dataclass(frozen=True, slots=True)
class _Row:
    parts: Sequence[_Tree]

    def built(self, states: list[_State], then: int) -> int:
        for part in reversed(self.parts):
            then = part.built(states, then)
        return then


@dataclass(frozen=True, slots=True)
class _Choice:
    ways: Sequence[_Tree]

    def built(self, states: list[_State], then: int) -> int:
        return _added(states, _Fork(tuple(way.built(states, then) for way in self.ways)))


@dataclass(frozen=True, slots=True)
class _Repeated:
    part: _Tree
    least: int
    most: int | None

    def built(self, states: list[_State], then: int) -> int:
        if self.most is None:
            loop = _added(states, None)
            states[loop] = _Fork((self.part.built(states, loop), then))
            then = loop
        else:
            end = then
            for _ in range(self.most - self.least):
                then = _added(states, _Fork((self.part.built(states, then), end)))
        for _ in range(self.least):
            before, then = then, self.part.built(states, then)
            if then == before:  # a part of nothing, however often
                break
        return then


@dataclass(frozen=True, slots=True)
class _Following:
    part: _Tree
    is_negated: bool

    def built(self, states: list[_State], then: int) -> int:
        return _added(states, _Ahead(self.part.built(states, _FOUND), self.is_negated, then))


_Tree = _Part | _Row | _Choice | _Repeated | _Following


def _added(states: list[_State], state: _State) -> int:
    if len(states) >= MAX_STATES:
        raise RefusedPatternError(f"it has more than {MAX_STATES:,} parts once repetitions are spelled out")
    states.append(state)
    return len(states) - 1


class _Parser:
    """Reads a pattern; what JavaScript lets pass for old pages' sake (a lone `]` or `{`) passes here."""

    _COUNT = re.compile(r"\{(\d{1,9})(,(\d{1,9})?)?\}")

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._depth = 0

    def whole(self) -> _Tree:
        tree = self._choice()
        if self._at < len(self._source):
            raise MalformedPatternError("a parenthesis is closed that none opened")
        return tree

    def _choice(self) -> _Tree:
        ways = [self._row()]
        while self._takes("|"):
            ways.append(self._row())
        return ways[0] if len(ways) == 1 else _Choice(ways)

    def _row(self) -> _Tree:
        parts: list[_Tree] = []
        while self._at < len(self._source) and self._source[self._at] not in "|)":
            parts.append(self._repeated(self._part()))
        return _Row(parts)

    def _repeated(self, part: _Tree) -> _Tree:
        if self._takes("*"):
            least, most = 0, None
        elif self._takes("+"):
            least, most = 1, None
        elif self._takes("?"):
            least, most = 0, 1
        elif count := self._COUNT.match(self._source, self._at):
            self._at = count.end()
            least = int(count[1])
            most = least if count[2] is None else int(count[3]) if count[3] is not None else None
        else:
            return part
        if isinstance(part, _Part) and part.edge is not None:
            raise MalformedPatternError("a place is repeated")
        if most is not None and most < least:
            raise MalformedPatternError("numbers are out of order")
        self._takes("?")  # as few as possible: found is found
        return _Repeated(part, least, most)

    def _part(self) -> _Tree:
        character = self._source[self._at]
        if character in "*+?" or self._COUNT.match(self._source, self._at):
            raise MalformedPatternError("nothing to repeat")
        self._at += 1
        if character == "(":
            return self._group()
        if character == "[":
            return _Part(self._class())
        if character == ".":
            return _Part(_others(_LINE_ENDS))
        if character in "^$":
            return _Part(edge="^" if character == "^" else "$")
        if character == "\\":
            return self._escape()
        return _Part(_just(ord(character)))

    def _group(self) -> _Tree:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise RefusedPatternError(f"it has more than {MAX_DEPTH} groups in each other")
        kind = re.compile(r"\?(?:[:=!]|<[=!]|<[^\W\d]\w*>)|").match(self._source, self._at)
        opened = kind[0] if kind is not None else ""
        if not opened and self._source.startswith("?", self._at):
            raise MalformedPatternError("an unknown group")
        if opened in ("?<=", "?<!"):
            raise RefusedPatternError("it looks behind")
        self._at += len(opened)
        inside = self._choice()
        if not self._takes(")"):
            raise MalformedPatternError("a parenthesis is not closed")
        self._depth -= 1
        return _Following(inside, opened == "?!") if opened in ("?=", "?!") else inside

    def _escape(self) -> _Tree:
        if self._at == len(self._source):
            raise MalformedPatternError("a backslash stands at the end")
        character = self._source[self._at]
        if character in "bB":
            self._at += 1
            return _Part(edge="b" if character == "b" else "B")
        if character in "123456789" or self._source.startswith("k<", self._at):
            raise RefusedPatternError("it refers back to a group")
        return _Part(self._escaped())

    def _escaped(self) -> Ranges:
        """What stands behind a backslash, in a class or outside."""
        character = self._source[self._at]
        self._at += 1
        if character.lower() in _CLASSES:
            ranges = _CLASSES[character.lower()]
            return ranges if character.islower() else _others(ranges)
        if character in _CONTROLS:
            return _just(_CONTROLS[character])
        if character == "0":
            return _just(0)
        width = {"x": 2, "u": 4}.get(character, 0)
        digits = self._source[self._at : self._at + width]
        if width and re.fullmatch(rf"[0-9a-fA-F]{{{width}}}", digits):
            self._at += width
            return _just(int(digits, 16))
        return _just(ord(character))

    def _class(self) -> Ranges:
        is_negated = self._takes("^")
        found: list[tuple[int, int]] = []
        while not self._takes("]"):
            low = self._member()
            is_range = self._source.startswith("-", self._at) and not self._source.startswith("-]", self._at)
            if is_range and len(low) == 1 and low[0][0] == low[0][1]:
                self._at += 1
                high = self._member()
                if len(high) == 1 and high[0][0] == high[0][1]:
                    if high[0][0] < low[0][0]:
                        raise MalformedPatternError("a range is out of order")
                    low, high = ((low[0][0], high[0][0]),), ()
                else:
                    found.append((ord("-"), ord("-")))
                found += high
            found += low
        return _others(tuple(found)) if is_negated else tuple(found)

    def _member(self) -> Ranges:
        """One member of a class, which is open."""
        if self._source[self._at :] in ("", "\\"):
            raise MalformedPatternError("a bracket is not closed")
        character = self._source[self._at]
        self._at += 1
        if character != "\\":
            return _just(ord(character))
        if self._takes("b"):
            return _just(8)
        return self._escaped()

    def _takes(self, character: str) -> bool:
        """Whether a character is next; then it is passed."""
        is_next = self._source.startswith(character, self._at)
        self._at += is_next
        return is_next


def _just(code: int) -> Ranges:
    return ((code, code),)
