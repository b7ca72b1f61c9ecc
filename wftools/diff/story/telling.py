"""Changes -> entries: each says one thing that was done."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import ROOT, Added, Changed, Removed, Subject
from wftools.diff.story.entries import Chapter, Entry
from wftools.diff.story.folding import Folded
from wftools.diff.story.names import Names
from wftools.diff.story.phrases import Phrases
from wftools.diff.story.pieces import Piece, Pieces, joined, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wftools.diff.changes import Change, Kind
    from wftools.diff.compare import Comparison
    from wftools.diff.story.entries import Sign
    from wftools.diff.story.values import Telling

_ORDER: Final[Mapping[Kind, int]] = {
    "subgraph": 0,
    "input": 1,
    "output": 2,
    "node": 3,
    "reroute": 4,
    "group": 5,
    "workflow": 6,
}
_SIGNS: Final[Mapping[Sign, int]] = {"-": 0, "+": 1, "~": 2}
_PLURALS: Final = {"group": "groups", "input": "inputs", "output": "outputs", "subgraph": "subgraphs"}


@dataclass
class _Draft:
    """An entry in the making: of one subject, or of several that the same was done to."""

    sign: Sign
    subjects: list[Subject]
    changes: list[Change]
    details: list[Pieces] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        return self.subjects[0].kind


class Teller:
    """Tells the changes of one comparison."""

    def __init__(self, comparison: Comparison, changes: Sequence[Change], telling: Telling) -> None:
        self._comparison = comparison
        self._changes = changes
        self._names = Names(comparison)
        self._phrases = Phrases(comparison, self._names, telling)
        self._folded = Folded(changes, self._names, folds_models=not telling.is_full)

    def chapters(self) -> tuple[Chapter, ...]:
        """The entries by scope, the workflow itself first."""
        by_scope: defaultdict[str, list[_Draft]] = defaultdict(list)
        for draft in self._with_words([*self._drafts()]):
            subject = draft.subjects[0]
            is_inside = subject.kind == "subgraph" and draft.sign == "~"
            by_scope[subject.id if is_inside else subject.scope].append(draft)
        scopes = dict.fromkeys((*self._comparison.old.scopes, *self._comparison.new.scopes, *by_scope))
        return tuple(
            Chapter(
                scope,
                () if scope == ROOT else self._names.scope(scope),
                tuple(map(self._entry, _united(by_scope[scope]))),
            )
            for scope in scopes
            if scope in by_scope
        )

    def _drafts(self) -> Iterator[_Draft]:
        edited: defaultdict[Subject, list[Changed]] = defaultdict(list)
        for change in self._changes:
            if self._folded.follows(change):
                continue
            if isinstance(change, Changed):
                edited[change.subject].append(change)
            else:
                yield self._of_whole(change)
        for subject, changes in edited.items():
            following = self._folded.following(subject)
            details = [*self._phrases.details(subject, changes, self._folded)]
            yield _Draft("~", [subject], [*changes, *following.fed, *following.others], details)

    def _with_words(self, drafts: list[_Draft]) -> list[_Draft]:
        """The drafts that say something. The changes of others, which follow from them, are told with one of these."""
        told = [draft for draft in drafts if draft.details or draft.sign != "~"]
        for draft in drafts:
            if draft.details or draft.sign != "~":
                continue
            scope = draft.subjects[0].scope or draft.subjects[0].id
            near = (each for each in told if scope in (each.subjects[0].scope, each.subjects[0].id))
            cause = next(near, next(iter(told), None))
            if cause is None:
                told.append(replace(draft, details=[said("details")]))
            else:
                cause.changes += draft.changes
        return told

    def _of_whole(self, change: Added | Removed) -> _Draft:
        """Something that came or went."""
        following = self._folded.following(change.subject)
        parts: list[Change] = [*following.between, *following.fed, *following.values, *following.others]
        draft = _Draft("+" if isinstance(change, Added) else "-", [change.subject], [change, *parts])
        definition = self._folded.definition(change)
        if definition is not None:
            draft.changes.append(definition)
            draft.details.append(self._phrases.definition(definition, with_instance=True))
        if change.subject.kind == "subgraph":
            draft.details.append(self._phrases.definition(change, with_instance=False))
        if change.subject.kind == "node":
            draft.details += self._phrases.content(change)
        draft.details += self._phrases.around(change, following.between, following.fed)
        is_several = len(following.values) > 1
        draft.details += [self._phrases.set_to(each, with_instance=is_several) for each in following.values]
        return draft

    def _entry(self, draft: _Draft) -> Entry:
        is_own = draft.kind == "subgraph" and draft.sign == "~"  # of the chapter, whose title names it
        head = said("subgraph") if is_own else self._head(draft.subjects)
        return Entry(draft.sign, head, tuple(draft.details), tuple(draft.subjects), tuple(draft.changes))

    def _head(self, subjects: Iterable[Subject]) -> Pieces:
        """`LoraLoader #3, #5 "Style", VAEDecode #8`."""
        by_noun: defaultdict[Pieces, list[Pieces]] = defaultdict(list)
        for subject in subjects:
            by_noun[self._phrases.noun(subject)].append(self._phrases.which(subject))
        return joined(
            said(
                _plural(noun) if len(which) > 1 else noun,
                " " if any(piece.text for piece in noun) else "",
                joined(which),
            )
            for noun, which in by_noun.items()
        )


def _united(drafts: Sequence[_Draft]) -> Iterator[_Draft]:
    """One draft for what was done to several alike, in the order in which they are told."""
    alike: dict[tuple[object, ...], _Draft] = {}
    for draft in drafts:
        key = (draft.sign, draft.kind, tuple(draft.details))
        known = alike.setdefault(key, draft)
        if known is not draft:
            known.subjects += draft.subjects
            known.changes += draft.changes
    yield from sorted(alike.values(), key=lambda draft: (_ORDER[draft.kind], _SIGNS[draft.sign]))


def _plural(noun: Pieces) -> Pieces:
    return tuple(Piece(_PLURALS.get(piece.text, piece.text), piece.role) for piece in noun)
