"""`collections`, `types`: containers of other kinds, and classes made of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.scan.interpreter import calls, containers
from wftools.scan.interpreter.builtin.constructors import construct
from wftools.scan.interpreter.builtin.types import BY_TYPE, FUNCTION, ITERATOR, METHOD, MODULE, OBJECT, TYPE
from wftools.scan.interpreter.standard.declaring import functions, text
from wftools.scan.interpreter.values import (
    BoundMethod,
    ClassMethod,
    ClassValue,
    Foreign,
    Instance,
    ModuleValue,
    Property,
    StaticMethod,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter

_DICT, _LIST, _TUPLE = BY_TYPE[dict], BY_TYPE[list], BY_TYPE[tuple]


def names(interpreter: Interpreter, module: str) -> dict[str, Value]:
    return MODULES[module]


# ---------------------------------------------------------------------------------------------------------------------
# Dicts with something besides


def _default_dict(interpreter: Interpreter, cls: Value, factory: Value = None, *items: Value, **named: Value) -> Value:
    native = construct(interpreter, dict, list(items), named)
    return Instance(cls, {"default_factory": factory}, native=native)


def _missing_default(interpreter: Interpreter, owner: Instance, key: Value) -> Value:
    factory = owner.attributes.get("default_factory")
    if factory is None:
        raise interpreter.error("KeyError", key if isinstance(key, str) else containers.described(key))
    made = calls.call(interpreter, factory, [], {})
    containers.set_key(interpreter, owner.native, key, made)
    return made


def _counter(interpreter: Interpreter, cls: Value, items: Value = (), **named: Value) -> Value:
    made = Instance(cls, native=dict(named))
    source = plain(items)
    if isinstance(source, dict):
        made.native.update(source)
        return made
    for item in containers.iterate(interpreter, items):
        containers.check_key(interpreter, item)
        made.native[item] = made.native.get(item, 0) + 1
    return made


def _most_common(interpreter: Interpreter, owner: Instance, count: Value = None) -> Value:
    ranked = sorted(owner.native.items(), key=lambda pair: -pair[1])
    return ranked[: plain(count)] if count is not None else ranked


DEFAULT_DICT = ClassValue(
    "defaultdict",
    (_DICT,),
    {"__new__": StaticMethod(Foreign("defaultdict", _default_dict)), **functions(__missing__=_missing_default)},
    builtin=True,
)
COUNTER = ClassValue(
    "Counter",
    (_DICT,),
    {
        "__new__": StaticMethod(Foreign("Counter", _counter)),
        **functions(__missing__=lambda *_: 0, most_common=_most_common),
    },
    builtin=True,
)
ORDERED_DICT = ClassValue(
    "OrderedDict",
    (_DICT,),
    {
        "__new__": StaticMethod(
            Foreign(
                "OrderedDict", lambda interpreter, cls, *given, **named: _ordered(interpreter, cls, list(given), named)
            )
        )
    },
    builtin=True,
)


def _ordered(interpreter: Interpreter, cls: ClassValue, given: list[Value], named: dict[Value, Value]) -> Value:
    """An ordered dict is a dict; only what a pack makes of it itself is an object."""
    native = construct(interpreter, dict, given, named)
    return native if cls is ORDERED_DICT else Instance(cls, native=native)


for _class in (DEFAULT_DICT, COUNTER):
    _class.attributes["__init__"] = Foreign("__init__", lambda *_, **__: None)


# ---------------------------------------------------------------------------------------------------------------------
# A queue


def _deque(interpreter: Interpreter, cls: Value, items: Value = (), maxlen: Value = None) -> Value:
    native = containers.listed(interpreter, items)
    limit = plain(maxlen)
    return Instance(cls, {"maxlen": limit}, native=native[-limit:] if limit else native)


DEQUE = ClassValue(
    "deque",
    (_LIST,),
    {
        "__new__": StaticMethod(Foreign("deque", _deque)),
        **functions(
            __init__=lambda *_, **__: None,
            appendleft=lambda _, owner, item: owner.native.insert(0, item),
            popleft=lambda _, owner: owner.native.pop(0),
            extendleft=lambda interpreter, owner, items: [
                owner.native.insert(0, item) for item in containers.iterate(interpreter, items)
            ],
            rotate=lambda *_: Unknown("a queue that is turned"),
        ),
    },
    builtin=True,
)


# ---------------------------------------------------------------------------------------------------------------------
# Tuples with names


def _namedtuple(interpreter: Interpreter, name: Value, fields: Value, *, defaults: Value = (), **_: Value) -> Value:
    listed = (
        plain(fields).replace(",", " ").split()
        if isinstance(plain(fields), str)
        else containers.listed(interpreter, fields)
    )
    return named_tuple(text(name), [text(each) for each in listed], containers.listed(interpreter, defaults or ()))


def named_tuple(name: str, fields: list[str], defaults: list[Value]) -> ClassValue:
    """A class of tuples whose items have names; `defaults` are those of the last of them."""
    by_name = dict(zip(reversed(fields), reversed(defaults), strict=False))

    def new(interpreter: Interpreter, made: Value, *given: Value, **named: Value) -> Value:
        values = dict(zip(fields, given, strict=False)) | named
        missing = [field for field in fields if field not in values and field not in by_name]
        if missing or len(given) > len(fields) or set(values) - set(fields):
            raise interpreter.error("TypeError", f"{name}() does not take these arguments")
        return Instance(made, native=tuple(values.get(field, by_name.get(field)) for field in fields))

    def replaced(interpreter: Interpreter, owner: Instance, **named: Value) -> Value:
        return Instance(
            owner.cls, native=tuple(named.get(f, each) for f, each in zip(fields, owner.native, strict=True))
        )

    def item(index: int) -> Property:
        return Property(Foreign(fields[index], lambda _, owner: owner.native[index]))

    return ClassValue(
        name,
        (_TUPLE,),
        {
            "__new__": StaticMethod(Foreign(name, new)),
            "_fields": tuple(fields),
            "_field_defaults": dict(by_name),
            "__match_args__": tuple(fields),
            "_make": ClassMethod(
                Foreign(
                    "_make",
                    lambda interpreter, cls, items: new(interpreter, cls, *containers.listed(interpreter, items)),
                )
            ),
            **{field: item(index) for index, field in enumerate(fields)},
            **functions(
                __init__=lambda *_, **__: None,
                _asdict=lambda _, owner: dict(zip(fields, owner.native, strict=True)),
                _replace=replaced,
            ),
        },
    )


# ---------------------------------------------------------------------------------------------------------------------
# types


def _namespace(_: Interpreter, cls: Value, *__: Value, **named: Value) -> Value:
    return Instance(cls, dict(named))


NAMESPACE = ClassValue(
    "SimpleNamespace",
    (OBJECT,),
    {"__new__": StaticMethod(Foreign("SimpleNamespace", _namespace)), **functions(__init__=lambda *_, **__: None)},
    builtin=True,
)


def _new_class(
    interpreter: Interpreter, name: Value, bases: Value = (), kwds: Value = None, exec_body: Value = None
) -> Value:
    from wftools.scan.interpreter import classes

    inner: dict[Value, Value] = {}
    if exec_body is not None:
        calls.call(interpreter, exec_body, [inner], {})
    return classes.make(interpreter, text(name), tuple(bases), inner, dict(kwds or {}))


def _user_dict(interpreter: Interpreter, cls: Value, *given: Value, **named: Value) -> Value:
    native = construct(interpreter, dict, list(given), named)
    return Instance(cls, {"data": native}, native=native)


USER_DICT = ClassValue("UserDict", (_DICT,), {"__new__": StaticMethod(Foreign("UserDict", _user_dict))}, builtin=True)


def _chain_map(interpreter: Interpreter, *maps: Value) -> Value:
    made: dict[Value, Value] = {}
    for each in reversed(maps):
        containers.update(interpreter, made, each)
    return made


def _abstract(name: str, *kinds: ClassValue, methods: tuple[str, ...] = ()) -> ClassValue:
    """An abstract class: what of Python's own counts as one, and the methods it gives to those who inherit from it."""
    made = ClassValue(name, (OBJECT,), {each: Unknown(f"{name}.{each}") for each in methods}, builtin=True)
    made.registered.extend(kinds)
    return made


