"""Two versions of a workflow -> what changed, as facts by class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wftools.diff.changes import (
    ABSENT,
    NEW,
    ROOT,
    Added,
    Change,
    Changed,
    Content,
    Removed,
    Subject,
    class_of,
)
from wftools.diff.facts import same
from wftools.diff.matching import By, Matching, match
from wftools.diff.meanings import Meanings, is_same_order
from wftools.diff.places import agreed
from wftools.diff.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.diff.changes import Class
    from wftools.diff.version import Part, Version

__all__ = ["Comparison", "Level", "compare", "same", "with_agreed_names"]

Level: TypeAlias = Literal["exec", "semantic", "layout", "all"]
"""What counts. exec: the prompt that the server would be given; semantic: what means something; layout: also how it
looks, and what nodes are declared to be; all: also what opening, running and saving a workflow change.
"""

_OF_LEVEL: Final[dict[Level, frozenset[Class]]] = {
    "exec": frozenset({"semantic"}),
    "semantic": frozenset({"semantic"}),
    "layout": frozenset({"semantic", "schema", "layout", "style"}),
    "all": frozenset({"semantic", "schema", "layout", "style", "volatile"}),
}
_ORDERS: Final = frozenset({"nodes", "groups", "links", "definitions"})  # lists of which only the order is a fact


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two versions, which subject of one is which of the other, and every change between them."""

    old: Version
    new: Version
    matching: Matching
    changes: tuple[Change, ...]

    def at(self, level: Level) -> tuple[Change, ...]:
        """The changes that count at a level."""
        counted = (change for change in self.changes if class_of(change) in _OF_LEVEL[level])
        return tuple(counted if level != "exec" else filter(_is_run, counted))

    def in_new(self, subject: Subject) -> Subject | None:
        """A subject of changes as the new version calls it; None if it is no more."""
        pair = self.matching.pairs.get(subject)
        if pair is not None or subject in self.old.parts:
            return pair.new if pair is not None else None
        known = subject._replace(scope=self.scope_in_new(subject.scope))
        named = known, known._replace(id=known.id.removesuffix(NEW))
        return next((each for each in named if each in self.new.parts), None)

    def scope_in_new(self, scope: str) -> str:
        """A scope as the new version calls it."""
        pair = self.matching.pairs.get(Subject(ROOT, "subgraph", scope))
        return pair.new.id if pair is not None else scope

    @cached_property
    def is_same_tree(self) -> bool:
        """Whether the two hold the same, but for the order of keys and how values are spelled."""
        return same(self.old.document.tree, self.new.document.tree)


def compare(old: Version, new: Version, by: By = "content", matching: Matching | None = None) -> Comparison:
    """What changed from one version to another of the same form, as facts of all classes.

    `matching`: which subject is which, where that is known; else it is found by content, or by id only.
    """
    matching = match(old, new, by) if matching is None else matching
    old, new = with_agreed_names(old, new, matching)
    return Comparison(old, new, matching, tuple(_Comparing(old, new, matching).changes()))


def _is_run(change: Change) -> bool:
    """Whether the server does something with what changed in a prompt: it passes over what is there for people."""
    return not isinstance(change, Changed) or change.key[0] not in ("title", "meta")


def with_agreed_names(old: Version, new: Version, matching: Matching) -> tuple[Version, Version]:
    """Two versions in which the values of nodes have names that only one of their files knows."""
    mine: dict[Subject, Part] = {}
    others: dict[Subject, Part] = {}
    for part in old.of_kind("node"):
        pair = matching.pairs.get(part.subject)
        other = new.parts[pair.new] if pair is not None else None
        if other is None or part.places is None or other.places is None or part.type != other.type:
            continue
        places, other_places = agreed(part.places, other.places)
        if places is not part.places:
            mine[part.subject] = part.with_places(places)
        if other_places is not other.places:
            others[other.subject] = other.with_places(other_places)
    return old.with_parts(mine), new.with_parts(others)


class _Comparing:
    def __init__(self, old: Version, new: Version, matching: Matching) -> None:
        self._old = old
        self._new = new
        self._matching = matching
        self._words = Words(old, new, matching)
        self._meanings = Meanings(self._words)

    def changes(self) -> Iterator[Change]:
        pairs = self._matching.pairs
        for subject, part in self._old.parts.items():
            if subject in pairs:
                yield from self._of_pair(part, self._new.parts[pairs[subject].new])
            elif self._is_kept(subject.scope):
                yield Removed(subject, Content(part.tree, dict(part.links)), part.type)
        for subject, part in self._new.parts.items():
            if subject not in self._matching.to_old and self._is_known(subject.scope):
                known_as = self._matching.known_as(subject, self._old)
                yield Added(known_as, Content(part.tree, self._words.links(part)), part.type)

    def _is_kept(self, scope: str) -> bool:
        """Whether a scope of the old version is in the new one; else it went as a whole."""
        return scope == ROOT or Subject(ROOT, "subgraph", scope) in self._matching.pairs

    def _is_known(self, scope: str) -> bool:
        """Whether a scope of the new version is in the old one; else it came as a whole."""
        return scope == ROOT or Subject(ROOT, "subgraph", scope) in self._matching.to_old

    def _of_pair(self, old: Part, new: Part) -> Iterator[Change]:
        is_untouched = old.tree == new.tree and same(old.tree, new.tree)  # Python alone takes true for 1
        if is_untouched and not self._is_translated(old, new) and same(old.own, new.own):
            return
        facts, others = old.facts, self._words.facts(old, new)
        for key in dict.fromkeys((*facts, *others)):
            before, after = facts.get(key, ABSENT), others.get(key, ABSENT)
            if key[0] in _ORDERS and len(key) == 1:
                is_same = is_same_order(before, after)
            else:
                is_same = same(before, after)
            if not is_same:
                fact_class, topic = self._meanings.of(old, new, key, before, after)
                yield Changed(old.subject, key, before, after, old.type, fact_class, topic)

    def _is_translated(self, old: Part, new: Part) -> bool:
        """Whether equal trees may still be different facts: links lead to what has other ids, or the definitions of the
        instances have other widgets.
        """
        if old.places is not None and new.places is not None and old.places.spelling != new.places.spelling:
            return True
        return self._words.links(new) != old.links
