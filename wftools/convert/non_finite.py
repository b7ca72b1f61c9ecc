"""NaN and infinity: numbers that Python reads and writes in JSON texts, and no JSON text has."""

from __future__ import annotations

from math import isfinite
from typing import Any, Final

from wftools.document.pointer import pointer
from wftools.errors import listed

MAX_NAMED: Final = 3  # places in a message


def without_non_finite(tree: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A tree with null for NaN and infinity, as the editor reads and writes them, and the message that says so."""
    if _is_finite(tree):  # nearly every tree is
        return tree, ()
    places: list[str] = []
    tree = _with_null(tree, (), places)
    return tree, (f"NaN and infinity are no JSON; null stands for them at {listed(places, MAX_NAMED)}",)


def _is_finite(tree: dict[str, Any]) -> bool:
    """Whether all numbers of a tree are finite."""
    waiting: list[Any] = [tree]
    while waiting:
        each = waiting.pop()
        for value in each.values() if type(each) is dict else each:
            kind = type(value)
            if kind is dict or kind is list:
                waiting.append(value)
            elif kind is float and not isfinite(value):
                return False
    return True


def _with_null(value: Any, path: tuple[str | int, ...], places: list[str]) -> Any:
    """A copy of a value; the pointers of the numbers that are none are added to `places`."""
    if isinstance(value, dict):
        return {key: _with_null(each, (*path, key), places) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_null(each, (*path, index), places) for index, each in enumerate(value)]
    if not isinstance(value, float) or isfinite(value):
        return value
    places.append(pointer(*path))
    return None
