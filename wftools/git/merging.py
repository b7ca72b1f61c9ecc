"""Three files -> one: as workflows, or line by line, as git merges what it does not know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wftools.document import dumpb, read
from wftools.document.files import content
from wftools.errors import WftoolsError, foreseen
from wftools.git.repository import git
from wftools.merge import CLEAN, CONFLICTS, Labels, Merged, merge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.document import Document
    from wftools.merge import Favor

MARKER_SIZE: Final = 7  # of conflict markers in texts

_MOST_CONFLICTS: Final = 127  # `git merge-file` says no larger number; 255 is that it cannot merge such data
_TEXT_FAVOR: Final[Mapping[Favor | None, tuple[str, ...]]] = {
    None: (),
    "ours": ("--ours",),
    "theirs": ("--theirs",),
    "union": ("--union",),
}


@dataclass(frozen=True, slots=True)
class FileMerge:
    """How a merge of files ended."""

    status: int  # 0 clean; of a merge by lines, the number of its conflicts
    data: bytes | None  # the merged file; None if there is none
    merged: Merged | None = None  # None: merged as text
    message: str = ""  # what a person is to be told


def merge_files(
    base: str,
    ours: str,
    theirs: str,
    name: str,
    *,
    favor: Favor | None = None,
    chain: bool = False,
    visible: bool = False,
    labels: Labels | None = None,
    marker_size: int = MARKER_SIZE,
    catalogue: Catalogue | None = None,
) -> FileMerge:
    """Merge three files; `name` is what messages call the result. Where both sides added it, that of base is empty.

    What is no workflow on some side is merged by lines. So are sides of two forms; no such merge is called clean.

    The choices are those of `wftools.merge.merge`; `marker_size` is for text. Raises WftoolsError if a file cannot be
    read, or git is needed and missing.
    """
    labels = labels or Labels()
    contents = [content(each) for each in (base, ours, theirs)]
    try:
        with foreseen(name):
            documents = [_document(data, name) for data in contents]
            if documents[1] is None or documents[2] is None or (documents[0] is None and contents[0].strip()):
                return _as_text((ours, base, theirs), favor, labels, marker_size)
            merged = merge(
                documents[0],
                documents[1],
                documents[2],
                favor=favor,
                chain=chain,
                visible=visible,
                labels=labels,
                catalogue=catalogue,
            )
            data = dumpb(merged.document)
            read(data, name)  # what cannot be read back is not given
    except WftoolsError as error:
        by_lines = _as_text((ours, base, theirs), favor, labels, marker_size)
        return FileMerge(max(by_lines.status, CONFLICTS), by_lines.data, message=f"merged as text: {error}")
    return FileMerge(CONFLICTS if merged.conflicts else CLEAN, data, merged)


def _document(data: bytes, name: str) -> Document | None:
    """A version that is a workflow in a JSON file; None for any other."""
    try:
        with foreseen(name):
            document = read(data, name)
    except WftoolsError:
        return None
    return document if document.source.container is None else None


def _as_text(files: Sequence[str], favor: Favor | None, labels: Labels, marker_size: int) -> FileMerge:
    """What git would have done."""
    names = (argument for label in (labels.ours, labels.base, labels.theirs) for argument in ("-L", label))
    how = ("--stdout", "--quiet", f"--marker-size={marker_size}", *_TEXT_FAVOR[favor])
    answer = git("merge-file", *how, *names, *files, folder=Path.cwd(), allowed=range(256))
    if answer.status > _MOST_CONFLICTS:
        return FileMerge(
            CONFLICTS,
            None,
            message=answer.message or "neither all workflow files nor all texts, which is all that can be merged",
        )
    return FileMerge(answer.status, answer.output)
