"""Functions that need no import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.scan.interpreter import attributes, calls, containers, imports, operators, texts
from wftools.scan.interpreter.builtin import constructors, errors, methods, ordering, types
from wftools.scan.interpreter.standard import filedata
from wftools.scan.interpreter.values import (
    MISSING,
    BoundMethod,
    ClassValue,
    FileMarker,
    Foreign,
    FunctionValue,
    Instance,
    ModuleValue,
    NativeMethod,
    Raised,
    Stream,
    Super,
    Undecided,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftools.scan.interpreter.interpreter import Interpreter
    from wftools.scan.interpreter.scopes import Scope


# ---------------------------------------------------------------------------------------------------------------------
# Classes and attributes


def is_instance(interpreter: Interpreter, value: Value, kinds: Value) -> bool:
    """`isinstance(value, kinds)`. Raises `Undecided` if that is not known."""
    if isinstance(kinds, tuple):
        return any(is_instance(interpreter, value, each) for each in kinds)
    kind = types.type_of(value)
    if isinstance(kind, Unknown):
        raise Undecided(kind.reason)
    return is_subclass(interpreter, kind, kinds)


def is_subclass(interpreter: Interpreter, cls: Value, kinds: Value) -> bool:
    """`issubclass(cls, kinds)`. Raises `Undecided` if that is not known."""
    if isinstance(kinds, tuple):
        return any(is_subclass(interpreter, cls, each) for each in kinds)
    for each in (cls, kinds):
        if isinstance(each, Unknown):
            raise Undecided(each.reason)
    if not isinstance(cls, ClassValue):
        raise interpreter.error("TypeError", "issubclass() arg 1 must be a class")
    if not isinstance(kinds, ClassValue):
        raise Undecided("a class that is not known")
    if cls.is_a(kinds) or any(cls.is_a(each) for each in kinds.registered):
        return True
    if kinds.registered and not cls.builtin:
        raise Undecided(f"whether {cls.name} counts as {kinds.name}")
    if cls.unknown_base is not None:
        raise Undecided(cls.unknown_base.reason)
    return False


def _getattr(interpreter: Interpreter, owner: Value, name: Value, default: Value = MISSING) -> Value:
    name = plain(name)
    if isinstance(name, Unknown):
        return Unknown(name.reason)
    try:
        found = attributes.find(interpreter, owner, name)
    except Raised as raised:
        if default is MISSING or raised.value.cls.name != "AttributeError":
            raise
        return default
    if found is not MISSING:
        return found
    if default is not MISSING:
        return default
    raise interpreter.error("AttributeError", f"{owner!r} has no attribute '{name}'"[:200])


def _hasattr(interpreter: Interpreter, owner: Value, name: Value) -> Value:
    found = _getattr(interpreter, owner, name, NOTHING)
    return found if isinstance(found, Unknown) else found is not NOTHING


NOTHING: Final = Foreign("nothing", lambda *_: None)


def _setattr(interpreter: Interpreter, owner: Value, name: Value, value: Value) -> None:
    if isinstance(plain(name), str):
        attributes.set_attribute(interpreter, owner, plain(name), value)


def _delattr(interpreter: Interpreter, owner: Value, name: Value) -> None:
    if isinstance(plain(name), str):
        attributes.delete_attribute(interpreter, owner, plain(name))


def _vars(_: Interpreter, owner: Value) -> Value:
    names = attributes.names_of(owner)
    return names if names is not None else Unknown("the attributes of a value")


def _dir(_: Interpreter, owner: Value) -> Value:
    if isinstance(owner, Unknown):
        return [Unknown(owner.reason, many=True)]
    cls = owner if isinstance(owner, ClassValue) else types.type_of(owner)
    names = set(attributes.names_of(owner) or {})
    if isinstance(cls, ClassValue) and not isinstance(owner, ModuleValue):
        names |= {name for each in cls.classes for name in each.attributes}
    return sorted(name for name in names if isinstance(name, str))


def _callable(interpreter: Interpreter, value: Value) -> Value:
    if isinstance(value, Unknown):
        return Unknown(value.reason)
    if isinstance(value, FunctionValue | Foreign | BoundMethod | ClassValue | NativeMethod):
        return True
    return interpreter.special(value, "__call__") is not MISSING


def _id(_: Interpreter, value: Value) -> Value:
    return Unknown("an identity")


# ---------------------------------------------------------------------------------------------------------------------
# Iterables


def _iter(interpreter: Interpreter, value: Value, sentinel: Value = MISSING) -> Value:
    if sentinel is not MISSING:
        return Unknown("iter() with a sentinel")
    if isinstance(value, Instance):
        method = interpreter.special(value, "__iter__")
        if method is not MISSING:
            return calls.call(interpreter, method, [], {})
    return value if isinstance(value, Stream | Unknown) else Stream(containers.iterate(interpreter, value))


def _range(_: Interpreter, *bounds: Value) -> Value:
    for each in bounds:
        if isinstance(each, Unknown):
            return Unknown(each.reason)
    return range(*map(plain, bounds))


def _enumerate(interpreter: Interpreter, items: Value, start: Value = 0) -> Value:
    def pairs() -> Iterator[Value]:
        index = start
        for item in containers.iterate(interpreter, items):
            if isinstance(item, Unknown) and item.many:
                index = Unknown(item.reason)
                yield item
            else:
                yield index, item
                index = index if isinstance(index, Unknown) else index + 1

    return Stream(pairs())


def _zip(interpreter: Interpreter, *iterables: Value, strict: Value = False) -> Value:
    del strict
    sources = [containers.iterate(interpreter, each) for each in iterables]

    def rows() -> Iterator[Value]:
        while sources:
            row = [next(source, MISSING) for source in sources]
            if any(each is MISSING for each in row):
                return
            vague = next((each for each in row if isinstance(each, Unknown) and each.many), None)
            if vague is not None:
                yield vague
                return
            yield tuple(row)

    return Stream(rows())


def _map(interpreter: Interpreter, function: Value, *iterables: Value) -> Value:
    def items() -> Iterator[Value]:
        for row in containers.iterate(interpreter, _zip(interpreter, *iterables)):
            yield row if isinstance(row, Unknown) else calls.call(interpreter, function, list(row), {})

    return Stream(items())


def _filter(interpreter: Interpreter, function: Value, iterable: Value) -> Value:
    def items() -> Iterator[Value]:
        for item in containers.iterate(interpreter, iterable):
            if isinstance(item, Unknown):
                yield Unknown(item.reason, many=True)
                continue
            try:
                taken = item if function is None else calls.call(interpreter, function, [item], {})
                if operators.truth(interpreter, taken):
                    yield item
            except Undecided as why:
                yield item if FileMarker.find(item) else Unknown(why.reason, many=True)

    return Stream(items())


def _any(interpreter: Interpreter, items: Value, wanted: bool = True) -> Value:
    vague: Undecided | None = None
    for item in containers.iterate(interpreter, items):
        try:
            if operators.truth(interpreter, item) == wanted:
                return wanted
        except Undecided as why:
            vague = why
    if vague is not None:
        raise vague
    return not wanted


def _sum(interpreter: Interpreter, items: Value, start: Value = 0) -> Value:
    import ast

    total = start
    for item in containers.iterate(interpreter, items):
        total = operators.binary(interpreter, ast.Add, total, item)
    return total


def _reversed(interpreter: Interpreter, items: Value) -> Value:
    method = interpreter.special(items, "__reversed__")
    if method is not MISSING:
        return calls.call(interpreter, method, [], {})
    return Stream(iter(containers.listed(interpreter, items)[::-1]))


# ---------------------------------------------------------------------------------------------------------------------
# Numbers and text


def of_plain(name: str, function: Any) -> Foreign:
    """A function of Python's that takes and answers plain values, and makes nothing large."""

    def call(interpreter: Interpreter, *arguments: Value, **named: Value) -> Value:
        for each in (*arguments, *named.values()):
            interpreter.budget.measure(plain(each))
        ready = [plain(each) for each in arguments]
        return function(*ready, **{key: plain(each) for key, each in named.items()})

    return Foreign(name, call, takes_unknown=False)


