"""Python's own exceptions, as classes of the interpreted code."""

from __future__ import annotations

import builtins
from typing import Final

from wftools.scan.interpreter.builtin.types import OBJECT
from wftools.scan.interpreter.values import ClassValue, Instance, Raised


def _classes() -> dict[type, ClassValue]:
    """Every exception of Python's, bases before what inherits from them; those of groups are left out."""
    classes: dict[type, ClassValue] = {}

    def add(kind: type) -> ClassValue:
        if kind not in classes:
            bases = tuple(OBJECT if base is object else add(base) for base in kind.__bases__)
            classes[kind] = ClassValue(kind.__name__, bases, builtin=True, partial=kind is BaseException)
        return classes[kind]

    for each in vars(builtins).values():
        if isinstance(each, type) and issubclass(each, BaseException) and not issubclass(each, BaseExceptionGroup):
            add(each)
    return classes


EXCEPTIONS: Final = _classes()
BY_NAME: Final = {each.name: each for each in EXCEPTIONS.values()}
BASE: Final = EXCEPTIONS[BaseException]

CAUGHT: Final = (  # what Python's own operations on values raise, and so the interpreted code
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    StopIteration,
)


def error(kind: str, message: str) -> Raised:
    """An exception of Python's, to be raised into the interpreted code."""
    return Raised(Instance(BY_NAME.get(kind, BY_NAME["Exception"]), {"args": (message,)}))


def native_name(fault: Exception) -> str:
    """The name of an exception that Python has without an import; that of its base, if it is one of the library."""
    return next(kind.__name__ for kind in type(fault).__mro__ if kind in EXCEPTIONS)


def is_exception(value: object) -> bool:
    return isinstance(value, ClassValue) and value.is_a(BASE)
