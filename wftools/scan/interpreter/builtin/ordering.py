"""Order: sorting, the least and the greatest; and taking one item after the other."""

from __future__ import annotations

import ast
from functools import cmp_to_key
from typing import TYPE_CHECKING

from wftools.scan.interpreter import calls, containers, operators
from wftools.scan.interpreter.values import (
    MISSING,
    FileMarker,
    Instance,
    Stream,
    Undecided,
    Unknown,
    Value,
    plain,
)

if TYPE_CHECKING:
    from wftools.scan.interpreter.interpreter import Interpreter


def in_order(interpreter: Interpreter, items: Value, key: Value = None, reverse: Value = False) -> list[Value]:
    """The items sorted. Names of files keep their place among themselves; what is unknown comes to the end."""
    values = containers.listed(interpreter, items)
    vague = [each for each in values if isinstance(each, Unknown)]
    known = [each for each in values if not isinstance(each, Unknown)]
    files = [each for each in known if FileMarker.find(each)]
    others = [each for each in known if not FileMarker.find(each)] if files else known
    if files and others:
        return [*others, *files, *vague]  # nobody knows what comes where
    keys = [each if key is None else calls.call(interpreter, key, [each], {}) for each in known]
    interpreter.budget.step(len(known) * max(len(known), 1).bit_length())
    if files:
        return [*files, *vague]
    for each in keys:
        if isinstance(each, Unknown):
            raise Undecided(each.reason)
    ranks = sorted(range(len(known)), key=_sortable(interpreter, keys), reverse=operators.truth(interpreter, reverse))
    return [*(known[rank] for rank in ranks), *vague]


def _sortable(interpreter: Interpreter, keys: list[Value]):  # type: ignore[no-untyped-def]  # the key of `sorted`
    plains = [plain(each) for each in keys]
    if all(isinstance(each, str) for each in plains) or all(isinstance(each, int | float) for each in plains):
        return plains.__getitem__

    def compared(left: int, right: int) -> int:
        if is_less(interpreter, keys[left], keys[right]):
            return -1
        return 1 if is_less(interpreter, keys[right], keys[left]) else 0

    return cmp_to_key(compared)


def is_less(interpreter: Interpreter, left: Value, right: Value) -> bool:
    """`left < right`; tuples and lists by their parts."""
    left_parts, right_parts = plain(left), plain(right)
    if isinstance(left_parts, tuple) and isinstance(right_parts, tuple):
        for one, other in zip(left_parts, right_parts, strict=False):
            if not operators.truth(interpreter, operators.compare(interpreter, ast.Eq, one, other)):
                return is_less(interpreter, one, other)
        return len(left_parts) < len(right_parts)
    return operators.truth(interpreter, operators.compare(interpreter, ast.Lt, left, right))


def extreme(
    interpreter: Interpreter, arguments: list[Value], greatest: bool, key: Value = None, default: Value = MISSING
) -> Value:
    """`max(…)` or `min(…)`."""
    values = containers.listed(interpreter, arguments[0]) if len(arguments) == 1 else arguments
    if not values:
        if default is not MISSING:
            return default
        raise interpreter.error("ValueError", "iterable argument is empty")
    best, best_rank = MISSING, MISSING
    for value in values:
        if isinstance(value, Unknown):
            return Unknown(value.reason)
        rank = value if key is None else calls.call(interpreter, key, [value], {})
        if best is MISSING or (
            is_less(interpreter, best_rank, rank) if greatest else is_less(interpreter, rank, best_rank)
        ):
            best, best_rank = value, rank
    return best


def next_of(interpreter: Interpreter, iterator: Value, default: Value = MISSING) -> Value:
    """`next(iterator, default)`."""
    if isinstance(iterator, Unknown):
        return Unknown(iterator.reason)
    if isinstance(iterator, Instance):
        method = interpreter.special(iterator, "__next__")
        if method is not MISSING:
            return calls.call(interpreter, method, [], {})
    if not isinstance(iterator, Stream):
        raise interpreter.error("TypeError", f"{containers.described(iterator)} is not an iterator")
    item = next(iter(iterator), MISSING)
    if item is MISSING:
        if default is not MISSING:
            return default
        raise interpreter.error("StopIteration", "")
    return Unknown(item.reason) if isinstance(item, Unknown) else item
