"""The history of one file, as git keeps it, through renames."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from wftools.git.repository.revisions import FileAt, commit, entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.git.repository import Repository

_FORMAT: Final = "--format=%H%x00%P%x00%aN%x00%aE%x00%aI%x00%s"
_FIELDS: Final = 6


@dataclass(frozen=True, slots=True)
class Commit:
    """Who changed something, when, and what they say of it."""

    id: str
    author: str
    email: str
    date: datetime  # of the author, in his time zone
    subject: str


@dataclass(frozen=True, slots=True)
class FileCommit:
    """A commit that changed a file, or joined two histories of it."""

    commit: Commit
    file: FileAt | None  # as the commit left it; None if it was removed
    parents: tuple[FileAt | None, ...]  # as each parent of the commit has it; None where there is no such file


def history(
    repository: Repository,
    path: str,
    revisions: Sequence[str] = (),
    *,
    since: str | None = None,
    until: str | None = None,
) -> Iterator[FileCommit]:
    """The commits that changed a file, the newest first, as `git log` finds them; a renamed file is followed.

    `revisions` are a revision, HEAD without one, or ranges: "v1..main". `since` and `until` are dates as git reads
    them. What made a commit is asked for when it is reached, so that the first ten of a thousand come soon.

    Raises InputError for a revision that is not there.
    """
    ends = _resolved(repository, revisions or ["HEAD"])
    excluded = [each for each in ends if each.startswith("^")]
    dates = [f"--{name}={date}" for name, date in (("since", since), ("until", until)) if date is not None]
    renamed = {path: [each for each in ends if not each.startswith("^")]}
    seen: set[tuple[str, str]] = set()
    while renamed:
        path = next(iter(renamed))
        starts = renamed.pop(path)
        got_its_name: list[str] = []  # commits; before them, another file had it
        for each in _of_one_path(repository, path, [*starts, *excluded], dates):
            id_ = each.commit.id
            if (id_, path) in seen or any(_is_ancestor(repository, id_, later) for later in got_its_name):
                continue
            seen.add((id_, path))
            yield each
            formerly = [parent for parent in each.parents if parent is not None and parent.path != path]
            for parent in formerly:
                renamed.setdefault(parent.path, []).append(str(parent.revision))
            if formerly and len(formerly) == len(each.parents):
                got_its_name.append(id_)


def _resolved(repository: Repository, revisions: Sequence[str]) -> list[str]:
    """Ids of commits; those that are excluded start with "^"."""
    for revision in revisions:
        for end in revision.removeprefix("^").replace("...", "..").split(".."):
            commit(repository, end or "HEAD", "commit")
    return repository.git("rev-parse", "--revs-only", *revisions, "--").text.splitlines()


def _of_one_path(repository: Repository, path: str, ends: Sequence[str], dates: Sequence[str]) -> Iterator[FileCommit]:
    """The commits that changed the file of this name, and merges that took it as it is from no parent."""
    options = ["-z", "-s", _FORMAT, "--topo-order", "--no-follow", "--no-show-signature", "--no-color"]
    answer = repository.git("log", *options, "--encoding=UTF-8", *dates, *ends, "--", f":(top,literal){path}")
    fields = answer.output.decode(errors="replace").split("\0")
    for start in range(0, len(fields) - _FIELDS + 1, _FIELDS):
        id_, parents, author, email, date, subject = fields[start : start + _FIELDS]
        made = Commit(id_, author, email, datetime.fromisoformat(date), subject)
        now = _file(repository, id_, path)
        before = (
            _file(repository, parent, path) or (_renamed_from(repository, parent, id_, path) if now else None)
            for parent in parents.split()
        )
        yield FileCommit(made, now, tuple(before))


def _is_ancestor(repository: Repository, id_: str, of: str) -> bool:
    return repository.git("merge-base", "--is-ancestor", id_, of, allowed=(0, 1)).status == 0


def _file(repository: Repository, id_: str, path: str) -> FileAt | None:
    blob = entry(repository, id_, path)
    return FileAt(repository, path, id_, blob) if blob is not None else None


def _renamed_from(repository: Repository, parent: str, id_: str, path: str) -> FileAt | None:
    """What a commit has renamed to a path."""
    options = ["-r", "-z", "--raw", "--no-abbrev", "--find-renames", "--diff-filter=R"]
    rows = iter(repository.git("diff-tree", *options, parent, id_).items)
    for row in rows:
        old, new = next(rows), next(rows)
        if new == path:
            return FileAt(repository, old, parent, row.split(" ")[2])
    return None


def last_change(file: FileAt) -> str:
    """The id of the commit that left a file as it is at its revision."""
    revision = str(file.revision)
    return file.repository.git("rev-list", "-1", revision, "--", f":(top,literal){file.path}").text or revision
