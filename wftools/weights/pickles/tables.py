"""The tables of a pickle: which tensors they have by which names, and what else they say.

Names of tensors are the keys of the table `state_dict`, if there is one, or of the only table; else of all tables, with
dots between the keys. Plain values become metadata: texts as they are, others as JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import shown
from wftools.weights.faults import ModelFileError
from wftools.weights.pickles.symbols import Rebuilt
from wftools.weights.pickles.views import MAX_COUNT, View, view_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TABLES: Final = 2**18  # entries of all tables, each as often as it is named
MAX_DEPTH: Final = 32  # of tables in tables
MAX_NAMES: Final = 2**25  # characters of all names
MAX_METADATA: Final = 2**20  # characters of all values that are made JSON
MAX_ROW: Final = 2**10  # items of a row of plain values that is metadata
MAX_ROW_TEXT: Final = 2**16  # characters of all texts in it
MAX_DIGITS: Final = 20  # of a key that is a number


class Tables:
    """Walks through tables, rows and tensors by the way to them. What is shared is looked through once."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._rows: dict[int, bool] = {}  # of each row, by its identity, whether it has a table or a tensor in it

    def entries(self, root: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
        """Everything in tables, and in rows of tables, by the keys to it. Raises ModelFileError for too much."""
        waiting: list[tuple[tuple[Any, ...], Any]] = [((), root)]
        for count in range(MAX_TABLES + 1):
            if not waiting:
                return
            way, value = waiting.pop()
            if count == MAX_TABLES or len(way) > MAX_DEPTH:
                message = f"the file has more than {MAX_TABLES:,} entries, or tables in tables {MAX_DEPTH} deep"
                raise ModelFileError("PICKLE_SIZE", message)
            if isinstance(value, dict):
                # Lightning has settings by classes: a table below what is no name is none of weights.
                waiting += reversed([((*way, key), each) for key, each in value.items() if _may_hold(key, each)])
            elif isinstance(value, (list, tuple)) and self._has_tables(value):
                waiting += reversed([((*way, str(index)), each) for index, each in enumerate(value)])
            else:
                yield way, value

    def _has_tables(self, row: list[Any] | tuple[Any, ...]) -> bool:
        """Whether a row has a table or a tensor in it, be it in a row of its own; others are plain values."""
        if id(row) not in self._rows:
            seen = {id(row)}
            waiting: list[Any] = [row]
            found = False
            while waiting and not found:
                for each in waiting.pop():
                    if isinstance(each, (list, tuple)):
                        found = self._rows.get(id(each), False)
                        if id(each) not in seen and id(each) not in self._rows:
                            seen.add(id(each))
                            waiting.append(each)
                    else:
                        found = isinstance(each, (dict, Rebuilt))
                    if found:
                        break
            self._rows |= dict.fromkeys({id(row)} if found else seen, found)
        return self._rows[id(row)]


def _may_hold(key: Any, value: Any) -> bool:
    return isinstance(key, (str, int)) or isinstance(value, Rebuilt)


def _name(way: tuple[Any, ...]) -> str:
    return ".".join(map(str, way))


def named_views(tables: Tables) -> dict[str, View]:
    """The tensors of the table of weights, by name."""
    views: dict[str, View] = {}
    root = tables.root
    characters = 0
    for way, value in tables.entries(_weights(root) if isinstance(root, dict) else root):
        if not isinstance(value, Rebuilt) or (view := view_of(value)) is None:
            continue
        if not isinstance(way[-1], str):
            message = "a tensor in the file has a number, or what else is no text, in place of a name"
            raise ModelFileError("NOT_A_CHECKPOINT", message, offset=value.at)
        characters += _length(way)
        if characters > MAX_NAMES:
            raise ModelFileError("PICKLE_SIZE", f"the names of all tensors have more than {MAX_NAMES:,} characters")
        name = _name(way)
        if name in views:
            raise ModelFileError("TENSOR_DUPLICATE", f"the file has two tensors {shown(name)}", offset=value.at)
        views[name] = view
    return views


def _weights(root: dict[Any, Any]) -> Any:
    """The table of the weights among what else a training saves."""
    inner = root.get("state_dict", next(iter(root.values())) if len(root) == 1 else None)
    return inner if isinstance(inner, dict) else root


def metadata(tables: Tables) -> dict[str, str]:
    """The plain values of all tables, as far as they are of a size that somebody reads."""
    found: dict[str, str] = {}
    left = MAX_METADATA
    for way, value in tables.entries(tables.root):
        text = value if isinstance(value, str) else _json(value)
        if text is not None:
            left -= _length(way) + (0 if text is value else len(text))
            if left < 0:
                break
            found[_name(way)] = text
    return found


def _length(way: tuple[Any, ...]) -> int:
    return sum(len(key) + 1 if isinstance(key, str) else MAX_DIGITS for key in way)


def _json(value: Any) -> str | None:
    """A plain value, or a row of them, as JSON; None for what is none, or too large."""
    if _is_plain(value):
        return json.dumps(value)
    if isinstance(value, (list, tuple)) and len(value) <= MAX_ROW:
        texts = [each for each in value if isinstance(each, str)]
        if sum(map(len, texts)) <= MAX_ROW_TEXT and len(texts) + sum(map(_is_plain, value)) == len(value):
            return json.dumps(value)
    return None


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, float) or (isinstance(value, int) and abs(value) < MAX_COUNT)
