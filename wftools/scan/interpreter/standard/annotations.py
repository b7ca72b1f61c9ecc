"""`typing`, `abc`, `__future__`: what is said of values, and makes none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.scan.interpreter.builtin.types import BY_TYPE, OBJECT, TYPE
from wftools.scan.interpreter.standard.collection import named_tuple
from wftools.scan.interpreter.standard.declaring import functions
from wftools.scan.interpreter.values import (
    POSTPONED,
    ClassMethod,
    ClassValue,
    Foreign,
    Instance,
    StaticMethod,
    Undecided,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    if module == "abc":
        return {
            "ABC": ABC,
            "ABCMeta": ClassValue("ABCMeta", (TYPE,), builtin=True),
            **functions(**dict.fromkeys(("abstractmethod", "abstractproperty", "abstractclassmethod"), _same)),
        }
    if module == "__future__":
        return {"annotations": POSTPONED}
    bare = {name: ClassValue(name, (OBJECT,), builtin=True) for name in ("Generic", "Protocol")}
    return {
        **bare,
        "NamedTuple": NAMED_TUPLE,
        "TypedDict": TYPED_DICT,
        "TYPE_CHECKING": False,
        "Dict": BY_TYPE[dict],
        "List": BY_TYPE[list],
        "Tuple": BY_TYPE[tuple],
        "Set": BY_TYPE[set],
        "Type": TYPE,
        "ClassVar": Unknown("typing.ClassVar"),
        "Literal": LITERAL,
        **functions(
            **dict.fromkeys(("final", "overload", "runtime_checkable", "no_type_check"), _same),
            cast=lambda _, kind, value: value,
            get_type_hints=lambda _, owner, **__: _annotations(owner),
            get_args=_parts,
            get_origin=lambda *_: Unknown("the parts of an annotation"),
        ),
    }


def _same(_: Interpreter, value: Value) -> Value:
    return value


def _annotations(owner: Value) -> Value:
    if isinstance(owner, ClassValue):
        found: dict[Value, Value] = {}
        for each in reversed(list(owner.classes)):
            found |= each.attributes.get("__annotations__", {})
        return found
    return Unknown("annotations")


def _literal(_: Interpreter, cls: Value, items: Value) -> Value:
    return Instance(LITERAL, {"__args__": items if isinstance(items, tuple) else (items,)})


def _parts(_: Interpreter, annotation: Value) -> Value:
    if isinstance(annotation, Instance) and annotation.cls is LITERAL:
        return annotation.attributes["__args__"]
    return Unknown("the parts of an annotation")


LITERAL = ClassValue(
    "Literal", (OBJECT,), {"__class_getitem__": ClassMethod(Foreign("Literal", _literal))}, builtin=True
)
ABC = ClassValue("ABC", (OBJECT,), builtin=True)


def _register(interpreter: Interpreter, cls: Value, other: Value) -> Value:
    if isinstance(cls, ClassValue) and isinstance(other, ClassValue):
        cls.registered.append(other)
    return other


ABC.attributes["register"] = ClassMethod(Foreign("register", _register))


def _make_named_tuple(interpreter: Interpreter, cls: ClassValue) -> None:
    """The annotations of a class are the fields of its tuples."""
    annotations = cls.attributes.get("__annotations__")
    if not isinstance(annotations, dict):
        return
    fields = [name for name in annotations if isinstance(name, str)]
    defaults = [cls.attributes[name] for name in fields if name in cls.attributes]
    made = named_tuple(cls.name, fields, defaults)
    for name, value in made.attributes.items():
        if name in fields or name not in cls.attributes:
            cls.attributes[name] = value


def _new_named_tuple(interpreter: Interpreter, _: Value, name: Value, fields: Value = ()) -> Value:
    if not isinstance(fields, list | tuple) or not isinstance(name, str):
        raise Undecided("a tuple whose names are not known")
    return named_tuple(name, [field for field, *_ in fields], [])


NAMED_TUPLE = ClassValue(
    "NamedTuple",
    (BY_TYPE[tuple],),
    {"__new__": StaticMethod(Foreign("NamedTuple", _new_named_tuple))},
    builtin=True,
)
NAMED_TUPLE.on_subclass = _make_named_tuple
TYPED_DICT = ClassValue("TypedDict", (BY_TYPE[dict],), builtin=True)


def _plain_dict(interpreter: Interpreter, cls: ClassValue) -> None:
    """A typed dict is a dict."""
    cls.attributes["__new__"] = StaticMethod(Foreign(cls.name, lambda _, __, *given, **named: dict(*given, **named)))


TYPED_DICT.on_subclass = _plain_dict
