"""Methods of Python's own values: which there are, and what those do that change something or could make much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.scan.interpreter import attributes, calls, containers, operators, texts
from wftools.scan.interpreter.builtin import ordering
from wftools.scan.interpreter.limits import Bound
from wftools.scan.interpreter.values import (
    MISSING,
    ClassValue,
    FileMarker,
    Foreign,
    NativeMethod,
    Stream,
    Undecided,
    Unknown,
    Value,
    is_vague,
    partly,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.scan.interpreter.interpreter import Interpreter

TYPES: Final = frozenset({str, bytes, int, float, bool, list, tuple, dict, set, frozenset, range})

# Methods that are Python's own, and answer something no larger than what they are given; of them those that only ask.
_ASKS_ABOUT_NAME: Final = frozenset(
    [
        "count",
        "endswith",
        "find",
        "index",
        "isalnum",
        "isalpha",
        "isascii",
        "isdecimal",
        "isdigit",
        "isidentifier",
        "islower",
        "isnumeric",
        "isprintable",
        "isspace",
        "istitle",
        "isupper",
        "rfind",
        "rindex",
        "startswith",
    ]
)
_TEXT: Final = _ASKS_ABOUT_NAME | frozenset(
    [
        "capitalize",
        "casefold",
        "encode",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "strip",
        "swapcase",
        "title",
        "upper",
    ]
)
_ALLOWED: Final[dict[type, frozenset[str]]] = {
    str: _TEXT,
    bytes: frozenset(
        [
            "decode",
            "endswith",
            "find",
            "hex",
            "index",
            "lower",
            "lstrip",
            "rstrip",
            "split",
            "startswith",
            "strip",
            "upper",
        ]
    ),
    int: frozenset(
        ["bit_length", "bit_count", "conjugate", "as_integer_ratio", "numerator", "denominator", "real", "imag"]
    ),
    float: frozenset(["is_integer", "hex", "as_integer_ratio", "conjugate", "real", "imag"]),
    bool: frozenset(["bit_length", "bit_count", "numerator", "denominator", "real", "imag"]),
    tuple: frozenset(),
    range: frozenset(["start", "stop", "step", "count", "index"]),
    set: frozenset(["isdisjoint", "issubset", "issuperset"]),
    frozenset: frozenset(["isdisjoint", "issubset", "issuperset"]),
    complex: frozenset(["real", "imag", "conjugate"]),
    slice: frozenset(["start", "stop", "step"]),
}
_VALUES: Final = frozenset(
    ["start", "stop", "step", "real", "imag", "numerator", "denominator"]
)  # attributes that are no methods


def find(owner: Value, name: str) -> Value:
    """`owner.name` of one of Python's own values; `MISSING` if it has none."""
    kind = type(owner)
    if name in _VALUES and name in _ALLOWED.get(kind, ()):
        return getattr(owner, name)
    if (kind, name) in OWN or name in _ALLOWED.get(kind, ()) or _special(owner, name) is not None:
        return NativeMethod(owner, name)
    if kind is Stream and name in {"send", "close", "throw", "__next__", "__iter__"}:
        return Foreign(name, lambda interpreter, *_: _of_stream(interpreter, owner, name))
    if name == "__doc__":
        return None
    return Unknown(f"{name} of a {kind.__name__}") if kind in TYPES and hasattr(kind, name) else MISSING


def of_type(kind: type, name: str) -> Value:
    """`str.join` and the like: a method that is given its owner."""
    if kind is dict and name == "fromkeys":
        return Foreign("fromkeys", _from_keys)
    if kind is str and name == "maketrans":
        return Foreign("maketrans", lambda interpreter, *given: interpreter.natively(str.maketrans, *map(plain, given)))
    if (kind, name) in OWN or name in _ALLOWED.get(kind, ()) or name in _SPECIAL:
        return Foreign(
            name,
            lambda interpreter, owner, *given, **named: call(interpreter, plain(owner), name, list(given), named),
        )
    return MISSING


