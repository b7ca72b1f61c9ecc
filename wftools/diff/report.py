"""What `diff` hands to its reporters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wftools.errors import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.changes import Change
    from wftools.diff.compare import Comparison, Level
    from wftools.diff.matching import By
    from wftools.diff.story import Story, Telling
    from wftools.document import Document
    from wftools.errors import WftoolsError

CHANGED: Final = 1  # the exit status

Status: TypeAlias = Literal["added", "removed", "changed", "same", "failed"]
"""What became of a file. same: nothing changed that counts at the level."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to compare, and how much reports for people tell."""

    level: Level = "semantic"
    by: By = "content"
    catalogue: Catalogue | None = None
    sees_through_reroutes: bool = False  # links start where their values come from
    with_packs: bool = False  # which packs of custom nodes are used, and in which versions
    is_full: bool = False  # everything: long values in full, layout and noise as well


@dataclass(frozen=True)
class FileDiff:
    """A file, of which there were two versions or one."""

    name: str  # a path, within the folders that were compared
    old: Document | None = None  # None: it was not there, or cannot be read
    new: Document | None = None
    comparison: Comparison | None = None  # of two versions
    level: Level = "semantic"  # at which they were compared
    is_identical: bool = False  # to the byte
    error: WftoolsError | None = None
    former: str | None = None  # the path that it had, if it had another

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changed at the level."""
        return self.comparison.at(self.level) if self.comparison is not None else ()

    @property
    def status(self) -> Status:
        """What became of it."""
        if self.error is not None:
            return "failed"
        if self.old is None or self.new is None:
            return "added" if self.old is None else "removed"
        return "changed" if self.changes else "same"

    @property
    def is_mixed(self) -> bool:
        """Whether a workflow of the editor was compared with a prompt."""
        return self.old is not None and self.new is not None and self.old.form != self.new.form

    def story(self, telling: Telling | None = None) -> Story:
        """What was done to it, in words. Only of what was compared."""
        from wftools.diff.story import told

        assert self.comparison is not None
        return told(self.comparison, self.level, telling)


@dataclass(frozen=True)
class Report:
    """What changed in some files."""

    files: tuple[FileDiff, ...]
    options: Options

    @property
    def faults(self) -> Iterator[WftoolsError]:
        """Why some files could not be compared."""
        return (file.error for file in self.files if file.error is not None)

    @property
    def exit_status(self) -> int:
        """2 if a file could not be compared, else 1 if something changed at the level, else 0."""
        if any(self.faults):
            return FAILED
        return CHANGED if any(file.status != "same" for file in self.files) else 0
