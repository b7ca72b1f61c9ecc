"""Changes, applied to a version of the workflow: the one they start from, or another one.

    applied = apply(compare(old, new).changes, old)
    applied.document, applied.rejected, applied.notes

Each change is judged by what stands in the document before any of them is made, so that their order does not matter.
One whose old value is not there is rejected, and what rests on it with it; one that already holds is noted. The others
are made in a copy, what follows from them is settled (rows of links, ids, counters, slots of instances), and the
difference is spliced into the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftools.diff.apply import making, prompts
from wftools.diff.apply.judging import judge
from wftools.diff.apply.words import Words
from wftools.diff.version import Version
from wftools.document.edit import Set, edited

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.apply.judging import Note, Rejected
    from wftools.diff.changes import Change, Subject
    from wftools.document import Document

__all__ = ["Applied", "apply"]


@dataclass(frozen=True, eq=False)
class Applied:
    """A document with changes made, and what was not made as asked."""

    document: Document
    rejected: tuple[Rejected, ...]
    notes: tuple[Note, ...]
    ids: Mapping[Subject, Subject]  # what new subjects are called in the document
    made: int  # how many changes were made


def apply(
    changes: Iterable[Change],
    target: Document | Version,
    anchors: Mapping[Subject, Subject] | None = None,
    *,
    catalogue: Catalogue | None = None,
    keeps_ids: bool = False,
) -> Applied:
    """Make changes of one version of a workflow in another.

    `anchors`: what subjects of the version that the changes start from are called in the target; what is not among
    them is not there. Without, the names are the same. `keeps_ids`: subjects that were renumbered keep the ids that
    they have in the target.
    """
    version = target if isinstance(target, Version) else Version.of(target, catalogue)
    changes = tuple(changes)
    words = Words(version, anchors, changes)
    judged = judge(changes, words, keeps_ids=keeps_ids)
    make = prompts.make if version.document.form == "api" else making.make
    tree, ids, notes = make(judged.accepted, words)
    document = edited(version.document, [Set("", tree)])
    return Applied(document, judged.rejected, (*judged.notes, *notes), ids, len(judged.accepted))