def call(interpreter: Interpreter, owner: Value, name: str, arguments: list[Value], named: dict[str, Value]) -> Value:
    """`owner.name(*arguments, **named)` of one of Python's own values."""
    kind = type(owner)
    own = OWN.get((kind, name))
    if own is not None:
        return interpreter.natively(own, interpreter, owner, *arguments, **named)
    if name not in _ALLOWED.get(kind, ()):
        special = _special(owner, name)
        if special is not None:
            return special(interpreter, owner, *arguments)
        if hasattr(kind, name):
            return Unknown(f"{name} of a {kind.__name__}")
        raise interpreter.error("AttributeError", f"{containers.described(owner)} has no attribute '{name}'")
    given = [_ready(value) for value in arguments]
    given_named = {key: _ready(value) for key, value in named.items()}
    interpreter.budget.step(len(owner) // 64 if isinstance(owner, str | bytes) else 0)
    answer = interpreter.natively(getattr(owner, name), *given, **given_named)
    if name in _ASKS_ABOUT_NAME:
        _check_asked(owner, name, given, answer)
    return interpreter.doubt.made(answer)


def _ready(value: Value) -> Value:
    """An argument as Python's own methods take it."""
    if isinstance(value, Unknown):
        raise Undecided(value.reason)
    if isinstance(value, tuple):
        return tuple(_ready(each) for each in value)
    return plain(value)


def _check_asked(owner: Value, name: str, given: list[Value], answer: Value) -> None:
    """What is asked of the name of a file on somebody's machine is known only as far as its suffix tells."""
    marker = FileMarker.find(owner)
    if marker is None or answer is True:
        return
    asked = given[0] if given else ""
    wanted = [each for each in (asked if isinstance(asked, tuple) else (asked,)) if isinstance(each, str)]
    if name == "endswith" and marker.suffix and all(len(each) <= len(marker.suffix) for each in wanted):
        return
    if name == "endswith" and "." in marker.suffix and all(each.startswith(".") for each in wanted):
        return
    if name == "startswith" and all(len(each) <= len(marker.prefix) for each in wanted):
        return
    raise Undecided("it depends on the names of files")


# ---------------------------------------------------------------------------------------------------------------------
# Methods by the name of an operator


def _special(owner: Value, name: str) -> Callable[..., Value] | None:
    return _SPECIAL.get(name) if type(owner) in TYPES else None


def _operator(name: str) -> Callable[..., Value]:
    import ast

    kinds = {f"__{method}__": kind for kind, (method, _) in operators.BINARY.items()}
    compared = {"__eq__": ast.Eq, "__ne__": ast.NotEq} | {
        method: kind for kind, (method, _, _) in operators.ORDER.items()
    }

    def apply(interpreter: Interpreter, owner: Value, other: Value) -> Value:
        if name in compared:
            return operators.compare(interpreter, compared[name], owner, other)
        return operators.binary(interpreter, kinds[name], owner, other)

    return apply


_SPECIAL: Final[dict[str, Callable[..., Value]]] = {
    "__len__": lambda interpreter, owner: length(interpreter, owner),
    "__getitem__": lambda interpreter, owner, key: containers.get_item(interpreter, owner, key),
    "__setitem__": lambda interpreter, owner, key, value: containers.set_item(interpreter, owner, key, value),
    "__delitem__": lambda interpreter, owner, key: containers.delete_item(interpreter, owner, key),
    "__contains__": lambda interpreter, owner, item: containers.contains(interpreter, owner, item),
    "__iter__": lambda interpreter, owner: Stream(containers.iterate(interpreter, owner)),
    "__str__": lambda interpreter, owner: texts.text(interpreter, owner),
    "__repr__": lambda interpreter, owner: texts.representation(interpreter, owner),
    "__format__": lambda interpreter, owner, spec: texts.formatted(interpreter, owner, spec),
    "__hash__": lambda _, owner: Unknown("a hash"),
    "__bool__": lambda interpreter, owner: operators.truth(interpreter, owner),
    **{name: _operator(name) for name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")},
    **{
        name: _operator(name)
        for name in ("__add__", "__sub__", "__mul__", "__truediv__", "__mod__", "__or__", "__and__")
    },
}


def length(interpreter: Interpreter, value: Value) -> Value:
    """`len(value)`."""
    if isinstance(value, ClassValue):
        method = attributes.of_metaclass(interpreter, value, "__len__")
    else:
        method = interpreter.special(value, "__len__")
    if method is not MISSING:
        return calls.call(interpreter, method, [], {})
    value = plain(value)
    if isinstance(value, Unknown):
        return Unknown(value.reason)
    if isinstance(value, list | tuple | set | frozenset | dict):
        interpreter.budget.step(len(value) // 32)
        for each in value if {Unknown, str} & set(map(type, value)) else ():
            if isinstance(each, Unknown) and (each.many or isinstance(value, dict | set)):
                return Unknown(each.reason)
            if FileMarker.find(each):
                return Unknown("it depends on the names of files")
    if FileMarker.find(value):
        return Unknown("it depends on the names of files")
    if not isinstance(value, list | tuple | set | frozenset | dict | str | bytes | range | bytearray):
        raise interpreter.error("TypeError", f"object of type {containers.described(value)} has no len()")
    return len(value)


def _of_stream(interpreter: Interpreter, owner: Stream, name: str) -> Value:
    if name in {"close", "throw"}:
        return None
    return owner if name == "__iter__" else ordering.next_of(interpreter, owner)


# ---------------------------------------------------------------------------------------------------------------------
# Text


def _join(interpreter: Interpreter, owner: Any, items: Value) -> Value:
    parts = []
    total = 0
    for each in containers.iterate(interpreter, items):
        part = _ready(each)
        total += len(part) + len(owner) if isinstance(part, str | bytes) else 0
        interpreter.budget.length(total)
        parts.append(part)
    return owner.join(parts)


def _replace(interpreter: Interpreter, owner: Any, old: Value, new: Value, count: Value = -1) -> Value:
    old, new, count = _ready(old), _ready(new), _ready(count)
    interpreter.budget.step(len(owner) // 64)
    found = owner.count(old)
    interpreter.budget.length(len(owner) + found * max(len(new) - len(old), 0))
    return owner.replace(old, new, count)


def _padded(name: str) -> Callable[..., Value]:
    def pad(interpreter: Interpreter, owner: Any, width: Value, *fill: Value) -> Value:
        interpreter.budget.length(_ready(width))
        return getattr(owner, name)(_ready(width), *map(_ready, fill))

    return pad


def _expand_tabs(interpreter: Interpreter, owner: str, tabsize: Value = 8) -> Value:
    interpreter.budget.length(len(owner) + owner.count("\t") * _ready(tabsize))
    return owner.expandtabs(_ready(tabsize))


def _translate(interpreter: Interpreter, owner: str, table: Value) -> Value:
    table = plain(table)
    if not isinstance(table, dict):
        raise Undecided("a table of characters")
    longest = max((len(each) for each in table.values() if isinstance(each, str)), default=1)
    interpreter.budget.length(len(owner) * max(longest, 1))
    return owner.translate({key: _ready(each) for key, each in table.items()})


def _format(interpreter: Interpreter, owner: str, *arguments: Value, **named: Value) -> Value:
    return texts.by_format(interpreter, owner, list(arguments), named)


def _format_map(interpreter: Interpreter, owner: str, mapping: Value) -> Value:
    return texts.by_format(interpreter, owner, [], plain(mapping))


# ---------------------------------------------------------------------------------------------------------------------
# Lists


def _unless_doubted(change: Callable[..., Value]) -> Callable[..., Value]:
    """A change that takes something away. Where it may not be made, it is noted that it may have been."""

    def method(interpreter: Interpreter, owner: Any, *arguments: Value, **named: Value) -> Value:
        given = (each for each in arguments if isinstance(each, Unknown))
        unknown = next(given, interpreter.doubt.about(owner))
        if unknown is not None:
            containers.mark(owner, unknown)
            return Unknown(unknown.reason)
        return change(interpreter, owner, *arguments, **named)

    return method


def _append(interpreter: Interpreter, owner: list[Value], item: Value) -> None:
    doubt = interpreter.doubt.about(owner)
    owner.append(item)
    if doubt is not None:
        owner.append(doubt)
    if len(owner) > interpreter.limits.length:
        raise Bound("a list of too many items would be made")


def _insert(interpreter: Interpreter, owner: list[Value], index: Value, item: Value) -> None:
    doubt = interpreter.doubt.about(owner)
    if isinstance(index, Unknown):
        containers.mark(owner, index)
        index = len(owner)
    owner.insert(plain(index), item)
    if doubt is not None:
        owner.append(doubt)


def _pop(interpreter: Interpreter, owner: list[Value], index: Value = -1) -> Value:
    interpreter.budget.step(len(owner) // 64)
    if is_vague(owner):
        raise Undecided("an item of a list that is not known")
    return owner.pop(plain(index))


def _position(interpreter: Interpreter, owner: Any, item: Value) -> int:
    for index, each in enumerate(owner):
        interpreter.budget.step()
        if operators.truth(interpreter, operators.compare(interpreter, _equal(), each, item)):
            return index
    raise interpreter.error("ValueError", f"{texts.representation(interpreter, item)} is not in list"[:200])


def _equal() -> Any:
    import ast

    return ast.Eq


def _remove(interpreter: Interpreter, owner: list[Value], item: Value) -> None:
    try:
        del owner[_position(interpreter, owner, item)]
    except Undecided as why:
        containers.mark(owner, Unknown(why.reason))


def _index(interpreter: Interpreter, owner: Any, item: Value, start: Value = 0, *end: Value) -> Value:
    start = _ready(start)
    return (
        start + _position(interpreter, owner[slice(start, *map(_ready, end))], item)
        if start
        else _position(interpreter, owner, item)
    )


def _count(interpreter: Interpreter, owner: Any, item: Value) -> int:
    interpreter.budget.step(len(owner))
    return sum(operators.truth(interpreter, operators.compare(interpreter, _equal(), each, item)) for each in owner)


def _sort(interpreter: Interpreter, owner: list[Value], key: Value = None, reverse: Value = False) -> None:
    owner[:] = ordering.in_order(interpreter, owner, key, reverse)


def _copy(interpreter: Interpreter, owner: Any) -> Any:
    interpreter.budget.step(len(owner) // 16)
    return interpreter.doubt.made(owner.copy())


# ---------------------------------------------------------------------------------------------------------------------
# Dicts and sets


def _get(interpreter: Interpreter, owner: dict[Value, Value], key: Value, default: Value = None) -> Value:
    if isinstance(key, Unknown):
        return Unknown(key.reason)
    containers.check_key(interpreter, key)
    found = owner.get(key, MISSING)
    if found is not MISSING:
        return found
    interpreter.budget.step(len(owner) // 64)
    why = partly(owner)
    return Unknown(why[0]) if why else default


def _set_default(interpreter: Interpreter, owner: dict[Value, Value], key: Value, default: Value = None) -> Value:
    if isinstance(key, Unknown):  # it may be one of those that are there, or a further one
        containers.set_key(interpreter, owner, key, default)
        return Unknown(key.reason)
    found = _get(interpreter, owner, key, MISSING)
    if found is MISSING:
        containers.set_key(interpreter, owner, key, default)
        return owner.get(key, default)
    return found


def _update(interpreter: Interpreter, owner: dict[Value, Value], other: Value = (), **named: Value) -> None:
    containers.update(interpreter, owner, other)
    containers.update(interpreter, owner, named)


def _pop_key(interpreter: Interpreter, owner: dict[Value, Value], key: Value, default: Value = MISSING) -> Value:
    containers.check_key(interpreter, key)
    if key in owner:
        return owner.pop(key)
    if partly(owner):
        return Unknown(partly(owner)[0])
    if default is not MISSING:
        return default
    raise interpreter.error("KeyError", key if isinstance(key, str) else containers.described(key))


def _pop_item(interpreter: Interpreter, owner: dict[Value, Value], last: Value = True) -> Value:
    if partly(owner):
        raise Undecided(partly(owner)[0])
    key = next(reversed(owner) if _ready(last) else iter(owner), MISSING)
    if key is MISSING:
        raise interpreter.error("KeyError", "popitem(): dictionary is empty")
    return key, owner.pop(key)


def _move_to_end(interpreter: Interpreter, owner: dict[Value, Value], key: Value, last: Value = True) -> None:
    value = _pop_key(interpreter, owner, key)
    rest = {} if _ready(last) else dict(owner)
    if rest:
        owner.clear()
    owner[key] = value
    owner.update(rest)


def _from_keys(interpreter: Interpreter, keys: Value, value: Value = None) -> Value:
    made: dict[Value, Value] = {}
    interpreter.doubt.made(made)
    for key in containers.iterate(interpreter, keys):
        containers.set_key(interpreter, made, key, value)
    return made


def _add(interpreter: Interpreter, owner: set[Value], item: Value) -> None:
    containers.update_set(interpreter, owner, [item])


def _update_set(interpreter: Interpreter, owner: set[Value], *others: Value) -> None:
    for other in others:
        containers.update_set(interpreter, owner, other)


def _combined(name: str) -> Callable[..., Value]:
    """`union` and the like. What is not known of one of the sets stays in the answer."""

    def method(interpreter: Interpreter, owner: Any, *others: Value) -> Value:
        answer = owner
        for other in others:
            items = set(containers.listed(interpreter, other))
            vague = next((each for each in (*answer, *items) if isinstance(each, Unknown)), None)
            answer = getattr(answer, name)(items)
            if vague is not None:
                answer = type(owner)({*answer, Unknown(vague.reason, many=True)})
        return interpreter.doubt.made(type(owner)(answer))

    return method


def _discard(_: Interpreter, owner: set[Value], item: Value) -> None:
    owner.discard(item)


OWN: Final[dict[tuple[type, str], Callable[..., Value]]] = {
    (str, "join"): _join,
    (str, "replace"): _replace,
    (str, "format"): _format,
    (str, "format_map"): _format_map,
    (str, "expandtabs"): _expand_tabs,
    (str, "translate"): _translate,
    **{(str, name): _padded(name) for name in ("center", "ljust", "rjust", "zfill")},
    (bytes, "join"): _join,
    (bytes, "replace"): _replace,
    (list, "append"): _append,
    (list, "extend"): lambda interpreter, owner, items: containers.extend(interpreter, owner, items),
    (list, "insert"): _insert,
    (list, "pop"): _unless_doubted(_pop),
    (list, "remove"): _unless_doubted(_remove),
    (list, "clear"): _unless_doubted(lambda _, owner: owner.clear()),
    (list, "sort"): _unless_doubted(_sort),
    (list, "reverse"): _unless_doubted(lambda _, owner: owner.reverse()),
    (list, "index"): _index,
    (list, "count"): _count,
    (list, "copy"): _copy,
    (tuple, "index"): _index,
    (tuple, "count"): _count,
    (dict, "get"): _get,
    (dict, "setdefault"): _set_default,
    (dict, "update"): _update,
    (dict, "pop"): _unless_doubted(_pop_key),
    (dict, "popitem"): _unless_doubted(_pop_item),
    (dict, "move_to_end"): _unless_doubted(_move_to_end),
    (dict, "clear"): _unless_doubted(lambda _, owner: owner.clear()),
    (dict, "copy"): _copy,
    (dict, "keys"): lambda interpreter, owner: interpreter.doubt.made(list(owner)),
    (dict, "values"): lambda interpreter, owner: interpreter.doubt.made(list(owner.values())),
    (dict, "items"): lambda interpreter, owner: interpreter.doubt.made(list(owner.items())),
    (dict, "fromkeys"): lambda interpreter, _, keys, value=None: _from_keys(interpreter, keys, value),
    (set, "add"): _add,
    (set, "update"): _update_set,
    (set, "discard"): _unless_doubted(_discard),
    (set, "remove"): _unless_doubted(lambda _, owner, item: owner.remove(item)),
    (set, "pop"): _unless_doubted(lambda *_: Unknown("a set has no order")),
    (set, "clear"): _unless_doubted(lambda _, owner: owner.clear()),
    (set, "copy"): _copy,
    **{
        (kind, name): _combined(name)
        for kind in (set, frozenset)
        for name in ("union", "intersection", "difference", "symmetric_difference")
    },
}
