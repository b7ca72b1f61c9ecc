"""JSON Pointers (RFC 6901): `/nodes/3/widgets_values/0`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wftools.values import Json

BEHIND: Final = "-"  # behind the last item of an array

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,17}")


def pointer(*parts: str | int) -> str:
    """The pointer that leads along keys and indices."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def parts(text: str) -> list[str]:
    """The keys and indices along which a pointer leads."""
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def index(part: str, length: int) -> int | None:
    """The index that a part of a pointer is, in an array of a length; None if it is none of it."""
    return int(part) if _INDEX.fullmatch(part) and int(part) < length else None


def value_at(tree: Json, pointer: str) -> Json:
    """The value that a pointer leads to. Raises LookupError if there is none."""
    for part in parts(pointer):
        if isinstance(tree, dict):
            tree = tree[part]
        elif isinstance(tree, list) and (at := index(part, len(tree))) is not None:
            tree = tree[at]
        else:
            raise LookupError(pointer)
    return tree


def with_value_at(tree: Json, pointer: str, value: Json) -> Json:
    """A copy of a tree, along the way of a pointer, with another value at its end."""
    way = parts(pointer)
    if not way:
        return value
    rest = "".join("/" + part for part in pointer.split("/")[2:])
    if isinstance(tree, dict):
        return {**tree, way[0]: with_value_at(tree[way[0]], rest, value)}
    if isinstance(tree, list) and (at := index(way[0], len(tree))) is not None:
        return [*tree[:at], with_value_at(tree[at], rest, value), *tree[at + 1 :]]
    raise LookupError(pointer)
