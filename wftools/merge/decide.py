"""What the two sides changed -> what becomes of it, and the changes of theirs that are to be made in ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import ABSENT, Absent, Added, Change, Changed, Content, Endpoint, Removed, Subject
from wftools.diff.facts import same
from wftools.graph.authored.scopes import INPUTS
from wftools.merge.decisions import Conflict, Decision, Three
from wftools.merge.sides import link_key
from wftools.merge.strategies import COUNTERS, conflict_kind, is_ours_always, settle
from wftools.merge.structure import is_insert, kept, tied_knots
from wftools.merge.wholes import Wholes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.diff.changes import Key
    from wftools.merge.decisions import Action, ConflictKind, SideName
    from wftools.merge.sides import Side, Sides
    from wftools.merge.structure import Place

_WORKED_OUT: Final = frozenset({"widgets", "inputs", "outputs", "id"})  # of nodes: what applying makes one of by itself


@dataclass(frozen=True)
class Plan:
    """What becomes of each change, and what has to be done in ours for it. Names are those of `Sides`."""

    decisions: tuple[Decision, ...]
    accepted: tuple[Change, ...]


def decide(sides: Sides, refused: Iterable[Change] = ()) -> Plan:
    """Decide on all that the sides changed.

    `refused`: changes that were found not to be possible in ours: they are conflicts.
    """
    return _Deciding(sides, refused).plan()


class _Deciding:
    def __init__(self, sides: Sides, refused: Iterable[Change]) -> None:
        self._sides = sides
        self._ours = sides.ours
        self._theirs = sides.theirs
        self._refused = {_place_of(change) for change in refused}
        self._kept = kept(sides)
        self._wholes = Wholes(sides)
        self._decisions: dict[Place, Decision] = {}
        self._accepted: dict[Place, Change] = {}

    def plan(self) -> Plan:
        for subject in self._sides.subjects:
            if self._is_in_gone_scope(subject):
                continue
            if subject in self._kept:
                self._keep(subject)
            elif subject in self._ours.went or subject in self._theirs.went:
                self._let_go(subject)
            elif subject in self._ours.came or subject in self._theirs.came:
                self._add(subject)
            else:
                self._decide_facts(subject)
        self._restore_uses()
        self._cut_loose()
        self._open_rings()
        return Plan(tuple(self._decisions.values()), tuple(self._accepted.values()))

    # What came and what went

    def _is_in_gone_scope(self, subject: Subject) -> bool:
        """Whether something came or went as part of the definition in which it stands."""
        return any(self._sides.is_gone(side, subject.scope) for side in (self._ours, self._theirs))

    def _let_go(self, subject: Subject) -> None:
        is_ours, is_theirs = subject in self._ours.went, subject in self._theirs.went
        if is_theirs and not is_ours:
            removed = self._theirs.went[subject]
            if (subject, ()) in self._refused:
                self._conflict(subject, (), self._wholes.with_uses([subject]), "ours", "delete/edit")
                return
            self._accept(replace(removed, content=self._wholes.content(self._ours, subject)))
        action: Action = "both" if is_ours and is_theirs else "ours" if is_ours else "theirs"
        self._decide(subject, (), action, self._wholes.contents(subject))

    def _add(self, subject: Subject) -> None:
        if subject in self._sides.twins:
            self._decide(subject, (), "both", self._wholes.contents(subject))
            if subject.kind in ("input", "output"):
                self._decide_io(subject)
        elif subject in self._ours.came:
            self._decide(subject, (), "ours", self._wholes.contents(subject))
        elif (subject, ()) in self._refused:
            self._conflict(subject, (), self._wholes.with_uses([subject]), "ours", "field")
        else:
            added = self._theirs.came[subject]
            links = {name: end for name, end in added.content.links.items() if self._is_there(subject.scope, end)}
            self._accept(replace(added, content=Content(added.content.tree, links)))
            self._decide(subject, (), "theirs", self._wholes.contents(subject))

    def _decide_io(self, subject: Subject) -> None:
        """Slots of a subgraph that both added under one name: they are one if they are of one type."""
        mine, other = (side.came[subject].content for side in (self._ours, self._theirs))
        types = [tree.get("type") if isinstance(tree := each.tree, dict) else None for each in (mine, other)]
        if types[0] != types[1]:
            self._conflict(subject, ("type",), Three(ABSENT, types[0], types[1]), "ours", "io")
        links = [each.links.get("", ABSENT) for each in (mine, other)]
        if links[0] != links[1]:
            if isinstance(links[0], Absent):
                self._accept(Changed(subject, ("link",), ABSENT, links[1]))
            elif not isinstance(links[1], Absent):
                self._conflict(subject, ("link",), Three(ABSENT, links[0], links[1]), "ours", "link")

    def _keep(self, subject: Subject) -> None:
        """Keep what one side took away: if that was ours, it comes back as theirs has it."""
        why = self._kept[subject]
        if why.by == "theirs":
            content = self._wholes.content(self._theirs, subject)
            links = {name: end for name, end in content.links.items() if self._is_there(subject.scope, end)}
            part = self._sides.base.parts[subject]
            self._accept(Added(subject, Content(content.tree, links), part.type))
        if why.kind is not None:
            along = [each for each, other in self._kept.items() if other.kind is None and self._belongs(each, subject)]
            self._conflict(subject, (), self._wholes.with_uses([subject, *along]), why.by, why.kind)

    def _belongs(self, one: Subject, other: Subject) -> bool:
        """Whether one is an instance of the other, or the other way round."""
        kinds = {one.kind: one, other.kind: other}
        return kinds.keys() == {"node", "subgraph"} and self._type(kinds["node"]) == kinds["subgraph"].id

    def _type(self, subject: Subject) -> str:
        part = self._sides.base.parts.get(subject)
        return part.type if part is not None else ""

    def _is_there(self, scope: str, end: Endpoint) -> bool:
        """Whether what a link starts at is in the result."""
        if end.node == INPUTS:
            return not self._goes(Subject(scope, "input", end.output))
        source = Subject(scope, "node", end.node)
        return not self._goes(source) and not self._goes(Subject(self._type(source), "output", end.output))

    def _goes(self, subject: Subject) -> bool:
        return (subject in self._ours.went or subject in self._theirs.went) and subject not in self._kept

    # Facts

    def _decide_facts(self, subject: Subject) -> None:
        mine, others = self._ours.of_subject(subject), self._theirs.of_subject(subject)
        if self._are_retyped_otherwise(subject):
            self._conflict(subject, (), self._wholes.with_uses([subject]), "ours", "type")
            return
        for key in dict.fromkeys((*mine, *others)):
            ours, theirs = mine.get(key), others.get(key)
            if theirs is not None and is_ours_always(subject.kind, key):
                theirs = None
            if key[0] in COUNTERS and subject.kind in ("workflow", "subgraph"):  # the greatest, whoever changed it
                change = ours or others[key]
                ours, theirs = ours or _unchanged(change), theirs or _unchanged(change)
            if theirs is not None and (subject, key) in self._refused:
                self._clash(ours or _unchanged(theirs), theirs)
            elif theirs is not None and subject.kind == "node" and len(key) == 1 and key[0] in _WORKED_OUT:
                self._accept(theirs)
            elif theirs is not None and ours is not None:
                self._decide_both(ours, theirs)
            elif theirs is not None:
                if not self._is_undone(theirs, self._theirs):
                    self._accept(theirs)
                    self._decide(subject, key, "theirs", Three(theirs.old, theirs.old, theirs.new))
            elif ours is not None and not self._is_undone(ours, self._ours):
                self._decide(subject, key, "ours", Three(ours.old, ours.new, ours.old))

    def _are_retyped_otherwise(self, subject: Subject) -> bool:
        ours, theirs = (side.of_subject(subject).get(("type",)) for side in (self._ours, self._theirs))
        return (
            subject.kind == "node" and ours is not None and theirs is not None and not same(ours.new, theirs.new)
        ) or (subject, ("type",)) in self._refused

    def _is_undone(self, change: Changed, side: Side) -> bool:
        """Whether an input lost its link with what it was linked to, and both are kept."""
        slot = side.of_subject(change.subject).get(("input", *change.key[1:]))
        if not side.is_consequence(change) or (slot is not None and isinstance(slot.new, Absent)):
            return False
        return isinstance(change.old, Endpoint) and self._is_there(change.subject.scope, change.old)

    def _decide_both(self, ours: Changed, theirs: Changed) -> None:
        ours, theirs = self._sides.shared(ours, is_ours=True), self._sides.shared(theirs, is_ours=False)
        subject, key = ours.subject, ours.key
        values = Three(ours.old, ours.new, theirs.new)
        if same(ours.new, theirs.new):
            self._decide(subject, key, "both", values)
        elif self._ours.is_consequence(ours):
            self._accept(replace(theirs, old=ours.new))
            self._decide(subject, key, "theirs", values)
        elif self._theirs.is_consequence(theirs):
            self._decide(subject, key, "ours", values)
        else:
            settled = settle(ours, theirs)
            if settled.verdict == "conflict":
                self._clash(ours, theirs)
                return
            if not same(settled.value, ours.new):
                self._accept(replace(theirs, old=ours.new, new=settled.value))
            note = (ours.topic or theirs.topic or key[0]) if settled.verdict == "note" else ""
            self._decide(subject, key, settled.verdict, values, note)

    def _clash(self, ours: Changed, theirs: Changed) -> None:
        """Two wishes that cannot both be had: ours, unless only theirs says something of what is still there."""
        subject, key = ours.subject, ours.key
        values = Three(ours.old, ours.new, theirs.new)
        kind = conflict_kind(subject.kind, key)
        if key[0] in ("widget", "link") and self._is_lost(subject, ours, theirs):
            kind = "type"
        is_rewired = key[0] == "link" and isinstance(ours.new, Absent) and (subject, key) not in self._refused
        is_lost = self._is_retyped(self._theirs, subject) and isinstance(theirs.new, Absent)
        if kind == "link" and is_insert(self._sides, subject.scope, values):
            kind = "insert"
        if is_rewired or is_lost:
            self._accept(replace(theirs, old=ours.new))
        self._conflict(subject, key, values, "theirs" if is_rewired or is_lost else "ours", kind)

    def _is_lost(self, subject: Subject, ours: Changed, theirs: Changed) -> bool:
        """Whether one side made another node of it, which has not what the other changed."""
        return any(
            self._is_retyped(side, subject) and isinstance(change.new, Absent)
            for side, change in ((self._ours, ours), (self._theirs, theirs))
        )

    @staticmethod
    def _is_retyped(side: Side, subject: Subject) -> bool:
        return ("type",) in side.of_subject(subject)

    # Links

    def _restore_uses(self) -> None:
        """Link again what ours had unlinked by taking away what is kept."""
        for subject, part in self._sides.base.parts.items():
            if self._goes(subject) or subject in self._ours.went or self._is_in_gone_scope(subject):
                continue
            for name, end in part.links.items():
                change = self._ours.of_subject(subject).get(link_key(subject, name))
                if change is None or (subject, change.key) in self._accepted or not self._is_undone(change, self._ours):
                    continue
                if (subject, change.key) not in self._decisions:
                    self._accept(Changed(subject, change.key, change.new, end, change.type))

    def _cut_loose(self) -> None:
        """Unlink in ours what is linked to something that theirs took away."""
        for (subject, key), end in self._wholes.links_of_ours.items():
            is_there = self._is_there(subject.scope, end)
            if is_there or self._goes(subject) or (subject, key) in self._accepted:
                continue
            self._accept(Changed(subject, key, end, ABSENT, self._type(subject)))

    def _open_rings(self) -> None:
        """Make conflicts of links of theirs that lead round in circles with links of ours."""
        while True:
            links = self._links_after()
            mine = [
                place
                for place in tied_knots(links)
                if isinstance(change := self._accepted.get(place), Changed)
                and place[0] not in self._kept
                and self._wholes.links_of_theirs.get(place) == change.new
            ]
            rings = [place for place in mine if not self._is_ring_of_theirs(place)]
            if not rings:
                return
            subject, key = place = rings[-1]
            change = self._accepted.pop(place)
            assert isinstance(change, Changed)
            before = self._sides.based(subject, key)
            self._conflict(subject, key, Three(before, change.old, change.new), "ours", "cycle")

    def _is_ring_of_theirs(self, place: Place) -> bool:
        return place in tied_knots(self._wholes.links_of_theirs)

    def _links_after(self) -> dict[Place, Endpoint]:
        links = dict(self._wholes.links_of_ours)
        for (subject, key), change in self._accepted.items():
            match change:
                case Changed(new=Endpoint() as end):
                    links[subject, key] = end
                case Changed():
                    links.pop((subject, key), None)
                case Added(content=content):
                    links |= {(subject, link_key(subject, name)): end for name, end in content.links.items()}
                case Removed():
                    links = {place: end for place, end in links.items() if place[0] != subject}
        return links

    # What is decided

    def _accept(self, change: Change) -> None:
        self._accepted[_place_of(change)] = change

    def _decide(self, subject: Subject, key: Key, action: Action, values: Three, note: str = "") -> None:
        self._decisions[subject, key] = Decision(subject, key, action, values, note)

    def _conflict(self, subject: Subject, key: Key, values: Three, chosen: SideName, kind: ConflictKind) -> None:
        conflict = Conflict("", kind, subject, key, values, chosen)
        self._decisions[subject, key] = Decision(subject, key, "conflict", values, conflict=conflict)


def _place_of(change: Change) -> Place:
    return change.subject, change.key if isinstance(change, Changed) else ()


def _unchanged(change: Changed) -> Changed:
    """What a side says of a fact that only the other one changed."""
    return replace(change, new=change.old)
