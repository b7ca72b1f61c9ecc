"""What the two sides changed, in one set of names.

Subjects of base are called as base calls them, what theirs added as its comparison with base does. What ours added has
numbers that stand in no file, since both may have given one id to two things. What both added alike is one thing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from wftools.diff.apply.ids import numbers
from wftools.diff.apply.words import with_references
from wftools.diff.changes import (
    ABSENT,
    NEW,
    ROOT,
    Absent,
    Added,
    Change,
    Changed,
    Content,
    Endpoint,
    Key,
    Removed,
    Subject,
    class_of,
)
from wftools.diff.compare import Comparison, compare, with_agreed_names
from wftools.diff.facts import meaning
from wftools.diff.matching import Matching, Pair, match
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wftools.diff.changes import FactValue
    from wftools.diff.version import Version
    from wftools.values import Json


@dataclass(eq=False)
class Side:
    """What one side changed."""

    version: Version
    matching: Matching
    definition_of: Mapping[Subject, str]  # the types of the nodes of base
    came: dict[Subject, Added] = field(default_factory=dict)
    went: dict[Subject, Removed] = field(default_factory=dict)
    changed: dict[Subject, dict[Key, Changed]] = field(default_factory=dict)

    @classmethod
    def of(cls, comparison: Comparison, changes: Iterable[Change]) -> Side:
        """The newer version of a comparison with base, and its changes."""
        types = {part.subject: part.type for part in comparison.old.of_kind("node")}
        side = cls(comparison.new, comparison.matching, types)
        for change in changes:
            match change:
                case Added(subject):
                    side.came[subject] = change
                case Removed(subject):
                    side.went[subject] = change
                case Changed(subject, key):
                    side.changed.setdefault(subject, {})[key] = change
        return side

    def of_subject(self, subject: Subject) -> Mapping[Key, Changed]:
        """The facts of a subject that changed."""
        return self.changed.get(subject, {})

    def is_consequence(self, change: Changed) -> bool:
        """Whether an input lost its link only because what it was linked to went."""
        if not isinstance(change.old, Endpoint) or not isinstance(change.new, Absent):
            return False
        return self.has_lost(change.subject.scope, change.old)

    def has_lost(self, scope: str, end: Endpoint) -> bool:
        """Whether what a link starts at went: a node, an input of the subgraph around, an output of an instance."""
        if end.node == INPUTS:
            return Subject(scope, "input", end.output) in self.went
        return Subject(scope, "node", end.node) in self.went or self._has_lost_output(scope, end)

    def _has_lost_output(self, scope: str, end: Endpoint) -> bool:
        gone = {subject.scope for subject in self.went if subject.kind == "output" and subject.id == end.output}
        return bool(gone) and self.definition_of.get(Subject(scope, "node", end.node)) in gone

    def type_of(self, node: Subject) -> str | None:
        """The type of a node of base, or of one that this side added; None if there is none."""
        added = self.came.get(node)
        return added.type if added is not None else self.definition_of.get(node)

    def has(self, subject: Subject) -> bool:
        """Whether this side has something that base has, or that it added."""
        return subject in self.came or subject in self.matching.pairs

    def tree(self, subject: Subject) -> Json:
        """The JSON of something that base has, as this side has it."""
        return self.version.parts[self.matching.pairs[subject].new].tree


@dataclass(frozen=True, eq=False)
class Sides:
    """Base, and what both sides made of it."""

    base: Version
    ours: Side
    theirs: Side
    anchors: Mapping[Subject, Subject]  # what ours calls the subjects that it has
    twins: frozenset[Subject] = frozenset()  # what both added alike
    has_base: bool = True

    @classmethod
    def of(cls, base: Version, ours: Version, theirs: Version) -> Sides:
        """Compare both sides with base. The names of values are those on which all three agree."""
        mine = compare(base, ours)
        others = compare(mine.old, theirs)
        named, named_ours = with_agreed_names(others.old, mine.new, mine.matching)
        named, named_theirs = with_agreed_names(named, others.new, others.matching)
        mine, others = (
            compare(named, named_ours, matching=mine.matching),
            compare(named, named_theirs, matching=others.matching),
        )
        renamed = _twins(mine, others)
        twins = frozenset(renamed.values())
        ids = (subject.id for version in (base, ours, theirs) for subject in version.parts)
        fresh = count(max(numbers(ids), default=0) + 1)
        for change in mine.changes:
            if isinstance(change, Added) and change.subject.kind not in ("input", "output"):
                renamed.setdefault(change.subject, change.subject._replace(id=str(next(fresh))))
        anchors = {subject: pair.new for subject, pair in mine.matching.pairs.items()}
        known = {mine.matching.known_as(subject, mine.old): subject for subject in mine.new.parts}
        for change in mine.changes:
            if isinstance(change, Added):
                anchors[renamed.get(change.subject, change.subject)] = known[change.subject]
        named_alike = [_renamed(change, renamed) for change in mine.changes]
        return cls(mine.old, Side.of(mine, named_alike), Side.of(others, others.changes), anchors, twins)

    @classmethod
    def without_base(cls, ours: Version, theirs: Version) -> Sides:
        """Two versions that come from nothing: what is in both and not the same is what both added otherwise."""
        matching = match(ours, theirs)
        pairs = {subject: pair for subject, pair in matching.pairs.items() if pair.how not in ("retyped", "replaced")}
        others = compare(ours, theirs, matching=Matching(pairs))
        mine = compare(others.old, others.old, matching=Matching({each: Pair(each, "id") for each in ours.parts}))
        clashing = [
            change
            for change in others.changes
            if isinstance(change, Changed) and not isinstance(change.old, Absent) and not isinstance(change.new, Absent)
        ]
        added = [
            each
            for each in others.changes
            if isinstance(each, Added) or (isinstance(each, Changed) and isinstance(each.old, Absent))
        ]
        return cls(
            others.old,
            Side.of(mine, [replace(change, old=ABSENT, new=change.old) for change in clashing]),
            Side.of(others, [*added, *(replace(change, old=ABSENT) for change in clashing)]),
            {each: each for each in ours.parts},
            has_base=False,
        )

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """All that base has, then what came."""
        return tuple(dict.fromkeys((*self.base.parts, *self.ours.came, *self.theirs.came)))

    def based(self, subject: Subject, key: Key) -> FactValue:
        """A fact of base."""
        part = self.base.parts.get(subject) if self.has_base else None
        return part.facts.get(key, ABSENT) if part is not None else ABSENT

    def shared(self, change: Changed, *, is_ours: bool) -> Changed:
        """A change with the ids in its new value, which are those of its file, as both sides have them."""
        definition = Subject(ROOT, "subgraph", change.type)
        is_inside = change.subject.kind == "node" and definition in self.base.parts
        side = self.ours if is_ours else self.theirs
        pair = side.matching.pairs.get(definition) if is_inside else None
        scope = pair.new.id if pair is not None else ROOT

        def named(id_: str) -> str:
            subject = Subject(scope, "node", id_)
            if is_ours:
                return self._words_of_ours.get(subject, subject).id
            return self.theirs.matching.known_as(subject, self.base).id

        value = change.new
        if isinstance(value, Endpoint | Absent):
            return change
        return replace(change, new=with_references(change.key, value, named))

    def links(self, side: Side) -> dict[tuple[Subject, Key], Endpoint]:
        """What is linked to what after the changes of a side, by the input."""
        found: dict[tuple[Subject, Key], Endpoint] = {}
        for subject, part in self.base.parts.items():
            if subject not in side.went and not self.is_gone(side, subject.scope):
                found.update({(subject, link_key(subject, name)): end for name, end in part.links.items()})
        for subject, facts in side.changed.items():
            for key, change in facts.items():
                if isinstance(change.new, Endpoint):
                    found[subject, key] = change.new
                elif key[0] == "link":
                    found.pop((subject, key), None)
        for subject, added in side.came.items():
            found.update({(subject, link_key(subject, name)): end for name, end in added.content.links.items()})
        return found

    @cached_property
    def _words_of_ours(self) -> Mapping[Subject, Subject]:
        return {real: word for word, real in self.anchors.items()}

    @staticmethod
    def is_gone(side: Side, scope: str) -> bool:
        """Whether a side has not the definition any more in which something stands."""
        return scope != ROOT and Subject(ROOT, "subgraph", scope) in side.went


def link_key(subject: Subject, name: str) -> Key:
    """The key of the fact that an input, or an output of a subgraph, is linked."""
    return ("link", name) if subject.kind == "node" else ("link",)


def starts_at(subject: Subject, scope: str, end: Endpoint, type_of: Callable[[Subject], str | None]) -> bool:
    """Whether a link in a scope starts at something: a node, an input of the subgraph around, or an output of
    another one as its instances have it. `type_of` tells the types of nodes.
    """
    match subject.kind:
        case "node":
            return scope == subject.scope and end.node == subject.id
        case "input":
            return scope == subject.scope and end.node == INPUTS and end.output == subject.id
        case "output":
            return end.output == subject.id and type_of(Subject(scope, "node", end.node)) == subject.scope
    return False


def is_use(of: Subject, subject: Subject, name: str, end: Endpoint, type_of: Callable[[Subject], str | None]) -> bool:
    """Whether the link of an input of `subject` is one to something: it starts there, or the input is that of a
    subgraph as its instances have it.
    """
    is_slot = of.kind == "input" and name == of.id and type_of(subject) == of.scope
    return is_slot or starts_at(of, subject.scope, end, type_of)


def _renamed(change: Change, names: Mapping[Subject, Subject]) -> Change:
    """A change of ours with the names that both sides share."""
    subject = names.get(change.subject, change.subject)
    if isinstance(change, Changed):
        old, new = (
            _end(change.subject.scope, value, names) if isinstance(value, Endpoint) else value
            for value in (change.old, change.new)
        )
        return replace(change, subject=subject, old=old, new=new)
    links = {name: _end(change.subject.scope, end, names) for name, end in change.content.links.items()}
    return replace(change, subject=subject, content=Content(change.content.tree, links))


def _end(scope: str, end: Endpoint, names: Mapping[Subject, Subject]) -> Endpoint:
    source = Subject(scope, "node", end.node)
    return replace(end, node=names.get(source, source).id)


# What both added


def _twins(ours: Comparison, theirs: Comparison) -> dict[Subject, Subject]:
    """What theirs calls that which both added alike, by what ours calls it."""
    mine, others = (
        {change.subject: change for change in side.changes if isinstance(change, Added)} for side in (ours, theirs)
    )
    waiting: dict[str, list[Subject]] = {}
    for subject, change in others.items():
        waiting.setdefault(_looks(theirs, subject, change), []).append(subject)
    found: dict[Subject, Subject] = {}
    for subject, change in mine.items():
        same = waiting.get(_looks(ours, subject, change), [])
        if same:
            twin = subject if subject in same else same[0]
            same.remove(twin)
            found[subject] = twin
    while wrong := [subject for subject, twin in found.items() if not _links_alike(mine[subject], others[twin], found)]:
        for subject in wrong:
            del found[subject]
    return found


def _links_alike(mine: Added, other: Added, twins: Mapping[Subject, Subject]) -> bool:
    links = {name: _end(mine.subject.scope, end, twins) for name, end in mine.content.links.items()}
    return links == other.content.links


def _looks(comparison: Comparison, subject: Subject, change: Added) -> str:
    """What makes two new things one, but for their links to other new things."""
    scope, kind, _ = subject
    if kind in ("input", "output"):
        return json.dumps([*subject])  # there is one of a name
    if kind != "node":
        tree = change.content.tree
        same = {key: value for key, value in tree.items() if key != "id"} if isinstance(tree, dict) else tree
        return json.dumps([scope, kind, tree if kind == "subgraph" else same], sort_keys=True)
    links = {
        name: [end.node, end.output]
        for name, end in change.content.links.items()
        if Subject(scope, "node", end.node) in comparison.old.parts or end.node == INPUTS
    }
    part = comparison.new.parts[_real(comparison, subject)]
    types = {
        each.subject.id: each.content.tree
        for each in comparison.changes
        if isinstance(each, Added) and each.subject.kind == "subgraph"
    }
    meant = [
        [*key, types.get(value, value) if key == ("type",) and isinstance(value, str) else value]
        for key, value in sorted(part.facts.items(), key=lambda fact: fact[0])
        if not isinstance(value, Endpoint) and meaning("node", key, value, ABSENT)[0] == "semantic"
    ]
    return json.dumps([scope, kind, meant, sorted(links.items()), sorted(change.content.links)], default=repr)


def _real(comparison: Comparison, word: Subject) -> Subject:
    """What the newer version calls what it added."""
    scope = comparison.matching.pairs.get(Subject(ROOT, "subgraph", word.scope))
    id_ = word.id.removesuffix(NEW)
    scope_id = scope.new.id if scope is not None else word.scope
    exact = Subject(scope_id, word.kind, word.id)
    return exact if exact in comparison.new.parts and word.id.endswith(NEW) else Subject(scope_id, word.kind, id_)


def is_meant(change: Change) -> bool:
    """Whether a change means something."""
    return class_of(change) == "semantic"
