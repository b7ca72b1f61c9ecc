"""Expressions that pick files: `sampler=euler and model~xl and (steps>=20 or not lora)`.

A file is picked if the expression is true of one of its outputs. `=` compares whole values, and names of files with or
without folder and suffix; `~` looks for a part; neither minds capitals. A field alone asks whether there is
any. `!=` is `not … = …`, true of what has no such value at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Protocol

from wftools.errors import InputError
from wftools.overview.model import SETTINGS, From
from wftools.overview.prompts import shown
from wftools.overview.words import is_main, kind_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wftools.overview.model import Output, Overview, Pass, Told, UsedFile

MAX_DEPTH: Final = 50  # of parentheses and `not`

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<paren>[()])|(?P<operator>!=|<=|>=|==|=|~|<|>)|(?P<quoted>"[^"]*"|'[^']*')|(?P<word>[^\s()=~<>!"']+))"""
)
Values = tuple["Told", ...]


class Expression(Protocol):
    """What can be asked of a file."""

    def holds(self, values: Callable[[str], Values]) -> bool:
        """Whether it is true of an output with these values by field."""
        ...

    def is_true_of(self, overview: Overview) -> bool:
        """Whether it is true of one of the outputs of a file, or of the file if that has none."""
        ...


class _Expression(Expression):
    def is_true_of(self, overview: Overview) -> bool:
        outputs: tuple[Output | None, ...] = overview.outputs or (None,)
        return any(self.holds(lambda field, each=each: FIELDS[field](overview, each)) for each in outputs)  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class _Not(_Expression):
    inner: Expression

    def holds(self, values: Callable[[str], Values]) -> bool:
        return not self.inner.holds(values)


@dataclass(frozen=True, slots=True)
class _All(_Expression):
    parts: tuple[Expression, ...]

    def holds(self, values: Callable[[str], Values]) -> bool:
        return all(part.holds(values) for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Any(_Expression):
    parts: tuple[Expression, ...]

    def holds(self, values: Callable[[str], Values]) -> bool:
        return any(part.holds(values) for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Comparison(_Expression):
    field: str
    operator: str | None
    wanted: str = ""

    def holds(self, values: Callable[[str], Values]) -> bool:
        found = values(self.field)
        if self.operator is None:
            return any(value is not False and value != "" for value in found)
        return any(_COMPARE[self.operator](value, self.wanted) for value in found)


def _equal(value: Told, wanted: str) -> bool:
    numbers = _number(value), _number(wanted)
    if None not in numbers:
        return numbers[0] == numbers[1]
    spelled, wanted = _spelled(value).lower(), wanted.lower()
    name = spelled.rpartition("/")[2]
    return wanted in (spelled, name, name.rpartition(".")[0] or name)


def _ordered(compare: Callable[[float, float], bool]) -> Callable[[Told, str], bool]:
    def holds(value: Told, wanted: str) -> bool:
        found, limit = _number(value), _number(wanted)
        return found is not None and limit is not None and compare(found, limit)

    return holds


def _number(value: Told) -> float | None:
    if isinstance(value, bool | From):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _spelled(value: Told) -> str:
    return shown(value) if isinstance(value, From) else str(value)


_COMPARE: Final[Mapping[str, Callable[[Told, str], bool]]] = {
    "=": _equal,
    "~": lambda value, wanted: wanted.lower() in _spelled(value).lower(),
    "<": _ordered(float.__lt__),
    "<=": _ordered(float.__le__),
    ">": _ordered(float.__gt__),
    ">=": _ordered(float.__ge__),
}
_ORDERED: Final = ("<", "<=", ">", ">=")


# Fields


def _of_setting(name: str) -> Callable[[Overview, Output | None], Values]:
    return lambda _, output: tuple(each.settings[name] for each in _passes(output) if name in each.settings)


def _passes(output: Output | None) -> Iterable[Pass]:
    return output.passes if output is not None else ()


def _models(kinds: Callable[[str], bool]) -> Callable[[Overview, Output | None], Values]:
    return lambda _, output: tuple(file.name for file in _files(output) if kinds(file.kind))


def _files(output: Output | None) -> tuple[UsedFile, ...]:
    return output.models if output is not None else ()


def _of_size(name: str) -> Callable[[Overview, Output | None], Values]:
    def values(overview: Overview, output: Output | None) -> Values:
        sizes = [output.size, *(each.size for each in output.passes)] if output is not None else []
        found = [value for size in sizes if (value := getattr(size, name)) is not None]
        if overview.picture is not None and name in ("width", "height"):
            found.append(overview.picture[name == "height"])
        return tuple(found)

    return values


def _prompts(overview: Overview, output: Output | None) -> Values:  # noqa: ARG001
    return tuple(prompt.text for each in _passes(output) for prompt in each.positive)


def _negatives(overview: Overview, output: Output | None) -> Values:  # noqa: ARG001
    return tuple(prompt.text for each in _passes(output) for prompt in each.negative)


def _some(*values: str | None) -> Values:
    return tuple(value for value in values if value is not None)


FIELDS: Final[Mapping[str, Callable[[Overview, Output | None], Values]]] = {
    "model": _models(is_main),
    "checkpoint": _models(lambda kind: kind == "checkpoints"),
    "encoder": _models(lambda kind: kind_name(kind) == "encoder"),
    "vae": _models(lambda kind: kind == "vae"),
    "lora": _models(lambda kind: kind == "loras"),
    "control": _models(lambda kind: "control" in kind),
    "prompt": _prompts,
    "negative": _negatives,
    **{name: _of_setting(name) for name in SETTINGS},
    **{name: _of_size(name) for name in ("width", "height", "batch", "frames")},
    "service": lambda _, output: _some(*(each.service for each in _passes(output))),
    "input": lambda _, output: tuple(file.name for file in (output.inputs if output is not None else ())),
    "node": lambda overview, _: tuple(overview.nodes),
    "nodes": lambda overview, _: (sum(overview.nodes.values()),),
    "pack": lambda overview, _: tuple(pack.name for pack in overview.packs),
    "title": lambda overview, _: _some(overview.title, *overview.titles),
    "file": lambda overview, _: (overview.file,),
    "form": lambda overview, _: tuple(overview.form.split("+")),
    "container": lambda overview, _: _some(overview.container),
    "frontend": lambda overview, _: _some(overview.frontend),
}
"""What can be asked for, and the values that an output has of it."""


# Reading


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "paren", "operator", "quoted", "word", "end"
    text: str
    column: int  # from 1


def parse(text: str) -> Expression:
    """Read an expression. Raises InputError, which says the column, for what is none."""
    return _Parser(text, tuple(_tokens(text))).whole()


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            column = at + len(text[at:]) - len(text[at:].lstrip()) + 1
            what = (
                "this quotation mark has no end" if text[column - 1] in "\"'" else f"{text[column - 1]!r} means nothing"
            )
            raise _error(text, column, what)
        yield _Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup) + 1)
        at = match.end()
    yield _Token("end", "", len(text) + 1)


