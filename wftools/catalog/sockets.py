"""Which output may be linked to which input: the relation of ComfyUI's server, and the one of its editor."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from wftools.catalog.signature import COMBO, KEPT, MATCH_TYPE, WILDCARD, Input, Output

if TYPE_CHECKING:
    from collections.abc import Iterable


def accepts(given: Output, wanted: Input) -> bool:
    """Whether the server lets this output into this input.

    Types are case-sensitive names or comma-separated unions of them. `*` and MatchType fit everything; the server never
    looks at a MatchType's template. A list of choices fits COMBO and the same list; one of which not all choices are
    known may be the same as another.
    """
    if WILDCARD in (given.type, wanted.type) or MATCH_TYPE in (given.type, wanted.type):
        return True
    if given.choices is not None:
        is_open = given.listing is not None or wanted.is_open
        return (is_open or given.choices == wanted.choices) if wanted.listed else wanted.type == COMBO
    if wanted.listed:
        return False
    return overlap(given.type, wanted.type)


def overlap(one: str, other: str) -> bool:
    """Whether two unions have a member in common, or one of them takes anything."""
    ones, others = types_in(one), types_in(other)
    return not ones.isdisjoint(others) or WILDCARD in ones or WILDCARD in others


@lru_cache(maxsize=KEPT)
def types_in(union: str) -> frozenset[str]:
    """The types of a comma-separated union."""
    return frozenset(part.strip() for part in union.split(","))


def connectable(one: object, other: object) -> bool:
    """Whether the editor lets two slots be linked: the rule that also decides what a bypassed node passes on.

    Names are compared without case; the empty name, `*`, 0 and none fit everything.
    """
    if one in _WILD or other in _WILD:
        return True
    ones = _lowered(one) if isinstance(one, str) else _parts(one)
    others = _lowered(other) if isinstance(other, str) else _parts(other)
    return not ones.isdisjoint(others)


_WILD: Final = ("", WILDCARD, 0, None)


def _parts(kind: object) -> frozenset[str]:
    parts: Iterable[object] = str(kind).split(",") if not isinstance(kind, list) else kind
    return frozenset(str(part).strip().lower() for part in parts)


@lru_cache(maxsize=KEPT)
def _lowered(union: str) -> frozenset[str]:
    return _parts(union)
