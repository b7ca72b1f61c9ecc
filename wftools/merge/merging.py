"""Three documents -> one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from wftools.catalog.lookup import newest
from wftools.diff.apply import apply
from wftools.diff.changes import ABSENT, WORKFLOW, Content
from wftools.diff.version import Version
from wftools.errors import InputError, WftoolsError
from wftools.merge.decide import decide
from wftools.merge.decisions import Conflict, Decision, Labels, Merged, Take, Three, Whole
from wftools.merge.naming import Naming, numbered, told_apart
from wftools.merge.record import conflicts_of, recorded
from wftools.merge.resolve import resolved
from wftools.merge.sides import Sides, is_meant
from wftools.merge.soundness import is_sound, misfits
from wftools.merge.strategies import united
from wftools.merge.visible import marked, unmarked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.changes import Change
    from wftools.document import Document
    from wftools.merge.decisions import Favor, SideName

_ROUNDS: Final = 4  # of refused changes becoming conflicts, after which the whole is one

_Made: TypeAlias = "tuple[Document, tuple[Decision, ...], tuple[Conflict, ...]]"
"""A merged document, what was decided, and the conflicts that theirs had left open, in the words of that document."""


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
    if len({each.form for each in (base, ours, theirs) if each is not None}) > 1:
        raise InputError("one version is a workflow of the editor and another one a prompt", hint="convert one of them")
    if base is not None and ours.text == base.text:
        return Merged(theirs, (), conflicts_of(theirs))
    if theirs.text == ours.text or (base is not None and theirs.text == base.text):
        return Merged(ours, (), conflicts_of(ours))
    left_open = _left_open(base, ours, theirs)
    catalogue = catalogue or newest()
    bare = [None if each is None else _without_record(each, catalogue) for each in (base, ours, theirs)]
    merged = _Merging(bare[0], bare[1] or ours, bare[2] or theirs, labels or Labels(), catalogue).merged(*left_open)
    merged = _resolved(merged, favor, chain=chain, catalogue=catalogue)
    return replace(merged, document=marked(merged.document, merged.conflicts, catalogue)) if visible else merged


def _left_open(
    base: Document | None, ours: Document, theirs: Document
) -> tuple[tuple[Conflict, ...], tuple[Conflict, ...]]:
    """The conflicts of former merges that are still open: those of ours, and those that only theirs has.

    What base has open and one side has not was resolved there.
    """
    known, mine, others = (conflicts_of(each) if each is not None else () for each in (base, ours, theirs))
    kept = tuple(each for each in mine if not _is_among(each, known) or _is_among(each, others))
    came = tuple(each for each in others if not _is_among(each, (*known, *mine)))
    return kept, came


def _is_among(conflict: Conflict, others: Iterable[Conflict]) -> bool:
    """Whether a record has the same conflict, under whatever id."""
    return any(replace(each, id=conflict.id) == conflict for each in others)


def _without_record(document: Document, catalogue: Catalogue) -> Document:
    """A version without the conflicts that a former merge has left in it."""
    return recorded(unmarked(document, (), catalogue), ())


def _resolved(merged: Merged, favor: Favor | None, *, chain: bool, catalogue: Catalogue) -> Merged:
    """A merge with the conflicts resolved for which a choice was made beforehand."""
    new = (decision.conflict for decision in merged.decisions if decision.conflict is not None)
    takes = {conflict.id: take for conflict in new if (take := _take(conflict, favor, chain=chain)) is not None}
    if not takes:
        return merged
    left = resolved(merged.document, takes, catalogue)
    decisions = (
        replace(each, action="favored", conflict=None)
        if each.conflict is not None and each.conflict.id in takes
        else each
        for each in merged.decisions
    )
    return Merged(left.document, tuple(decisions), left.conflicts)


def _take(conflict: Conflict, favor: Favor | None, *, chain: bool) -> Take | None:
    """What a conflict comes to by a choice made beforehand; None if it stays open."""
    if conflict.kind == "insert" and (chain or favor == "union"):
        return Take("both")
    if favor == "union":
        text = united(conflict)
        is_kept = not conflict.key and conflict.kind != "graph"
        return Take(value=text) if text is not None else Take(conflict.chosen) if is_kept else None
    return Take(favor) if favor is not None else None


class _Merging:
    """One merge of versions without records."""

    def __init__(
        self, base: Document | None, ours: Document, theirs: Document, labels: Labels, catalogue: Catalogue
    ) -> None:
        self._base = base
        self._ours = ours
        self._theirs = theirs
        self._labels = labels
        self._catalogue = catalogue

    def merged(self, left_open: Sequence[Conflict], left_by_theirs: Sequence[Conflict]) -> Merged:
        """The result; both lists are conflicts of former merges, the second in the words of theirs."""
        try:
            made = self._of_facts(left_by_theirs)
        except WftoolsError:
            made = None
        document, decisions, came = made if made is not None else self._as_one()
        left_open = told_apart((*left_open, *came))
        decisions, conflicts = numbered(decisions, {conflict.id for conflict in left_open}, self._labels)
        every = (*left_open, *conflicts)
        return Merged(recorded(document, every), decisions, every)

    def _of_facts(self, left_by_theirs: Sequence[Conflict]) -> _Made | None:
        """The merge of all facts; None if it comes to nothing that can be trusted."""
        ours, theirs = (Version.of(each, self._catalogue) for each in (self._ours, self._theirs))
        if self._base is None:
            sides = Sides.without_base(ours, theirs)
        else:
            sides = Sides.of(Version.of(self._base, self._catalogue), ours, theirs)
        refused: list[Change] = []
        for _ in range(_ROUNDS):
            plan = decide(sides, refused)
            applied = apply(plan.accepted, sides.ours.version, sides.anchors, keeps_ids=True)
            new = [each.change for each in applied.rejected if is_meant(each.change)]
            if not new:
                break
            refused += new
        else:
            return None
        if not is_sound(applied.document, (self._ours, self._theirs), self._catalogue):
            return None
        version = Version.of(applied.document, self._catalogue)
        naming = Naming(version, {**sides.anchors, **applied.ids})
        decisions = {(each.subject, each.key): each for each in map(naming.decision, plan.decisions)}
        for place, end in misfits(version, (sides.ours.version, sides.theirs.version)):
            known = decisions.get(place)
            values = known.values if known is not None else Three(end, end, end)
            if known is None or known.conflict is None:
                chosen: SideName = "theirs" if values.theirs == end != values.ours else "ours"
                conflict = Conflict("", "type", *place, values, chosen)
                decisions[place] = Decision(*place, "conflict", values, conflict=conflict)
        words = {each: sides.theirs.matching.known_as(each, sides.base) for each in sides.theirs.version.parts}
        of_theirs = Naming(version, {each: naming.subject(word) for each, word in words.items()})
        return applied.document, tuple(decisions.values()), tuple(map(of_theirs.conflict, left_by_theirs))

    def _as_one(self) -> _Made:
        """Ours as it is, and one conflict over the whole of it: better than a workflow that may be wrong."""
        versions = (self._base, self._ours, self._theirs)
        trees = (Whole(((WORKFLOW, Content(each.tree)),)) if each is not None else ABSENT for each in versions)
        conflict = Conflict("", "graph", WORKFLOW, (), Three(*trees))
        return self._ours, (Decision(WORKFLOW, (), "conflict", conflict.values, conflict=conflict),), ()
