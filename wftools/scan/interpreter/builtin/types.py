"""Python's own types as classes of the interpreted code, and what the class of a value is."""

from __future__ import annotations

from typing import Final

from wftools.scan.interpreter.values import (
    BoundMethod,
    ClassMethod,
    ClassValue,
    Foreign,
    FunctionValue,
    Instance,
    Missing,
    ModuleValue,
    Property,
    StaticMethod,
    Stream,
    Super,
    Unknown,
    Value,
)

OBJECT: Final = ClassValue("object", native=object, builtin=True)
TYPE: Final = ClassValue("type", (OBJECT,), native=type, builtin=True)


def _own(name: str, native: type | None = None, base: ClassValue = OBJECT) -> ClassValue:
    return ClassValue(name, (base,), native=native, builtin=True)


INT: Final = _own("int", int)
BY_TYPE: Final[dict[type, ClassValue]] = {
    object: OBJECT,
    type: TYPE,
    int: INT,
    bool: _own("bool", bool, INT),
    **{
        each: _own(each.__name__, each)
        for each in (
            float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice, type(None),
            type(...), type(NotImplemented),
        )
    },
}  # fmt: skip
FUNCTION: Final = _own("function")
METHOD: Final = _own("method")
MODULE: Final = _own("module")
ITERATOR: Final = _own("generator")
PROPERTY: Final = _own("property")
CLASS_METHOD: Final = _own("classmethod")
STATIC_METHOD: Final = _own("staticmethod")
SUPER: Final = _own("super")
_BY_KIND: Final[dict[type, ClassValue]] = {
    FunctionValue: FUNCTION,
    Foreign: FUNCTION,
    BoundMethod: METHOD,
    ModuleValue: MODULE,
    Stream: ITERATOR,
    Property: PROPERTY,
    ClassMethod: CLASS_METHOD,
    StaticMethod: STATIC_METHOD,
    Super: SUPER,
    Missing: OBJECT,
}


def type_of(value: Value) -> ClassValue | Unknown:
    """What `type(value)` answers."""
    if isinstance(value, Instance):
        return value.cls
    if isinstance(value, ClassValue):
        return value.metaclass or TYPE
    if isinstance(value, Unknown):
        return value
    kind = type(value)
    return BY_TYPE.get(kind) or _BY_KIND.get(kind) or OBJECT