def _error(text: str, column: int, message: str, hint: str | None = None) -> InputError:
    return InputError(f"--where {text!r}: column {column}: {message}", hint=hint)


class _Parser:
    def __init__(self, text: str, tokens: tuple[_Token, ...]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        found = self._any()
        if self._next.kind != "end":
            raise self._wrong("'and' or 'or' is missing here" if self._next.text != ")" else "nothing is open here")
        return found

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _wrong(self, message: str, hint: str | None = None) -> InputError:
        return _error(self._text, self._next.column, message, hint)

    def _is_word(self, word: str) -> bool:
        return self._next.kind == "word" and self._next.text.lower() == word

    def _any(self) -> Expression:
        parts = [self._all()]
        while self._is_word("or"):
            self._take()
            parts.append(self._all())
        return _Any(tuple(parts)) if len(parts) > 1 else parts[0]

    def _all(self) -> Expression:
        parts = [self._one()]
        while self._is_word("and"):
            self._take()
            parts.append(self._one())
        return _All(tuple(parts)) if len(parts) > 1 else parts[0]

    def _one(self) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._wrong(f"nested more than {MAX_DEPTH} deep")
        found = self._nested()
        self._depth -= 1
        return found

    def _nested(self) -> Expression:
        if self._is_word("not"):
            self._take()
            return _Not(self._one())
        if self._next.text == "(" and self._next.kind == "paren":
            opening = self._take()
            found = self._any()
            if self._next.text != ")" or self._next.kind != "paren":
                raise _error(self._text, opening.column, "this parenthesis is not closed")
            self._take()
            return found
        return self._comparison()

    def _comparison(self) -> Expression:
        if self._next.kind != "word" or self._next.text.lower() in ("and", "or"):
            raise self._wrong("a field is missing here", hint=f"fields: {', '.join(FIELDS)}")
        field = self._next.text.lower()
        if field not in FIELDS:
            near = get_close_matches(field, FIELDS, n=1)
            raise self._wrong(
                f"there is no field {self._next.text!r}",
                hint=f"did you mean {near[0]!r}?" if near else f"fields: {', '.join(FIELDS)}",
            )
        self._take()
        if self._next.kind != "operator":
            return _Comparison(field, None)
        operator = self._take().text
        if self._next.kind not in ("word", "quoted"):
            raise self._wrong(
                "a value is missing here", hint="put texts with blanks or parentheses into quotation marks"
            )
        if operator in _ORDERED and _number(self._next.text.strip("\"'")) is None:
            raise self._wrong(f"{self._next.text!r} is no number")
        value = self._take()
        wanted = value.text[1:-1] if value.kind == "quoted" else value.text
        compared = _Comparison(field, "=" if operator in ("!=", "==") else operator, wanted)
        return _Not(compared) if operator == "!=" else compared
