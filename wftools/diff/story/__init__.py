"""What was done to a workflow, told as a person would: grouped, and without what follows from something else.

    story = told(comparison)
    for chapter in story.chapters:
        for entry in chapter.entries:
            print(entry.sign, plain(entry.head), [plain(detail) for detail in entry.details])

All reports for people are made of this one: text, markdown and the page.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from wftools.diff.changes import class_of
from wftools.diff.story.entries import Chapter, Entry, Sign, Story
from wftools.diff.story.pieces import Piece, Pieces, Role, as_json, plain
from wftools.diff.story.telling import Teller
from wftools.diff.story.values import REDACTED, Telling, is_secret, redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diff.changes import Change, Class, Subject
    from wftools.diff.compare import Comparison, Level

__all__ = [
    "REDACTED",
    "Chapter",
    "Entry",
    "Piece",
    "Pieces",
    "Role",
    "Sign",
    "Story",
    "Telling",
    "as_json",
    "is_secret",
    "plain",
    "redacted",
    "rest",
    "told",
]


def told(comparison: Comparison, level: Level = "semantic", telling: Telling | None = None) -> Story:
    """The changes that count at a level, in words, and how many others there are."""
    teller = Teller(comparison, comparison.at(level), telling or Telling())
    return Story(teller.chapters(), _untold(comparison, level))


def rest(comparison: Comparison, level: Level = "semantic", telling: Telling | None = None) -> tuple[Chapter, ...]:
    """The changes that do not count at a level, in words as well."""
    return Teller(comparison, _below(comparison, level), telling or Telling()).chapters()


def _below(comparison: Comparison, level: Level) -> list[Change]:
    counted = set(map(id, comparison.at(level)))
    return [change for change in comparison.changes if id(change) not in counted]


def _untold(comparison: Comparison, level: Level) -> Mapping[Class, Mapping[str, int]]:
    subjects: defaultdict[Class, defaultdict[str, set[Subject]]] = defaultdict(lambda: defaultdict(set))
    for change in _below(comparison, level):
        subjects[class_of(change)][getattr(change, "topic", "") or "rerouted"].add(change.subject)
    return {
        of_class: {topic: len(each) for topic, each in sorted(topics.items())} for of_class, topics in subjects.items()
    }
