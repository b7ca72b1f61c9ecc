"""The history of a workflow file, told by what each commit did to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import Added, Changed, Removed
from wftools.diff.documents import compared
from wftools.diff.report import FileDiff, Options
from wftools.document import read
from wftools.errors import InputError, Place, WftoolsError, foreseen
from wftools.git.repository import repository_of
from wftools.git.repository.history import Commit, FileCommit, history

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.diff.changes import Change
    from wftools.diff.compare import Comparison
    from wftools.document import Document
    from wftools.git.repository.revisions import FileAt

_DOCUMENTS: Final = 8  # that are kept: most are compared with the one before and with the one after


@dataclass(frozen=True)
class Entry:
    """A commit, and what it did to the file."""

    commit: Commit
    file: FileDiff
    former_path: str | None = None  # if the commit renamed the file
    is_merge: bool = False  # what it did is then what none of the sides had


def log(
    name: str,
    revisions: Sequence[str] = (),
    *,
    options: Options | None = None,
    since: str | None = None,
    until: str | None = None,
    only_changes: bool = False,
) -> Iterator[Entry]:
    """What each commit did to a workflow file, the newest first, through renames; see `history`.

    A version that is no workflow, with conflict markers in it, say, has an error in place of its changes. A merge tells
    what it did beyond putting its sides together, and is left out if that is nothing. `only_changes` leaves out all in
    which nothing changed that counts at the level.
    """
    logging = _Logging(options or Options())
    repository, path = repository_of(name)
    commits = history(repository, path, revisions, since=since, until=until)
    first = next(commits, None)
    if first is None and since is None and until is None and not any(".." in each for each in revisions):
        raise InputError("no commit has it", place=Place(name), hint="add and commit it first")
    for each in chain([first] if first is not None else [], commits):
        entry = logging.entry(each)
        is_idle = entry.file.status == "same" and (only_changes or entry.is_merge) and entry.former_path is None
        if not is_idle:
            yield entry


class _Logging:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._document = lru_cache(_DOCUMENTS)(self._read)

    def entry(self, each: FileCommit) -> Entry:
        """What a commit did."""
        file = each.file or next(parent for parent in each.parents if parent is not None)
        before = [parent for parent in each.parents if parent is not None]
        paths = {parent.path for parent in before}
        former = min(paths) if each.file is not None and paths and each.file.path not in paths else None
        is_merge = len(each.parents) > 1
        try:
            diff = self._diff(file.path, before, each.file)
        except WftoolsError as error:
            diff = FileDiff(file.path, level=self._options.level, error=error)
        return Entry(each.commit, diff, former, is_merge)

    def _diff(self, name: str, before: Sequence[FileAt], after: FileAt | None) -> FileDiff:
        level = self._options.level
        new = self._document(after) if after is not None else None
        if new is None or not before:
            old = self._document(before[0]) if before else None
            return FileDiff(name, old, new, level=level)
        first, *others = (self._compared(each, new) for each in before)
        changes = tuple(change for change in first.changes if all(_is_new(change, first, other) for other in others))
        assert after is not None
        return FileDiff(
            name,
            self._document(before[0]),
            new,
            replace(first, changes=changes),
            level if first.old.document.form == new.form else "exec",
            is_identical=before[0].blob == after.blob,
        )

    def _compared(self, before: FileAt, new: Document) -> Comparison:
        options = self._options
        return compared(self._document(before), new, level=options.level, by=options.by, catalogue=options.catalogue)

    def _read(self, file: FileAt) -> Document:
        with foreseen(file.name):
            return read(file.read(), file.name)


def _is_new(change: Change, comparison: Comparison, other: Comparison) -> bool:
    """Whether a change from one parent of a merge is one from another parent as well, so that the merge made it."""
    match change:
        case Removed(subject):
            return subject in other.old.parts  # the other side had it too
        case Added(subject):
            new = comparison.matching.pairs.get(subject)
            known = new.new if new is not None else subject._replace(id=subject.id.removesuffix("*"))
            return known not in other.matching.to_old
        case Changed(subject, key):
            old = other.matching.to_old.get(comparison.matching.pairs[subject].new)
            return old is None or any(
                isinstance(each, Changed) and (each.subject, each.key) == (old, key) for each in other.changes
            )
