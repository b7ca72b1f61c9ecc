"""Operators: arithmetic, comparison, truth. Sizes are known before anything is made."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any, Final

from wftools.scan.interpreter import calls, containers, texts
from wftools.scan.interpreter.values import (
    MISSING,
    ClassValue,
    FileMarker,
    Instance,
    Undecided,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.scan.interpreter.interpreter import Interpreter

BINARY: Final[dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]]] = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("sub", operator.sub),
    ast.Mult: ("mul", operator.mul),
    ast.Div: ("truediv", operator.truediv),
    ast.FloorDiv: ("floordiv", operator.floordiv),
    ast.Mod: ("mod", operator.mod),
    ast.Pow: ("pow", operator.pow),
    ast.LShift: ("lshift", operator.lshift),
    ast.RShift: ("rshift", operator.rshift),
    ast.BitAnd: ("and", operator.and_),
    ast.BitOr: ("or", operator.or_),
    ast.BitXor: ("xor", operator.xor),
    ast.MatMult: ("matmul", operator.matmul),
}
UNARY: Final[dict[type[ast.unaryop], tuple[str, Callable[[Any], Any]]]] = {
    ast.USub: ("__neg__", operator.neg),
    ast.UAdd: ("__pos__", operator.pos),
    ast.Invert: ("__invert__", operator.invert),
}
ORDER: Final[dict[type[ast.cmpop], tuple[str, str, Callable[[Any, Any], Any]]]] = {
    ast.Lt: ("__lt__", "__gt__", operator.lt),
    ast.LtE: ("__le__", "__ge__", operator.le),
    ast.Gt: ("__gt__", "__lt__", operator.gt),
    ast.GtE: ("__ge__", "__le__", operator.ge),
}
NOT_IMPLEMENTED: Final = NotImplemented  # what an operator's method answers, if it is not for such a value

_SEQUENCES: Final = (str, bytes, list, tuple, bytearray)
_CONTAINERS: Final = (list, tuple, dict, set, frozenset)


def truth(interpreter: Interpreter, value: Value) -> bool:
    """Whether a value counts as true. Raises `Undecided` if it is not known."""
    if isinstance(value, Unknown):
        raise Undecided(value.reason)
    if isinstance(value, Instance):
        for name in ("__bool__", "__len__"):
            method = interpreter.special(value, name)
            if method is not MISSING:
                return truth(interpreter, calls.call(interpreter, method, [], {}))
        return bool(value.native) if value.native is not MISSING else True
    if isinstance(value, dict | list | tuple | set | frozenset) and value and all(_is_vague(each) for each in value):
        raise Undecided(next(iter(value)).reason)
    return bool(value) if isinstance(value, _PLAIN) else True


_PLAIN: Final = (bool, int, float, complex, str, bytes, bytearray, *_CONTAINERS, range, type(None))


def _is_vague(value: Value) -> bool:
    """Whether it may stand for no items at all."""
    return isinstance(value, Unknown) and value.many


# ---------------------------------------------------------------------------------------------------------------------
# Arithmetic


def binary(interpreter: Interpreter, kind: type[ast.operator], left: Value, right: Value) -> Value:
    """`left + right` and its like."""
    name, function = BINARY[kind]
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _with_unknown(interpreter, kind, left, right)
    if isinstance(left, Instance) or isinstance(right, Instance):
        answer = _by_method(interpreter, f"__{name}__", f"__r{name}__", left, right)
        if answer is not MISSING:
            return answer
        left, right = plain(left), plain(right)
    if isinstance(left, ClassValue) or isinstance(right, ClassValue):
        return Unknown("a union of types")
    if kind is ast.Mod and isinstance(left, str | bytes):
        return texts.percent(interpreter, left, right)
    _check_size(interpreter, kind, left, right)
    return interpreter.natively(function, left, right)


def augmented(interpreter: Interpreter, kind: type[ast.operator], left: Value, right: Value) -> Value:
    """`left += right` and its like: lists, dicts and sets are changed in place."""
    if isinstance(left, Instance):
        method = interpreter.special(left, f"__i{BINARY[kind][0]}__")
        if method is not MISSING:
            return calls.call(interpreter, method, [right], {})
    owner = plain(left)
    if isinstance(owner, list) and kind is ast.Add:
        containers.extend(interpreter, owner, right)
        return left
    if isinstance(owner, dict) and kind is ast.BitOr:
        containers.update(interpreter, owner, right)
        return left
    if isinstance(owner, set) and kind is ast.BitOr and not isinstance(right, Unknown):
        containers.update_set(interpreter, owner, right)
        return left
    return binary(interpreter, kind, left, right)


def _with_unknown(interpreter: Interpreter, kind: type[ast.operator], left: Value, right: Value) -> Value:
    """What is known stays: `["None"] + unknown` begins with "None"."""
    unknown: Unknown = left if isinstance(left, Unknown) else right
    rest = Unknown(unknown.reason, many=True)
    known = plain(right if unknown is left else left)
    if kind is ast.Add and isinstance(known, list | tuple):
        both = [rest, *known] if unknown is left else [*known, rest]
        return interpreter.doubt.made(type(known)(both))
    if kind is ast.BitOr and isinstance(known, dict):
        return interpreter.doubt.made({**known, rest: rest})
    return Unknown(unknown.reason)


def _by_method(interpreter: Interpreter, name: str, reflected: str, left: Value, right: Value) -> Value:
    for owner, method_name, other in ((left, name, right), (right, reflected, left)):
        method = interpreter.special(owner, method_name)
        if method is not MISSING:
            answer = calls.call(interpreter, method, [other], {})
            if answer is not NOT_IMPLEMENTED:
                return answer
    return MISSING


def _check_size(interpreter: Interpreter, kind: type[ast.operator], left: Value, right: Value) -> None:
    budget = interpreter.budget
    if isinstance(left, int) and isinstance(right, int):
        if kind is ast.Pow and right > 0:
            budget.bits(left.bit_length() * right)
        elif kind is ast.LShift:
            budget.bits(left.bit_length() + right)
        elif kind is ast.Mult:
            budget.bits(left.bit_length() + right.bit_length())
    elif kind is ast.Add and isinstance(left, _SEQUENCES) and isinstance(right, _SEQUENCES):
        budget.length(len(left) + len(right))
        budget.step((len(left) + len(right)) // 64)
    elif kind is ast.Mult:
        sequence, count = (left, right) if isinstance(left, _SEQUENCES) else (right, left)
        if isinstance(sequence, _SEQUENCES) and isinstance(count, int):
            budget.length(len(sequence) * max(count, 0))
            budget.step(len(sequence) * max(count, 0) // 64)
    elif isinstance(left, _CONTAINERS):
        budget.step(len(left) // 16)


def unary(interpreter: Interpreter, kind: type[ast.unaryop], value: Value) -> Value:
    """`-value` and its like; `not` is decided by truth."""
    if kind is ast.Not:
        return not truth(interpreter, value)
    if isinstance(value, Unknown):
        return value
    name, function = UNARY[kind]
    method = interpreter.special(value, name)
    if method is not MISSING:
        return calls.call(interpreter, method, [], {})
    return interpreter.natively(function, plain(value))


# ---------------------------------------------------------------------------------------------------------------------
# Comparison


def compare(interpreter: Interpreter, kind: type[ast.cmpop], left: Value, right: Value) -> Value:
    """`left < right` and its like. Raises `Undecided` if that is not known."""
    if kind is ast.In or kind is ast.NotIn:
        found = containers.contains(interpreter, right, left)
        return found if kind is ast.In else not found
    for value in (left, right):
        if isinstance(value, Unknown):
            raise Undecided(value.reason)
    if kind is ast.Is or kind is ast.IsNot:
        return is_same(left, right) == (kind is ast.Is)
    if kind is ast.Eq:
        return equal(interpreter, left, right)
    if kind is ast.NotEq:
        answer = _by_method(interpreter, "__ne__", "__ne__", left, right)
        return answer if answer is not MISSING else not truth(interpreter, equal(interpreter, left, right))
    name, reflected, function = ORDER[kind]
    answer = _by_method(interpreter, name, reflected, left, right)
    if answer is not MISSING:
        return answer
    left, right = plain(left), plain(right)
    _measured(interpreter, left, right)
    if FileMarker.find(left) or FileMarker.find(right):
        raise Undecided("it depends on the names of files")
    return interpreter.natively(function, left, right)


def is_same(left: Value, right: Value) -> bool:
    """`left is right`. Texts and numbers have no identity worth following: equal ones of a type are the same."""
    if left is right:
        return True
    if type(left) is type(right) and isinstance(left, str | int | float | bytes):
        return bool(left == right)
    return left == () and right == () if isinstance(left, tuple) and isinstance(right, tuple) else False


def equal(interpreter: Interpreter, left: Value, right: Value) -> Value:
    """`left == right`."""
    if left is right and not isinstance(left, float | Unknown):
        return True
    if isinstance(left, Instance) or isinstance(right, Instance):
        answer = _by_method(interpreter, "__eq__", "__eq__", left, right)
        if answer is not MISSING:
            return answer
        left, right = plain(left), plain(right)
    if isinstance(left, str) and isinstance(right, str):
        return same_text(left, right)
    _measured(interpreter, left, right)
    return bool(interpreter.natively(operator.eq, left, right))


def same_text(left: str, right: str) -> bool:
    """Whether two texts are equal, of which one may be the name of a file on somebody's machine."""
    if left == right:
        return True
    for one, other in ((left, right), (right, left)):
        marker = FileMarker.find(one)
        if marker and (FileMarker.find(other) or marker.could_be(other)):
            raise Undecided("it depends on the names of files")
    return False


def _measured(interpreter: Interpreter, *values: Value) -> None:
    """Comparing goes through all parts of both: there must not be too many."""
    for value in values:
        if isinstance(value, _CONTAINERS):
            interpreter.budget.measure(value)
