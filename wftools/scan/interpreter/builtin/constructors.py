"""What Python's own types make when they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.scan.interpreter import containers, operators, texts
from wftools.scan.interpreter.values import (
    MISSING,
    ClassMethod,
    ClassValue,
    FileMarker,
    Instance,
    Property,
    StaticMethod,
    Undecided,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.scan.interpreter.interpreter import Interpreter

MAX_DIGITS: Final = 4_000  # of a text that is read as a number


def construct(interpreter: Interpreter, kind: type, arguments: list[Value], named: dict[str, Value]) -> Value:
    """`kind(*arguments, **named)`."""
    maker = MAKERS.get(kind)
    if maker is None:
        return Unknown(f"an object of {kind.__name__}")
    for value in arguments:
        if isinstance(value, Unknown) and kind not in {dict, list, tuple, set, frozenset}:
            return Unknown(value.reason)
    return interpreter.natively(maker, interpreter, *arguments, **named)


def _text(interpreter: Interpreter, value: Value = "", *rest: Value, **named: Value) -> Value:
    if isinstance(value, bytes) and (rest or named):
        return str(value, *map(plain, rest), **{key: plain(each) for key, each in named.items()})
    return texts.text(interpreter, value)


def _whole(interpreter: Interpreter, value: Value = 0, base: Value = MISSING) -> Value:
    method = interpreter.special(value, "__int__")
    if method is not MISSING:
        return interpreter.call(method)
    value = plain(value)
    _check_digits(value)
    return int(value) if base is MISSING else int(value, plain(base))


def _float(interpreter: Interpreter, value: Value = 0.0) -> Value:
    method = interpreter.special(value, "__float__")
    if method is not MISSING:
        return interpreter.call(method)
    value = plain(value)
    _check_digits(value)
    return float(value)


def _check_digits(value: Value) -> None:
    if isinstance(value, str | bytes) and len(value) > MAX_DIGITS:
        raise Undecided("a number of too many digits")
    if FileMarker.find(value):
        raise Undecided("it depends on the names of files")


def _dict(interpreter: Interpreter, items: Value = (), **named: Value) -> Value:
    made: dict[Value, Value] = {}
    interpreter.doubt.made(made)
    containers.update(interpreter, made, items)
    containers.update(interpreter, made, named)
    return made


def _set(interpreter: Interpreter, items: Value = ()) -> Value:
    made: set[Value] = set()
    interpreter.doubt.made(made)
    containers.update_set(interpreter, made, items)
    return made


def _bytes(interpreter: Interpreter, value: Value = b"", *rest: Value) -> Value:
    value = plain(value)
    if isinstance(value, int):
        interpreter.budget.length(value)
    elif not isinstance(value, str | bytes):
        value = containers.listed(interpreter, value)
    return bytes(value, *rest)


def _slice(_: Interpreter, *parts: Value) -> Value:
    return slice(*map(plain, parts))


def _nothing(_: Interpreter) -> Value:
    return None


MAKERS: Final[dict[type, Callable[..., Any]]] = {
    object: lambda _: Unknown("an object"),
    str: _text,
    int: _whole,
    float: _float,
    bool: lambda interpreter, value=False: operators.truth(interpreter, value),
    complex: lambda _, *parts: complex(*map(plain, parts)),
    list: lambda interpreter, items=(): containers.listed(interpreter, items),
    tuple: lambda interpreter, items=(): tuple(containers.listed(interpreter, items)),
    dict: _dict,
    set: _set,
    frozenset: lambda interpreter, items=(): frozenset(_set(interpreter, items)),
    bytes: _bytes,
    bytearray: lambda interpreter, *parts: bytearray(_bytes(interpreter, *parts)),
    range: lambda _, *parts: range(*map(plain, parts)),
    slice: _slice,
    type(None): _nothing,
}


def member_of(interpreter: Interpreter, cls: ClassValue, arguments: list[Value]) -> Value:
    """`Enum(value)`: its member of that value."""
    if not arguments:
        raise interpreter.error("TypeError", f"{cls.name}() missing a value")
    if isinstance(arguments[0], Unknown):
        return Unknown(arguments[0].reason)
    if isinstance(arguments[0], Instance) and arguments[0].cls is cls:
        return arguments[0]
    for member in (cls.members or {}).values():
        if operators.truth(interpreter, operators.equal(interpreter, member.attributes.get("_value_"), arguments[0])):
            return member
    method = cls.lookup("_missing_")
    if isinstance(method, ClassMethod):
        found = interpreter.call(method.function, cls, arguments[0])
        if isinstance(found, Instance):
            return found
    raise interpreter.error(
        "ValueError", f"{texts.representation(interpreter, arguments[0])} is not a valid {cls.name}"
    )


def make_property(
    _: Interpreter, fget: Value = None, fset: Value = None, fdel: Value = None, doc: Value = None
) -> Property:
    del doc
    return Property(fget, fset, fdel)


def make_class_method(_: Interpreter, function: Value) -> ClassMethod:
    return ClassMethod(function)


def make_static_method(_: Interpreter, function: Value) -> StaticMethod:
    return StaticMethod(function)
