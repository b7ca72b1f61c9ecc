"""`re`, `string`, `textwrap`: text. A regular expression that could take forever is not tried."""

from __future__ import annotations

import re
import string
import textwrap
from typing import TYPE_CHECKING, Any

from wftools.scan.interpreter import calls
from wftools.scan.interpreter.builtin.functions import of_plain
from wftools.scan.interpreter.builtin.types import OBJECT
from wftools.scan.interpreter.limits import Bound
from wftools.scan.interpreter.standard.declaring import functions, text
from wftools.scan.interpreter.values import (
    ClassValue,
    FileMarker,
    Foreign,
    Instance,
    Stream,
    Undecided,
    Value,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.scan.interpreter.interpreter import Interpreter

MAX_PATTERN = 500  # characters
MAX_TEXT = 20_000  # of the text that a harmless pattern is tried on: such patterns take its square at most
MAX_BACKTRACKING = 24  # of the text for a pattern that repeats what repeats: these double with every character


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    if module == "re":
        return _re()
    if module == "string":
        constants = {name: value for name, value in vars(string).items() if isinstance(value, str) and name[0] != "_"}
        return {**constants, **functions(capwords=lambda _, value: string.capwords(text(value)))}
    return {
        name: Foreign(name, of_plain(name, getattr(textwrap, name)).function, takes_unknown=False)
        for name in ("dedent", "shorten")
    }


def _re() -> dict[str, Value]:
    flags = {
        name: int(getattr(re, name))
        for name in ("I", "IGNORECASE", "M", "MULTILINE", "S", "DOTALL", "X", "VERBOSE", "A", "ASCII", "U", "UNICODE")
    }
    plainly = {name: Foreign(name, _by_module(name)) for name in METHODS}
    return {
        **flags,
        **plainly,
        "Pattern": PATTERN,
        "Match": MATCH,
        **functions(compile=_compile, escape=lambda _, value: re.escape(text(value)), purge=lambda _: None),
    }


def _compile(interpreter: Interpreter, pattern: Value, flags: Value = 0) -> Value:
    if isinstance(pattern, Instance) and pattern.cls is PATTERN:
        return pattern
    return Instance(PATTERN, {"pattern": text(pattern), "flags": int(plain(flags))})


def _ready(pattern: Instance, subject: str) -> re.Pattern[str]:
    """The pattern for Python to try on a text, if that cannot take long."""
    source = pattern.attributes["pattern"]
    limit = MAX_TEXT if is_harmless(source) else MAX_BACKTRACKING
    if len(source) > MAX_PATTERN or len(subject) > limit:
        raise Bound("a regular expression might take long")
    if FileMarker.find(subject):
        raise Undecided("it depends on the names of files")
    try:
        return re.compile(source, pattern.attributes["flags"])
    except (re.error, OverflowError) as fault:
        raise ValueError(str(fault)) from fault


def is_harmless(pattern: str) -> bool:
    """Whether nothing that repeats is repeated, and little is, so that trying takes no more than the text's square."""
    repeats = len(re.findall(r"(?<!\\)[*+{]", pattern))
    nested = re.search(r"\([^()]*(?:[*+{?|])[^()]*\)[*+{]|\)\)+[*+{]", pattern)
    return nested is None and repeats <= 2 and not re.search(r"\{\d{3,}|\\\d|\(\?P=", pattern)


METHODS = ("match", "search", "fullmatch", "findall", "finditer", "split", "sub", "subn")


def _method(name: str) -> Callable[..., Value]:
    def apply(interpreter: Interpreter, pattern: Instance, *given: Value, **named: Value) -> Value:
        if name in {"sub", "subn"}:
            return _substituted(interpreter, name, pattern, *given, **named)
        subject = text(given[0])
        interpreter.budget.step(len(subject) // 8)
        answer = getattr(_ready(pattern, subject), name)(
            subject, *map(plain, given[1:]), **{k: plain(v) for k, v in named.items()}
        )
        if name == "finditer":
            return Stream(iter([_match(each) for each in answer]))
        return _match(answer) if isinstance(answer, re.Match) else answer

    return apply


def _substituted(
    interpreter: Interpreter,
    name: str,
    pattern: Instance,
    replacement: Value,
    subject: Value,
    count: Value = 0,
    **_: Value,
) -> Value:
    subject = text(subject)
    interpreter.budget.step(len(subject) // 8)
    ready = _ready(pattern, subject)
    new: Any = plain(replacement)
    if isinstance(new, str):
        interpreter.budget.length((len(new) + 1) * (len(subject) + 1))
        return getattr(ready, name)(new, subject, plain(count))
    return getattr(ready, name)(
        lambda match: text(calls.call(interpreter, replacement, [_match(match)], {})), subject, plain(count)
    )


def _by_module(name: str) -> Callable[..., Value]:
    def apply(interpreter: Interpreter, pattern: Value, *given: Value, flags: Value = 0, **named: Value) -> Value:
        takes = 3 if name in {"sub", "subn"} else 2 if name == "split" else 1
        if len(given) > takes:
            flags, given = given[takes], given[:takes]
        return _method(name)(interpreter, _compile(interpreter, pattern, flags), *given, **named)

    return apply


PATTERN = ClassValue(
    "Pattern", (OBJECT,), {name: Foreign(name, _method(name)) for name in METHODS}, builtin=True, partial=True
)


# ---------------------------------------------------------------------------------------------------------------------
# Matches


def _match(found: re.Match[str]) -> Instance:
    return Instance(
        MATCH,
        {"string": found.string, "lastgroup": found.lastgroup, "lastindex": found.lastindex, "_groups": _Found(found)},
    )


class _Found:
    """What a pattern found, kept for the methods of the match."""

    def __init__(self, found: re.Match[str]) -> None:
        self.found = found


def _ask(name: str) -> Callable[..., Value]:
    return lambda _, owner, *given: getattr(owner.attributes["_groups"].found, name)(*map(plain, given))


MATCH = ClassValue(
    "Match",
    (OBJECT,),
    {
        **{name: Foreign(name, _ask(name)) for name in ("group", "groups", "groupdict", "start", "end", "span")},
        "__getitem__": Foreign("__getitem__", lambda _, owner, key: owner.attributes["_groups"].found[plain(key)]),
    },
    builtin=True,
    partial=True,
)
