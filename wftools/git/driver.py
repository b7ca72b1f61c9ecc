"""What git calls to merge a file: three temporary files, of which the one of ours becomes the result.

git's contract: exit status 0 for a clean merge, up to 128 for one with conflicts, more for none at all. The file of
ours is replaced as a whole, by what has been read back as a workflow, or left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wftools.document import dumpb, read
from wftools.document.files import content
from wftools.errors import WftoolsError, foreseen
from wftools.git.repository import git
from wftools.merge import Labels, Merged, merge
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from wftools.document import Document

CLEAN: Final = 0
CONFLICTS: Final = 1
NO_MERGE: Final = 129  # git stops, with everything as it was before
MARKER_SIZE: Final = 7  # of conflict markers in texts

_MOST_CONFLICTS: Final = 127  # `git merge-file` says no larger number; 255 is that it cannot merge such data


@dataclass(frozen=True, slots=True)
class Driven:
    """How a merge for git ended: the exit status, and what a person is told."""

    status: int
    merged: Merged | None = None  # None: merged as text
    message: str = ""


def drive(
    base: str, ours: str, theirs: str, path: str, *, labels: Labels | None = None, marker_size: int = MARKER_SIZE
) -> Driven:
    """Merge the three files that git names, and write the result into that of ours.

    `path` is where the file stands in the repository. Where both sides added it, git's base is empty. What is no
    workflow on some side is merged line by line, as git does it.

    Raises WftoolsError if the files cannot be read, OSError if that of ours cannot be written.
    """
    labels = labels or Labels()
    contents = [content(name) for name in (base, ours, theirs)]
    try:
        with foreseen(path):
            documents = [_document(data, path) for data in contents]
            if documents[1] is None or documents[2] is None:
                return _as_text(base, ours, theirs, labels, marker_size)
            merged = merge(documents[0], documents[1], documents[2], labels=labels)
            data = dumpb(merged.document)
            read(data, path)  # what cannot be read back is not written
    except WftoolsError as error:
        # The sides are of two forms, say; or it is a fault of ours, which must cost nobody a merge. No such merge is
        # called clean: somebody has to look at it.
        driven = _as_text(base, ours, theirs, labels, marker_size)
        return Driven(max(driven.status, CONFLICTS), message=f"merged as text: {error}")
    write_atomically(Path(ours), data)
    return Driven(CONFLICTS if merged.conflicts else CLEAN, merged)


def _document(data: bytes, path: str) -> Document | None:
    """A version that is a workflow in a JSON file; None for any other."""
    try:
        with foreseen(path):
            document = read(data, path)
    except WftoolsError:
        return None
    return document if document.source.container is None else None


def _as_text(base: str, ours: str, theirs: str, labels: Labels, marker_size: int) -> Driven:
    """What git would have done."""
    names = (argument for label in (labels.ours, labels.base, labels.theirs) for argument in ("-L", label))
    answer = git(
        "merge-file",
        "--stdout",
        "--quiet",
        f"--marker-size={marker_size}",
        *names,
        ours,
        base,
        theirs,
        folder=Path.cwd(),
        allowed=range(256),
    )
    if answer.status > _MOST_CONFLICTS:
        return Driven(CONFLICTS, message=answer.message or "cannot be merged as text")
    write_atomically(Path(ours), answer.output)
    return Driven(answer.status)
