"""Changes of a document, spliced into its text: what nobody touched keeps its bytes.

    edited(document, [Set("/nodes/0/title", "Mine"), Remove("/links/3"), Insert("/nodes/-", node)])

Each pointer leads through the workflow as the edits before it have left it. What is changed or new is spelled as its
neighbours are (see `style.py`); repeated keys, `1E5` and odd indents beside it stay, so that one changed value is one
changed line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from wftools.document.jsontext import parse
from wftools.document.pointer import pointer, value_at
from wftools.errors import InputError, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.document.document import Document, Tree
    from wftools.values import Json

# Lists with more pairs of items than this are compared item by item, not searched for what moved.
_MOST_PAIRS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Set:
    """Another value in the place of one that is there.

    Of an object that becomes an object only what differs changes; the order of its keys is no difference. Likewise of
    an array that becomes an array.
    """

    pointer: str
    value: Json


@dataclass(frozen=True, slots=True)
class Remove:
    """A member or an item goes; of a key that stands twice, both."""

    pointer: str


@dataclass(frozen=True, slots=True)
class Insert:
    """A new value, as the `add` of RFC 6902: the last member of an object, or the value of one that is there; before
    the item at an index of an array, or behind its last item where the pointer ends with `-`.
    """

    pointer: str
    value: Json


Edit: TypeAlias = Set | Remove | Insert


def edited(document: Document, edits: Iterable[Edit]) -> Document:
    """The document after some edits; their pointers start at the workflow.

    Raises InputError for a pointer that leads nowhere, LimitError for a workflow that becomes too deep to be read.
    """
    from wftools.document.rewriting import Rewriting  # here: who only names edits, as rules do, does not pay for it

    base = document.source.base
    rewriting = Rewriting(document.positions)
    for edit in edits:
        at = base + edit.pointer
        try:
            steps: tuple[Edit, ...] = (replace(edit, pointer=at),)
            if isinstance(edit, Set):  # of what becomes another, only what differs
                steps = tuple(edits_between(rewriting.value(at), edit.value, at))
            for step in steps:
                match step:
                    case Set():
                        rewriting.set(step.pointer, step.value)
                    case Insert():
                        rewriting.insert(step.pointer, step.value)
                    case Remove():
                        rewriting.remove(step.pointer)
        except LookupError as error:
            raise InputError(
                f"an edit has the pointer {edit.pointer!r}, which leads nowhere", place=Place(document.source.name)
            ) from error
    text = rewriting.text()
    return document if text == document.text else _with_text(document, text)


def edits_between(old: Json, new: Json, at: str = "") -> Iterator[Edit]:
    """The edits that make one tree of another. The order of keys is no difference; new ones come last."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from (Remove(at + pointer(key)) for key in old if key not in new)
        for key, value in new.items():
            if key in old:
                yield from edits_between(old[key], value, at + pointer(key))
            else:
                yield Insert(at + pointer(key), value)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _between_lists(old, new, at)
    elif type(old) is not type(new) or repr(old) != repr(new):  # NaN is itself, and -0.0 is not 0.0
        yield Set(at, new)


def _between_lists(old: list[Json], new: list[Json], at: str) -> Iterator[Edit]:
    """The edits from the end to the start, so that an edit moves nothing that a later one names."""
    if len(old) * len(new) > _MOST_PAIRS:
        yield from _in_place(old, new, at, 0)
        return
    matcher = SequenceMatcher(None, [_identity(item) for item in old], [_identity(item) for item in new], False)
    for _, start, end, new_start, new_end in reversed(matcher.get_opcodes()):
        yield from _in_place(old[start:end], new[new_start:new_end], at, start)


def _in_place(old: list[Json], new: list[Json], at: str, start: int) -> Iterator[Edit]:
    """The edits that make the items that start at an index others, one by one."""
    paired = min(len(old), len(new))
    for _ in old[paired:]:
        yield Remove(at + pointer(start + paired))
    for index, item in enumerate(new[paired:], start + paired):
        yield Insert(at + pointer(index), item)
    for index in reversed(range(paired)):
        yield from edits_between(old[index], new[index], at + pointer(start + index))


def _identity(item: Json) -> str:
    """What makes an item of a list the same one: its id, else all that is in it."""
    id_ = item.get("id") if isinstance(item, dict) else None
    return f"id {id_!r}" if isinstance(id_, int | str) else json.dumps(item, sort_keys=True)


def _with_text(document: Document, text: str) -> Document:
    """The document after its text has changed: trees and defects are those of the new text."""
    root, found = parse(text)
    defects = (*(each for each in document.defects if each.kind == "byte-order-mark"), *found)

    def reread(one: Document) -> Document:
        tree = value_at(root, one.source.base)
        source = replace(one.source, text=text)
        return replace(one, tree=cast("Tree", tree), root=root, source=source, defects=defects)

    made = reread(document)
    companion = document.companion
    if companion is not None and companion.root is document.root:
        try:
            companion = reread(companion)
        except LookupError:
            companion = None  # an edit has removed it
    return replace(made, companion=companion)