def _pow(interpreter: Interpreter, base: Value, exponent: Value, modulus: Value = None) -> Value:
    import ast

    if modulus is not None:
        return pow(plain(base), plain(exponent), plain(modulus))
    return operators.binary(interpreter, ast.Pow, base, exponent)


def _abs(interpreter: Interpreter, value: Value) -> Value:
    method = interpreter.special(value, "__abs__")
    return calls.call(interpreter, method, [], {}) if method is not MISSING else abs(plain(value))


def _print(*_: Value, **__: Value) -> None:
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Functions that look at where they are called


def _super(interpreter: Interpreter, scope: Scope, *arguments: Value) -> Value:
    if len(arguments) == 2:
        after, owner = arguments
    else:
        function = scope.function
        after = scope.class_around
        owner = function.first if function is not None else MISSING
    if isinstance(after, ClassValue) and isinstance(owner, ClassValue | Instance):
        return Super(after, owner)
    return Unknown("super() of what is not known")


def _globals(_: Interpreter, scope: Scope) -> Value:
    return scope.module.names


def _locals(_: Interpreter, scope: Scope) -> Value:
    return scope.names


def _vars_here(interpreter: Interpreter, scope: Scope, *arguments: Value) -> Value:
    return _vars(interpreter, arguments[0]) if arguments else scope.names


def _dir_here(interpreter: Interpreter, scope: Scope, *arguments: Value) -> Value:
    return (
        _dir(interpreter, arguments[0]) if arguments else sorted(name for name in scope.names if isinstance(name, str))
    )