_ROWS = (_LIST, _TUPLE, BY_TYPE[str], BY_TYPE[range], BY_TYPE[bytes])
_SETS = (BY_TYPE[set], BY_TYPE[frozenset])
_MIXED_IN = ("keys", "items", "values", "get", "pop", "update", "setdefault", "__contains__")
_ABC: dict[str, Value] = {
    each.name: each
    for each in (
        _abstract("Mapping", _DICT, methods=_MIXED_IN),
        _abstract("MutableMapping", _DICT, methods=_MIXED_IN),
        _abstract("Sequence", *_ROWS, methods=("index", "count", "__iter__", "__contains__")),
        _abstract("Iterable", *_ROWS, *_SETS, _DICT, ITERATOR),
        _abstract("Collection", *_ROWS, *_SETS, _DICT),
        _abstract("Iterator", ITERATOR),
        _abstract("Generator", ITERATOR),
        _abstract("Set", *_SETS),
        _abstract("Callable", FUNCTION, METHOD, TYPE),
    )
}

MODULES: dict[str, dict[str, Value]] = {
    "collections": {
        "OrderedDict": ORDERED_DICT,
        "defaultdict": DEFAULT_DICT,
        "Counter": COUNTER,
        "deque": DEQUE,
        "UserDict": USER_DICT,
        "abc": ModuleValue("collections.abc", dict(_ABC), otherwise=Unknown("module collections.abc")),
        **functions(namedtuple=_namedtuple, ChainMap=_chain_map),
    },
    "collections.abc": dict(_ABC),
    "types": {
        "SimpleNamespace": NAMESPACE,
        "FunctionType": FUNCTION,
        "LambdaType": FUNCTION,
        "BuiltinFunctionType": FUNCTION,
        "MethodType": ClassValue(
            "method",
            (METHOD,),
            {
                "__new__": StaticMethod(
                    Foreign("MethodType", lambda _, __, function, owner: BoundMethod(function, owner))
                )
            },
            builtin=True,
        ),
        "ModuleType": ClassValue(
            "module",
            (MODULE,),
            {
                "__new__": StaticMethod(
                    Foreign(
                        "ModuleType",
                        lambda _, __, name, doc=None: ModuleValue(text(name), {"__name__": name, "__doc__": doc}),
                    )
                )
            },
            builtin=True,
        ),
        "MappingProxyType": Foreign("MappingProxyType", lambda _, mapping: mapping),
        "NoneType": BY_TYPE[type(None)],
        **functions(new_class=_new_class),
    },
}
