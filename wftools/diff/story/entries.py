"""What a story of changes is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wftools.diff.story.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diff.changes import Change, Class, Subject
    from wftools.diff.story.pieces import Pieces

Sign: TypeAlias = Literal["+", "-", "~"]


@dataclass(frozen=True)
class Entry:
    """One thing that was done, with all that follows from it."""

    sign: Sign  # something came, went, or is another
    head: Pieces  # what: `KSampler #3 "Refine"`
    details: tuple[Pieces, ...]  # how
    subjects: tuple[Subject, ...]  # of all that it tells
    changes: tuple[Change, ...]  # all that it tells

    @property
    def sentence(self) -> Pieces:
        """All of it on one line: `KSampler #3: steps 20 → 30, cfg 7 → 6`."""
        found = [*self.head]
        for index, detail in enumerate(self.details):
            is_aside = bool(detail) and detail[0].text.startswith("(")
            mark = ":" if self.sign == "~" and not index else "," if index and not is_aside else ""
            found += [Piece(f"{mark} "), *detail]
        return tuple(found)


@dataclass(frozen=True)
class Chapter:
    """What was done in one scope: the workflow itself, or a subgraph."""

    scope: str
    title: Pieces  # empty for the workflow itself
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Story:
    """What was done to a workflow: every change of the level in one entry, and how many others there are."""

    chapters: tuple[Chapter, ...]
    untold: Mapping[Class, Mapping[str, int]]  # how many subjects have changes below the level, by class and topic

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of all chapters."""
        return tuple(entry for chapter in self.chapters for entry in chapter.entries)
