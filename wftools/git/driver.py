"""What git calls to merge a file: three temporary files, of which the one of ours becomes the result.

git's contract: exit status 0 for a clean merge, up to 128 for one with conflicts, more for none at all. The file of
ours is replaced as a whole, by what has been read back as a workflow, or left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wftools.git.merging import MARKER_SIZE, merge_files
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from wftools.merge import Labels, Merged

NO_MERGE: Final = 129  # git stops, with everything as it was before


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
    made = merge_files(base, ours, theirs, path, labels=labels, marker_size=marker_size)
    if made.data is not None:
        write_atomically(Path(ours), made.data)
    return Driven(made.status, made.merged, made.message)
