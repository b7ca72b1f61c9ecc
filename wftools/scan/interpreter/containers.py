"""Items: reading, changing, going through, looking for them. What is not known of a container stays in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.scan.interpreter import attributes, calls, operators
from wftools.scan.interpreter.builtin.types import BY_TYPE
from wftools.scan.interpreter.limits import Bound
from wftools.scan.interpreter.values import (
    MISSING,
    ClassValue,
    FileMarker,
    Foreign,
    Instance,
    Raised,
    Stream,
    Undecided,
    Unknown,
    Value,
    is_vague,
    partly,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.scan.interpreter.interpreter import Interpreter

_ITERABLE: Final = (list, tuple, str, range, bytes, bytearray)
_GENERIC: Final = (list, tuple, dict, set, frozenset, type)


# ---------------------------------------------------------------------------------------------------------------------
# Going through


def iterate(interpreter: Interpreter, value: Value) -> Iterator[Value]:
    """The items of a value. Where they are unknown, there is one Unknown with `many`."""
    for turns, item in enumerate(_items(interpreter, value), 1):
        interpreter.budget.step()
        if turns > interpreter.limits.turns:
            yield Unknown(f"there are more than {interpreter.limits.turns} items", many=True)
            return
        yield item


def _items(interpreter: Interpreter, value: Value) -> Iterable[Value]:
    if isinstance(value, set | frozenset):
        return sorted(value, key=_rank)  # Python's own order is another one each time
    if isinstance(value, _ITERABLE):
        return value
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, Unknown):
        return [Unknown(value.reason, many=True)]
    if isinstance(value, Stream):
        return value
    if isinstance(value, Instance):
        return _items_of_instance(interpreter, value)
    if isinstance(value, ClassValue):
        method = attributes.of_metaclass(interpreter, value, "__iter__")
        if method is not MISSING:
            return _items(interpreter, calls.call(interpreter, method, [], {}))
        if value.members is not None:
            return list(dict.fromkeys(value.members.values()))
        if value.unknown_base is not None:
            return [Unknown(value.unknown_base.reason, many=True)]
    raise interpreter.error("TypeError", f"{described(value)} is not iterable")


def _rank(item: Value) -> tuple[str, float, str]:
    """Where an item of a set comes."""
    item = plain(item)
    if isinstance(item, Unknown):
        return "~", 0, item.reason
    if isinstance(item, int | float):
        return "", min(max(item, -1e300), 1e300), ""
    return type(item).__name__, 0, item if isinstance(item, str) else str(getattr(item, "name", ""))


def _items_of_instance(interpreter: Interpreter, value: Instance) -> Iterable[Value]:
    method = interpreter.special(value, "__iter__")
    if method is not MISSING:
        answer = calls.call(interpreter, method, [], {})
        if isinstance(answer, Instance) and interpreter.special(answer, "__next__") is not MISSING:
            return _until_stopped(interpreter, answer)
        return _items(interpreter, answer)
    if value.native is not MISSING:
        return _items(interpreter, value.native)
    method = interpreter.special(value, "__getitem__")
    if method is not MISSING:
        return _by_index(interpreter, method)
    raise interpreter.error("TypeError", f"{described(value)} is not iterable")


def _until_stopped(interpreter: Interpreter, iterator: Instance) -> Iterator[Value]:
    method = interpreter.special(iterator, "__next__")
    while True:
        try:
            yield calls.call(interpreter, method, [], {})
        except Raised as raised:
            if raised.value.cls.name == "StopIteration":
                return
            raise


def _by_index(interpreter: Interpreter, method: Value) -> Iterator[Value]:
    for index in range(interpreter.limits.turns):
        try:
            item = calls.call(interpreter, method, [index], {})
        except Raised as raised:
            if raised.value.cls.name == "IndexError":
                return
            raise
        yield item
        if isinstance(item, Unknown):
            return


def check_length(interpreter: Interpreter, value: Value) -> None:
    """Whatever is made of all items of this must not be too long."""
    if isinstance(value, range):
        interpreter.budget.length((value.stop - value.start) // value.step)
    elif isinstance(value, str | bytes):
        interpreter.budget.length(len(value))


def listed(interpreter: Interpreter, value: Value) -> list[Value]:
    """The items as a new list, no longer than allowed."""
    check_length(interpreter, value)
    items: list[Value] = []
    for item in iterate(interpreter, value):
        items.append(item)
        if len(items) > interpreter.limits.length:
            raise Bound("a list of too many items would be made")
    interpreter.doubt.made(items)
    return items


# ---------------------------------------------------------------------------------------------------------------------
# Reading


def get_item(interpreter: Interpreter, owner: Value, key: Value) -> Value:
    """`owner[key]`."""
    if isinstance(owner, Unknown):
        return Unknown(owner.reason)
    if isinstance(owner, Instance):
        method = interpreter.special(owner, "__getitem__")
        if method is not MISSING:
            return calls.call(interpreter, method, [key], {})
        if isinstance(owner.native, dict):
            return get_key(interpreter, owner.native, key, owner)
        owner = owner.native
    if isinstance(owner, dict):
        return get_key(interpreter, owner, key)
    if isinstance(owner, ClassValue):
        return _item_of_class(interpreter, owner, key)
    if isinstance(owner, str | list | tuple | range | bytes | bytearray):
        return _by_position(interpreter, owner, key)
    raise interpreter.error("TypeError", f"{described(owner)} is not subscriptable")


def get_key(interpreter: Interpreter, owner: dict[Value, Value], key: Value, instance: Instance | None = None) -> Value:
    """`owner[key]` of a dict; `instance` is the one whose items these are."""
    if isinstance(key, Unknown):
        return Unknown(key.reason)
    check_key(interpreter, key)
    found = owner.get(key, MISSING)
    if found is not MISSING:
        return found
    if instance is not None:
        method = interpreter.special(instance, "__missing__")
        if method is not MISSING:
            return calls.call(interpreter, method, [key], {})
    interpreter.budget.step(len(owner) // 64)
    if why := partly(owner):
        return Unknown(why[0])
    if FileMarker.find(key):
        return Unknown("it depends on the names of files")
    raise interpreter.error("KeyError", key if isinstance(key, str) else described(key))


def _by_position(interpreter: Interpreter, owner: Any, key: Value) -> Value:
    key = plain(key)
    if isinstance(key, Unknown):
        return Unknown(key.reason)
    if isinstance(key, slice):
        parts = [plain(each) for each in (key.start, key.stop, key.step)]
        for part in parts:
            if isinstance(part, Unknown):
                raise Undecided(part.reason)
        key = slice(*parts)
        interpreter.budget.step(len(owner) // 32)
    elif isinstance(owner, list | tuple):
        interpreter.budget.step(len(owner) // 64)
    if isinstance(key, Instance):
        method = interpreter.special(key, "__index__")
        if method is not MISSING:
            key = calls.call(interpreter, method, [], {})
    if isinstance(owner, list | tuple) and is_vague(owner):
        interpreter.budget.step(len(owner) // 32)
        return _of_vague(interpreter, owner, key)
    answer = interpreter.natively(owner.__getitem__, key)
    return interpreter.doubt.made(answer) if isinstance(key, slice) else answer


def _of_vague(interpreter: Interpreter, owner: list[Value] | tuple[Value, ...], key: Value) -> Value:
    """An item of a list that is not known throughout: those before, or behind, what is unknown have their place."""
    places = [index for index, each in enumerate(owner) if isinstance(each, Unknown) and each.many]
    if isinstance(key, int) and (0 <= key < places[0] or 0 > key > places[-1] - len(owner)):
        return owner[key]
    return Unknown(owner[places[0]].reason)


def _item_of_class(interpreter: Interpreter, owner: ClassValue, key: Value) -> Value:
    if owner.members is not None and isinstance(key, str):
        if key in owner.members:
            return owner.members[key]
        raise interpreter.error("KeyError", key)
    method = attributes.of_metaclass(interpreter, owner, "__getitem__")
    if method is not MISSING:
        return calls.call(interpreter, method, [key], {})
    method = owner.lookup("__class_getitem__")
    if method is not MISSING:
        return calls.call(interpreter, attributes.bind_to_class(interpreter, method, owner), [key], {})
    return owner  # `list[int]`, `Generic[T]`: the class, as far as values are concerned


# ---------------------------------------------------------------------------------------------------------------------
# Looking for


def contains(interpreter: Interpreter, owner: Value, item: Value) -> bool:
    """`item in owner`. Raises `Undecided` if that is not known."""
    if isinstance(owner, Unknown):
        raise Undecided(owner.reason)
    if isinstance(owner, Instance):
        method = interpreter.special(owner, "__contains__")
        if method is not MISSING:
            return operators.truth(interpreter, calls.call(interpreter, method, [item], {}))
        if owner.native is MISSING:
            owner = listed(interpreter, owner)
        else:
            owner = owner.native
    if isinstance(owner, ClassValue):
        method = attributes.of_metaclass(interpreter, owner, "__contains__")
        if method is not MISSING:
            return operators.truth(interpreter, calls.call(interpreter, method, [item], {}))
    if isinstance(item, Unknown):
        raise Undecided(item.reason)
    return _in_native(interpreter, owner, item)


def _in_native(interpreter: Interpreter, owner: Value, item: Value) -> bool:
    if isinstance(owner, str):
        return _in_text(interpreter, owner, plain(item))
    if isinstance(owner, dict | set | frozenset):
        return _in_hashed(interpreter, owner, item)
    if isinstance(owner, range | bytes):
        return bool(interpreter.natively(owner.__contains__, plain(item)))
    undecided: Undecided | None = None
    for each in iterate(interpreter, owner):
        try:
            if isinstance(each, Unknown):
                raise Undecided(each.reason)
            if operators.truth(interpreter, operators.equal(interpreter, each, item)):
                return True
        except Undecided as why:
            undecided = why
    if undecided:
        raise undecided
    return False


def _in_text(interpreter: Interpreter, owner: str, item: Value) -> bool:
    interpreter.budget.step(len(owner) // 64)
    if bool(interpreter.natively(owner.__contains__, item)):
        return True
    if FileMarker.find(owner) or FileMarker.find(item):
        raise Undecided("it depends on the names of files")
    return False


def _in_hashed(interpreter: Interpreter, owner: Any, item: Value) -> bool:
    check_key(interpreter, item)
    if item in owner:
        return True
    interpreter.budget.step(len(owner) // 32)
    for each in owner:
        if isinstance(each, Unknown):
            raise Undecided(each.reason)
        if isinstance(each, str) and isinstance(item, str) and not (each.isascii() and item.isascii()):
            operators.same_text(each, item)
    return False


def check_key(interpreter: Interpreter, key: Value) -> None:
    """A key of a dict must have a hash, which goes through all of its parts."""
    if isinstance(key, str | int | float | None):
        return
    if isinstance(key, list | dict | set | bytearray | slice) or (
        isinstance(key, Instance) and isinstance(key.native, list | dict | set)
    ):
        raise interpreter.error("TypeError", f"unhashable type: {described(key)}")
    if isinstance(key, tuple | frozenset):
        interpreter.budget.measure(key)
        for each in key:
            check_key(interpreter, each)
    interpreter.natively(hash, key)


# ---------------------------------------------------------------------------------------------------------------------
# Changing


def set_item(interpreter: Interpreter, owner: Value, key: Value, value: Value) -> None:
    """`owner[key] = value`."""
    if isinstance(owner, Unknown):
        return
    if isinstance(owner, Instance):
        method = interpreter.special(owner, "__setitem__")
        if method is not MISSING and not isinstance(method, Unknown):
            calls.call(interpreter, method, [key, value], {})
            return
        owner = owner.native
    if isinstance(owner, dict):
        set_key(interpreter, owner, key, value)
    elif isinstance(owner, list):
        key = plain(key)
        doubt = key if isinstance(key, Unknown) else interpreter.doubt.about(owner)
        if doubt is not None:
            owner[:] = [Unknown(doubt.reason) for _ in owner]  # any of them may have been changed
        elif isinstance(key, slice):
            items = listed(interpreter, value)
            interpreter.budget.length(len(owner) + len(items))
            interpreter.natively(owner.__setitem__, key, items)
        else:
            interpreter.natively(owner.__setitem__, key, value)
    elif isinstance(owner, bytearray):
        raise Undecided("bytes that change")
    else:
        raise interpreter.error("TypeError", f"{described(owner)} does not support item assignment")


def set_key(interpreter: Interpreter, owner: dict[Value, Value], key: Value, value: Value) -> None:
    """`owner[key] = value` of a dict."""
    if isinstance(key, Unknown):
        owner[Unknown(key.reason)] = value
        return
    check_key(interpreter, key)
    doubt = interpreter.doubt.about(owner)
    if doubt is not None:
        before = owner.get(key, MISSING)
        if before is MISSING and not isinstance(value, ClassValue | Foreign):
            owner[doubt] = doubt
            if isinstance(value, Unknown):
                return
        value = interpreter.either([before, value], doubt.reason)
    owner[key] = value
    if len(owner) > interpreter.limits.length:
        raise Bound("a dict of too many keys would be made")


def delete_item(interpreter: Interpreter, owner: Value, key: Value) -> None:
    """`del owner[key]`."""
    if isinstance(owner, Instance):
        method = interpreter.special(owner, "__delitem__")
        if method is not MISSING:
            calls.call(interpreter, method, [key], {})
            return
        owner = owner.native
    key = plain(key)
    doubt = key if isinstance(key, Unknown) else interpreter.doubt.about(owner)
    if isinstance(owner, dict | list) and doubt is not None:
        mark(owner, doubt)
    elif isinstance(owner, dict):
        if key in owner:
            del owner[key]
        elif not partly(owner):
            raise interpreter.error("KeyError", key if isinstance(key, str) else described(key))
    elif isinstance(owner, list):
        interpreter.natively(owner.__delitem__, key)


def mark(owner: Any, why: Unknown) -> None:
    """Note in a list, dict or set that it may have other items than it has."""
    trace = Unknown(why.reason, many=True)
    if isinstance(owner, dict):
        owner[trace] = trace
    elif isinstance(owner, list):
        owner.append(trace)
    elif isinstance(owner, set):
        owner.add(trace)


def extend(interpreter: Interpreter, owner: list[Value], items: Value) -> None:
    """`owner.extend(items)`."""
    new = listed(interpreter, items)
    interpreter.budget.length(len(owner) + len(new))
    doubt = interpreter.doubt.about(owner)
    owner.extend(new)
    if doubt is not None:
        owner.append(doubt)


def update(interpreter: Interpreter, owner: dict[Value, Value], other: Value) -> None:
    """`owner.update(other)`: of a dict, of pairs, or of what is unknown."""
    for key, value in pairs(interpreter, other):
        set_key(interpreter, owner, key, value)


def update_set(interpreter: Interpreter, owner: set[Value], items: Value) -> None:
    """`owner.update(items)` of a set."""
    doubt = interpreter.doubt.about(owner)
    for item in iterate(interpreter, items):
        check_key(interpreter, item)
        owner.add(item)
    interpreter.budget.length(len(owner))
    if doubt is not None:
        owner.add(doubt)


def pairs_of_mapping(interpreter: Interpreter, value: Value) -> list[tuple[Value, Value]]:
    """Keys and values, as `**value` takes them: of a mapping only."""
    mapping = plain(value)
    if isinstance(mapping, dict | Unknown | Instance):
        return pairs(interpreter, value)
    raise interpreter.error("TypeError", f"{described(value)} is not a mapping")


def pairs(interpreter: Interpreter, value: Value) -> list[tuple[Value, Value]]:
    """Keys and values of a mapping, or of an iterable of pairs, as `dict(value)` takes them."""
    mapping = plain(value)
    if isinstance(mapping, Unknown):
        trace = Unknown(mapping.reason, many=True)
        return [(trace, trace)]
    if isinstance(mapping, dict):
        interpreter.budget.step(len(mapping))
        return list(mapping.items())
    if isinstance(mapping, Instance) and interpreter.special(mapping, "keys") is not MISSING:
        keys = listed(interpreter, calls.call(interpreter, interpreter.special(mapping, "keys"), [], {}))
        return [(key, get_item(interpreter, mapping, key)) for key in keys]
    result = []
    for pair in iterate(interpreter, mapping):
        if isinstance(pair, Unknown):
            result.append((Unknown(pair.reason, many=True), pair))
            continue
        parts = listed(interpreter, pair)
        if len(parts) != 2:
            raise interpreter.error("ValueError", "dictionary update sequence element has not 2 parts")
        result.append((parts[0], parts[1]))
    return result


def described(value: Value) -> str:
    """The kind of a value, for messages."""
    if isinstance(value, Instance):
        return f"'{value.cls.name}' object"
    known = BY_TYPE.get(type(value))
    return f"'{known.name}' object" if known else repr(value)