def _exec(interpreter: Interpreter, scope: Scope, source: Value, names: Value = None, inner: Value = None) -> Value:
    """A text that is run is interpreted, like a module; its names go where it says."""
    source = plain(source)
    if isinstance(source, Unknown) or not isinstance(source, str | bytes):
        return Unknown("code that is made while it runs")
    target = inner if isinstance(inner, dict) else names if isinstance(names, dict) else scope.names
    tree = imports.parse(interpreter, source)
    imports.run_module(interpreter, scope.module, tree, target)
    return None


def _eval(interpreter: Interpreter, scope: Scope, source: Value, names: Value = None, inner: Value = None) -> Value:
    import ast

    source = plain(source)
    if not isinstance(source, str) or names is not None or inner is not None:
        return Unknown("code that is made while it runs")
    tree = imports.parse(interpreter, source.strip())
    if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        return interpreter.evaluate(tree.body[0].value, scope)
    raise interpreter.error("SyntaxError", "invalid syntax")


def _import(interpreter: Interpreter, scope: Scope, name: Value, *rest: Value, **named: Value) -> Value:
    parts = dict(zip(("globals", "locals", "fromlist", "level"), rest, strict=False)) | named
    name, level = plain(name), plain(parts.get("level", 0))
    if not isinstance(name, str) or not isinstance(level, int):
        return Unknown("a module whose name is not known")
    module = imports.imported_from(interpreter, name, level, scope.module)
    fromlist = plain(parts.get("fromlist", ()))
    if not fromlist and level == 0 and "." in name:
        return imports.absolute(interpreter, name.partition(".")[0], scope.module)
    for each in fromlist if isinstance(fromlist, list | tuple) else ():
        if isinstance(each, str) and each != "*" and isinstance(module, ModuleValue):
            imports.member(interpreter, module, each)
    return module


OF_SCOPE: Final[dict[str, Callable[..., Value]]] = {
    "super": _super,
    "globals": _globals,
    "locals": _locals,
    "vars": _vars_here,
    "dir": _dir_here,
    "exec": _exec,
    "eval": _eval,
    "__import__": _import,
}


def _foreign(functions: dict[str, Callable[..., Value]]) -> dict[str, Value]:
    return {name: Foreign(name, function) for name, function in functions.items()}


BUILTINS: Final[dict[str, Value]] = {
    **{kind.name: kind for kind in types.BY_TYPE.values() if kind.name.isidentifier() and kind.name[0].islower()},
    **errors.BY_NAME,
    "True": True,
    "NotImplemented": NotImplemented,
    "Ellipsis": ...,
    "__debug__": True,
    "__name__": "builtins",
    "IOError": errors.BY_NAME["OSError"],
    "EnvironmentError": errors.BY_NAME["OSError"],
    "property": types.PROPERTY,
    "classmethod": types.CLASS_METHOD,
    "staticmethod": types.STATIC_METHOD,
    **_foreign(
        {
            "isinstance": is_instance,
            "issubclass": is_subclass,
            "getattr": _getattr,
            "hasattr": _hasattr,
            "setattr": _setattr,
            "delattr": _delattr,
            "callable": _callable,
            "id": _id,
            "hash": _id,
            "iter": _iter,
            "next": ordering.next_of,
            "range": _range,
            "enumerate": _enumerate,
            "zip": _zip,
            "map": _map,
            "filter": _filter,
            "any": _any,
            "all": lambda interpreter, items: _any(interpreter, items, wanted=False),
            "sum": _sum,
            "reversed": _reversed,
            "sorted": lambda interpreter, items, key=None, reverse=False: ordering.in_order(
                interpreter, items, key, reverse
            ),
            "max": lambda interpreter, *items, **named: ordering.extreme(interpreter, list(items), True, **named),
            "min": lambda interpreter, *items, **named: ordering.extreme(interpreter, list(items), False, **named),
            "len": lambda interpreter, value: methods.length(interpreter, value),
            "repr": lambda interpreter, value: texts.representation(interpreter, value),
            "format": lambda interpreter, value, spec="": texts.formatted(interpreter, value, plain(spec)),
            "pow": _pow,
            "abs": _abs,
            "print": _print,
            "open": lambda interpreter, *given, **named: filedata.open_file(interpreter, *given, **named),
            "input": lambda *_: Unknown("what somebody types"),
            "compile": lambda *_, **__: Unknown("code that is made while it runs"),
        }
    ),
    **{
        name: of_plain(name, function)
        for name, function in {
            "round": round, "divmod": divmod, "chr": chr, "ord": ord, "bin": bin, "hex": hex, "oct": oct,
        }.items()
    },
}  # fmt: skip

types.PROPERTY.attributes["__new__"] = Foreign(
    "property", lambda _, __, *given, **named: constructors.make_property(_, *given, **named)
)
types.CLASS_METHOD.attributes["__new__"] = Foreign(
    "classmethod", lambda _, __, function: constructors.make_class_method(_, function)
)
types.STATIC_METHOD.attributes["__new__"] = Foreign(
    "staticmethod", lambda _, __, function: constructors.make_static_method(_, function)
)
