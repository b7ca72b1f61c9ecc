"""A typed view of a tree that may be malformed.

A well-formed tree is validated once. Where that fails, each offending value is left out of a copy (an item of a list
is replaced by an empty one, so that indices hold) and the copy is validated again: what is wrong becomes a list of
problems with their places, and all the rest can still be worked with.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from wftools.document.pointer import pointer
from wftools.errors import LimitError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic_core import ErrorDetails

ViewOf = TypeVar("ViewOf", bound=BaseModel)
Path = tuple[str | int, ...]

# The empty item of each list. An empty node has no type, an empty link leads from nowhere to nowhere.
_EMPTY: Final[Mapping[str, Any]] = {
    "nodes": {"id": "", "type": ""},
    "links": [-1, "", 0, "", 0, ""],
    "floatingLinks": {"id": -1, "origin_id": "", "origin_slot": 0, "target_id": "", "target_slot": 0},
    "inputs": {"name": ""},
    "outputs": {"name": ""},
    "groups": {"bounding": [0, 0, 0, 0]},
    "reroutes": {"id": -1, "pos": [0, 0]},
    "subgraphs": {"id": "", "nodes": []},
}
# What pydantic's error types ask for.
_NAMES: Final[Mapping[str, str]] = {
    "bool_type": "true or false",
    "dict_type": "an object",
    "float_type": "a number",
    "int_type": "an integer",
    "list_type": "a list",
    "model_type": "an object",
    "string_type": "a string",
}
MAX_MALFORMED: Final = 10_000  # values; to tell of one takes some kilobytes
_ROUNDS: Final = 8  # each mends one level of nesting; the models nest less deeply


@dataclass(frozen=True, slots=True)
class Malformed:
    """One value that is not what the format says."""

    pointer: str
    message: str
    missing: bool = False  # the key that `pointer` names is not there


def view(model: type[ViewOf], tree: Any) -> tuple[ViewOf, tuple[Malformed, ...]]:
    """The view of a tree, and what had to be left out of it.

    Raises LimitError if more than MAX_MALFORMED values are malformed.
    """
    problems: dict[str, Malformed] = {}
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(tree), tuple(problems.values())
        except ValidationError as error:
            if error.error_count() > MAX_MALFORMED:
                raise LimitError(f"more than {MAX_MALFORMED:,} values are not what a workflow has there") from None
            details = error.errors(include_url=False)
            if not problems:
                tree = copy.deepcopy(tree)
            for problem in _mend(tree, details):
                problems.setdefault(problem.pointer, problem)  # what was left out is missing in the next round
    raise AssertionError(f"could not mend {list(problems)}")  # every round removes what it was told of


def _mend(tree: Any, details: Sequence[ErrorDetails]) -> list[Malformed]:
    """Take the offending values out of the tree; say what was wrong with them."""
    found: dict[Path, list[ErrorDetails]] = {}
    for detail in details:
        found.setdefault(_path_in(tree, detail), []).append(detail)  # a union has a detail for each arm
    problems = [Malformed(pointer(*path), _message(path, arms), _is_missing(arms)) for path, arms in found.items()]
    mended: set[Path] = set()
    for path, arms in found.items():
        whole = _mendable(path[:-1] if _is_missing(arms) else path)
        if not any(whole[:length] in mended for length in range(len(whole) + 1)):
            _leave_out(tree, whole)
            mended.add(whole)
    return problems


def _mendable(path: Path) -> Path:
    """The smallest thing around a value that can be left out: a key, or an item of a list that has an empty one."""
    while path and isinstance(path[-1], int):
        owner = path[:-1]
        if owner[-1] in _EMPTY and not (owner[-1] == "links" and owner[-3:-2] == ("outputs",)):
            break  # it has an empty item; the `links` of an output, which are ids, have none
        path = owner
    return path


def _leave_out(tree: Any, path: Path) -> None:
    for part in path[:-1]:
        tree = tree[part]
    if not path:
        tree["nodes"] = []  # the one key that a workflow has to have
    elif isinstance(path[-1], int):
        tree[path[-1]] = copy.deepcopy(_EMPTY[str(path[-2])])
    else:
        del tree[path[-1]]


def _path_in(tree: Any, detail: ErrorDetails) -> Path:
    """The part of pydantic's location that names something in the tree; names of union arms are not in it."""
    path: list[str | int] = []
    for part in detail["loc"]:
        if part in tree if isinstance(tree, dict) else isinstance(tree, list) and part in range(len(tree)):
            tree = tree[part]
            path.append(part)
    if detail["type"] == "missing":
        path.append(detail["loc"][-1])
    return tuple(path)


def _is_missing(arms: Sequence[ErrorDetails]) -> bool:
    return any(arm["type"] == "missing" for arm in arms)


def _message(path: Path, arms: Sequence[ErrorDetails]) -> str:
    if _is_missing(arms):
        return f"{path[-1]!r} is missing"
    wanted = dict.fromkeys(_expected(arm) for arm in arms)
    if "a number" in wanted:
        wanted.pop("an integer", None)
    return f"expected {' or '.join(wanted)}, got {shown(arms[0]['input'])}"


def _expected(arm: ErrorDetails) -> str:
    kind, limits = arm["type"], arm.get("ctx", {})
    if kind in {"too_short", "too_long"}:
        return f"a list of {limits.get('min_length', limits.get('max_length'))} items"
    return str(limits.get("expected") or _NAMES.get(kind) or arm["msg"])
