"""What git calls to merge a file: the driver, with three temporary files, of which the one of ours becomes the result;
and the tool, with these and the file in the working tree.

git's contract for the driver: exit status 0 for a clean merge, up to 128 for one with conflicts, more for none at all.
The file of ours is replaced as a whole, by what has been read back as a workflow, or left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wftools.document import read
from wftools.document.files import content
from wftools.document.unmerged import open_conflicts
from wftools.errors import InputError, Place, WftoolsError, foreseen
from wftools.git.merging import MARKER_SIZE, merge_files
from wftools.merge import Labels
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from wftools.merge import Merged

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


def prepare(base: str, local: str, remote: str, merged: str) -> tuple[str, ...]:
    """See to it that the merged file has its conflicts in a record, to be resolved; what a person is to be told.

    A workflow is left as it is: somebody may have resolved some of it, or all. Raises InputError where the versions are
    no workflows, WftoolsError if a file cannot be read or written.
    """
    with foreseen(merged):
        if _is_by_meaning(merged, local):
            return ()
        made = merge_files(base, local, remote, merged, labels=Labels("base", "local", "remote"))
        if made.merged is None or made.data is None:
            raise InputError(
                made.message or "no workflow on every side", place=Place(merged), hint="use another tool for this file"
            )
        write_atomically(Path(merged), made.data)
    return ("merged anew: git had merged it as text",)


def _is_by_meaning(merged: str, local: str) -> bool:
    """Whether a file was merged, and maybe resolved since; not if it has conflict markers, or is LOCAL untouched.

    The latter is what git leaves of a file that it is told not to merge.
    """
    try:
        return open_conflicts(read(merged)) is not None or content(merged) != content(local)
    except WftoolsError:
        return False
