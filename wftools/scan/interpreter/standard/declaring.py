"""How modules of the library are written down: functions, and what they make of their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.scan.interpreter import calls
from wftools.scan.interpreter.values import MISSING, FileMarker, Foreign, Undecided, Unknown, Value, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.scan.interpreter.interpreter import Interpreter


def functions(**given: Callable[..., Value]) -> dict[str, Value]:
    """Callables of the interpreted code, by name. Each is given the interpreter, then the arguments."""
    return {name: Foreign(name, function) for name, function in given.items()}


def unknown_functions(reason: str, *names: str) -> dict[str, Value]:
    return {name: Unknown(reason) for name in names}


def nothing(*_: Value, **__: Value) -> None:
    """A function that does nothing that matters here."""


def text(value: Value) -> str:
    """A text that is known. Raises `Undecided` if it is not."""
    value = plain(value)
    if isinstance(value, str):
        return value
    raise Undecided(value.reason if isinstance(value, Unknown) else "a text that is none")


def path_text(interpreter: Interpreter, value: Value) -> str:
    """A path as text: a text, or what has `__fspath__`. Raises `Undecided` if it is not known."""
    method = interpreter.special(value, "__fspath__")
    path = text(value if method is MISSING else calls.call(interpreter, method, [], {}))
    if FileMarker.find(path):
        raise Undecided("a file on somebody's machine")
    return path
