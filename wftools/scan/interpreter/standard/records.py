"""`dataclasses`: classes whose annotations are their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.scan.interpreter import attributes, calls
from wftools.scan.interpreter.builtin.types import OBJECT
from wftools.scan.interpreter.standard.declaring import functions
from wftools.scan.interpreter.values import (
    MISSING,
    ClassValue,
    Foreign,
    FunctionValue,
    Instance,
    Undecided,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter

FIELDS = "__dataclass_fields__"


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    return {
        "MISSING": NO_DEFAULT,
        "FrozenInstanceError": Unknown("an exception"),
        "InitVar": Unknown("a variable of __init__"),
        "KW_ONLY": KEYWORD_ONLY,
        **functions(
            dataclass=_dataclass,
            field=_field,
            fields=_fields,
            asdict=_as_dict,
            astuple=_as_tuple,
            replace=_replace,
            is_dataclass=_is_dataclass,
        ),
    }


NO_DEFAULT = Instance(ClassValue("_MISSING_TYPE", (OBJECT,), builtin=True))
KEYWORD_ONLY = Instance(ClassValue("_KW_ONLY_TYPE", (OBJECT,), builtin=True))
FIELD = ClassValue("Field", (OBJECT,), builtin=True)


def _field(
    _: Interpreter,
    *,
    default: Value = NO_DEFAULT,
    default_factory: Value = NO_DEFAULT,
    init: Value = True,
    **named: Value,
) -> Value:
    return Instance(
        FIELD,
        {"default": default, "default_factory": default_factory, "init": init, "metadata": named.get("metadata", {})},
    )


def _dataclass(interpreter: Interpreter, cls: Value = None, **options: Value) -> Value:
    if cls is None:
        return Foreign("dataclass", lambda interpreter, inner: _dataclass(interpreter, inner, **options))
    if not isinstance(cls, ClassValue):
        return cls
    fields: dict[Value, Value] = {}
    for each in reversed(list(cls.classes)):
        fields |= each.attributes.get(FIELDS, {}) if each is not cls else {}
    for name, annotation in plain(cls.attributes.get("__annotations__", {})).items():
        if _is_class_variable(annotation):
            continue
        given = cls.attributes.get(name, NO_DEFAULT)
        if isinstance(given, Instance) and given.cls is FIELD:
            field = given
            cls.attributes.pop(name)
            if given.attributes["default"] is not NO_DEFAULT:
                cls.attributes[name] = given.attributes["default"]
        else:
            field = _field(interpreter, default=given)
        field.attributes |= {"name": name, "type": annotation}
        fields[name] = field
    cls.attributes[FIELDS] = fields
    if "__init__" not in cls.attributes and plain(options.get("init", True)) is True:
        cls.attributes["__init__"] = Foreign("__init__", _initialise)
    cls.attributes.setdefault("__eq__", Foreign("__eq__", _equals))
    cls.attributes.setdefault("__match_args__", tuple(fields))
    return cls


def _is_class_variable(annotation: Value) -> bool:
    if isinstance(annotation, str):
        return "ClassVar" in annotation
    return isinstance(annotation, Unknown) and "ClassVar" in annotation.reason


def _initialise(interpreter: Interpreter, owner: Instance, *given: Value, **named: Value) -> None:
    fields = owner.cls.lookup(FIELDS)
    takes = [name for name, field in fields.items() if field.attributes["init"] is True]
    if len(given) > len(takes) or set(named) - set(takes):
        raise interpreter.error("TypeError", f"{owner.cls.name}() does not take these arguments")
    values = dict(zip(takes, given, strict=False)) | named
    for name, field in fields.items():
        if name in values:
            value = values[name]
        elif field.attributes["default"] is not NO_DEFAULT:
            value = field.attributes["default"]
        elif field.attributes["default_factory"] is not NO_DEFAULT:
            value = calls.call(interpreter, field.attributes["default_factory"], [], {})
        elif name in takes:
            raise interpreter.error("TypeError", f"{owner.cls.name}() missing a required argument: '{name}'")
        else:
            continue
        owner.attributes[name] = value
    after = owner.cls.lookup("__post_init__")
    if isinstance(after, FunctionValue):
        calls.call(interpreter, after, [owner], {})


def _values(owner: Value) -> dict[str, Value]:
    if not isinstance(owner, Instance) or owner.cls.lookup(FIELDS) is MISSING:
        raise Undecided("no object of a dataclass")
    return {name: owner.attributes.get(name) for name in owner.cls.lookup(FIELDS)}


def _equals(interpreter: Interpreter, owner: Instance, other: Value) -> Value:
    import ast

    from wftools.scan.interpreter import operators

    if not isinstance(other, Instance) or other.cls is not owner.cls:
        return NotImplemented
    return operators.compare(interpreter, ast.Eq, tuple(_values(owner).values()), tuple(_values(other).values()))


def _fields(_: Interpreter, owner: Value) -> Value:
    cls = owner if isinstance(owner, ClassValue) else owner.cls if isinstance(owner, Instance) else None
    found = cls.lookup(FIELDS) if cls is not None else None
    return tuple(found.values()) if isinstance(found, dict) else Unknown("the fields of a class")


def _as_dict(interpreter: Interpreter, owner: Value, **_: Value) -> Value:
    return {name: _inner(interpreter, value) for name, value in _values(owner).items()}


def _inner(interpreter: Interpreter, value: Value) -> Value:
    interpreter.budget.step()
    if isinstance(value, Instance) and value.cls.lookup(FIELDS) is not MISSING:
        return _as_dict(interpreter, value)
    if isinstance(value, list | tuple | dict):
        interpreter.budget.measure(value)
    if isinstance(value, list):
        return [_inner(interpreter, each) for each in value]
    if isinstance(value, tuple):
        return tuple(_inner(interpreter, each) for each in value)
    if isinstance(value, dict):
        return {key: _inner(interpreter, each) for key, each in value.items()}
    return value


def _as_tuple(_: Interpreter, owner: Value) -> Value:
    return tuple(_values(owner).values())


def _replace(interpreter: Interpreter, owner: Value, **named: Value) -> Value:
    return calls.call(interpreter, owner.cls, [], {**_values(owner), **named})


def _is_dataclass(interpreter: Interpreter, owner: Value) -> Value:
    if isinstance(owner, Unknown):
        raise Undecided(owner.reason)
    return attributes.find(interpreter, owner, FIELDS) is not MISSING
