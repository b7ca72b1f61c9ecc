"""Two changed versions of one text, list or JSON value -> one, where the changes do not meet.

Texts are merged by lines, and by words where lines clash; lists by items; objects by keys.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import ABSENT, Absent
from wftools.diff.compare import same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.values import Json

    Found = Json | Absent

_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_PAIRS: Final = 25_000_000  # of words, in texts that are compared; longer ones are compared by lines only


@dataclass(frozen=True)
class Clash:
    """Where both changed the same part: what it was, and what each made of it."""

    base: Sequence[str]
    ours: Sequence[str]
    theirs: Sequence[str]


def merged_text(base: str, ours: str, theirs: str, *, union: bool = False) -> str | None:
    """The text with the changes of both, by lines and then by words; None where they meet.

    `union`: where they meet, what ours has and then what theirs has.
    """
    parts: list[str] = []
    for part in _merged(*(text.splitlines(keepends=True) for text in (base, ours, theirs))):
        if not isinstance(part, Clash):
            parts += part
            continue
        for word in _by_words(part):
            if not isinstance(word, Clash):
                parts += word
            elif union:
                parts += [*word.ours, *_apart(word), *word.theirs]
            else:
                return None
    return "".join(parts)


def _by_words(clash: Clash) -> Iterator[Sequence[str] | Clash]:
    words = [_WORDS.findall("".join(lines)) for lines in (clash.base, clash.ours, clash.theirs)]
    if len(words[0]) * max(map(len, words)) > _MOST_PAIRS:
        yield clash
    else:
        yield from _merged(*words)


def _apart(clash: Clash) -> Sequence[str]:
    """What keeps a word of one side apart from a word of the other."""
    ends, starts = "".join(clash.ours), "".join(clash.theirs)
    return (" ",) if ends[-1:].isalnum() and starts[:1].isalnum() else ()


def merged_list(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    """Names in one order: ours', with what theirs put in, and without what theirs took out.

    What both put in at one place stands in ours' order, then in theirs'. No name stands twice.
    """
    found: dict[str, None] = {}
    gone = set(base) - set(theirs) - (set(ours) - set(base))
    for part in _merged(base, ours, theirs):
        items = part if not isinstance(part, Clash) else (*part.ours, *part.theirs)
        found.update(dict.fromkeys(item for item in items if item not in gone))
    kept = set(base) - set(ours)
    return tuple(item for item in found if item not in kept)


class ClashError(Exception):
    """Both sides changed the same part."""


def merged_json(base: Found, ours: Found, theirs: Found) -> Found:
    """A value with the changes of both, entry by entry. Raises ClashError where they meet."""
    if same(ours, theirs) or same(base, theirs):
        return ours
    if same(base, ours):
        return theirs
    if isinstance(ours, dict) and isinstance(theirs, dict) and isinstance(base, dict | Absent):
        known = base if isinstance(base, dict) else {}
        made = {
            key: merged_json(known.get(key, ABSENT), ours.get(key, ABSENT), theirs.get(key, ABSENT))
            for key in dict.fromkeys((*ours, *theirs))
        }
        return {key: value for key, value in made.items() if not isinstance(value, Absent)}
    if isinstance(ours, list) and isinstance(theirs, list) and isinstance(base, list):
        return _merged_items(base, ours, theirs)
    raise ClashError


def _merged_items(base: list[Json], ours: list[Json], theirs: list[Json]) -> list[Json]:
    """Lists of entries, such as the inputs of an app; a list of numbers is one value, as a point is."""
    if not all(isinstance(item, dict | list | str) for item in (*base, *ours, *theirs)):
        raise ClashError
    spelled = [[json.dumps(item, sort_keys=True) for item in items] for items in (base, ours, theirs)]
    made: list[str] = []
    for part in _merged(*spelled):
        if not isinstance(part, Clash):
            made += part
        elif part.base:
            raise ClashError
        else:  # both put something in
            made += [*part.ours, *(item for item in part.theirs if item not in part.ours)]
    return [json.loads(item) for item in made]


def _merged(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Sequence[str] | Clash]:
    """The runs of a three-way merge: what all agree upon or one side changed, and where both did.

    Khanna, Kunal, Pierce: A formal investigation of diff3 (2007): between the stretches that stand in all three, one
    that a side has as it was is the other side's. Changes that touch each other clash.
    """
    at = mine = other = 0
    for start, my_start, other_start, size in (*_stable(base, ours, theirs), (len(base), len(ours), len(theirs), 0)):
        before, changed, others = base[at:start], ours[mine:my_start], theirs[other:other_start]
        if others in (changed, before):
            yield changed
        elif before == changed:
            yield others
        else:
            yield Clash(before, changed, others)
        yield base[start : start + size]
        at, mine, other = start + size, my_start + size, other_start + size


def _stable(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """The stretches that stand in all three: where in each, and how long."""
    mine, others = (SequenceMatcher(None, base, side, False).get_matching_blocks() for side in (ours, theirs))
    one, two = 0, 0
    while one < len(mine) and two < len(others):
        start = max(mine[one].a, others[two].a)
        end = min(mine[one].a + mine[one].size, others[two].a + others[two].size)
        if start < end:
            yield start, mine[one].b + start - mine[one].a, others[two].b + start - others[two].a, end - start
        if mine[one].a + mine[one].size < others[two].a + others[two].size:
            one += 1
        else:
            two += 1
