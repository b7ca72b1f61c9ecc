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
        count = 0
        while waiting:
            way, value = waiting.pop()
            is_row = isinstance(value, (list, tuple)) and self._has_tables(value)
            if not isinstance(value, dict) and not is_row:
                yield way, value
                continue
            count += len(value)  # before they are named: what is shared is met again and again
            if count > MAX_TABLES or len(way) == MAX_DEPTH:
                message = f"the file has more than {MAX_TABLES:,} entries, or tables in tables {MAX_DEPTH} deep"
                raise ModelFileError("PICKLE_SIZE", message)
            if is_row:
                waiting += reversed([((*way, str(index)), each) for index, each in enumerate(value)])
            else:
                # Lightning has settings by classes: a table below what is no name is none of weights.
                waiting += reversed([((*way, key), each) for key, each in value.items() if _may_hold(key, each)])

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
    rows: dict[int, str | None] = {}  # by identity: one may stand in many tables
    left = MAX_METADATA
    for way, value in tables.entries(tables.root):
        text = _text(value, rows)
        if text is not None:
            left -= _length(way) + (0 if text is value else len(text))
            if left < 0:
                break
            found[_name(way)] = text
    return found


def _length(way: tuple[Any, ...]) -> int:
    return sum(len(key) + 1 if isinstance(key, str) else MAX_DIGITS for key in way)


def _text(value: Any, rows: dict[int, str | None]) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        if id(value) not in rows:
            rows[id(value)] = _row(value)
        return rows[id(value)]
    return json.dumps(value) if _is_plain(value) else None


def _row(values: list[Any] | tuple[Any, ...]) -> str | None:
    """A row of plain values as JSON; None for another, or one that is too long."""
    if len(values) > MAX_ROW:
        return None
    texts = [each for each in values if isinstance(each, str)]
    is_plain = len(texts) + sum(map(_is_plain, values)) == len(values)
    return json.dumps(values) if is_plain and sum(map(len, texts)) <= MAX_ROW_TEXT else None


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, float) or (isinstance(value, int) and abs(value) < MAX_COUNT)
