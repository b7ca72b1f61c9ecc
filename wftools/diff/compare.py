"""Two versions of a workflow -> what changed, as facts by class."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from wftools.diff.changes import (
    ABSENT,
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
from wftools.diff.facts import control_of, is_drawn_seed, meaning
from wftools.diff.matching import By, Matching, match
from wftools.diff.places import agreed, is_bare
from wftools.diff.version import Version, slot_names
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.diff.changes import Class, FactValue, Kind
    from wftools.diff.version import Facts, Part

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
_TOLERANCE: Final = 1e-9  # of floats, relative: what spelling them does
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
        return tuple(change for change in self.changes if class_of(change) in _OF_LEVEL[level])

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


def same(old: Any, new: Any) -> bool:
    """Whether two values are one: 1 is 1.0 but not true, and floats differ by more than their spelling does."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, float) or isinstance(new, float):
        is_number = isinstance(old, int | float) and isinstance(new, int | float)
        return is_number and (math.isclose(old, new, rel_tol=_TOLERANCE) or (math.isnan(old) and math.isnan(new)))
    return bool(old == new)


class _Comparing:
    def __init__(self, old: Version, new: Version, matching: Matching) -> None:
        self._old = old
        self._new = new
        self._matching = matching

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
                links = {name: self._endpoint(subject.scope, end) for name, end in part.links.items()}
                yield Added(known_as, Content(part.tree, links), part.type)

    def _is_kept(self, scope: str) -> bool:
        """Whether a scope of the old version is in the new one; else it went as a whole."""
        return scope == ROOT or Subject(ROOT, "subgraph", scope) in self._matching.pairs

    def _is_known(self, scope: str) -> bool:
        """Whether a scope of the new version is in the old one; else it came as a whole."""
        return scope == ROOT or Subject(ROOT, "subgraph", scope) in self._matching.to_old

    def _of_pair(self, old: Part, new: Part) -> Iterator[Change]:
        if old.tree == new.tree and not self._is_translated(old, new) and old.own == new.own:
            return
        facts, others = old.facts, self._translated(new)
        is_retyped = old.type != others.get(("type",), "") if old.subject.kind == "node" else False
        for key in dict.fromkeys((*facts, *others)):
            before, after = facts.get(key, ABSENT), others.get(key, ABSENT)
            if isinstance(before, Endpoint) or isinstance(after, Endpoint):
                is_same = before == after
            elif key[0] in _ORDERS and len(key) == 1:
                is_same = _is_same_order(before, after)
            else:
                is_same = same(before, after)
            if not is_same:
                fact_class, topic = self._meaning(old, new, key, before, after, is_retyped=is_retyped)
                yield Changed(old.subject, key, before, after, old.type, fact_class, topic)

    def _is_translated(self, old: Part, new: Part) -> bool:
        """Whether equal trees may still be different facts: links lead to what has other ids, or the definitions of the
        instances have other widgets.
        """
        if old.places is not None and new.places is not None and old.places.spelling != new.places.spelling:
            return True
        ends = {name: self._endpoint(new.subject.scope, end) for name, end in new.links.items()}
        return ends != old.links

    # The new version's facts in the words of the old one

    def _translated(self, part: Part) -> Facts:
        is_instance = part.subject.kind == "node" and Subject(ROOT, "subgraph", part.type) in self._new.parts
        inside = part.type if is_instance else None
        return {self._key(key, inside): self._value(part, key, value, inside) for key, value in part.facts.items()}

    def _value(self, part: Part, key: Key, value: FactValue, inside: str | None) -> FactValue:
        scope, kind, id_ = part.subject
        match key[0], value:
            case "link", Endpoint():
                return self._endpoint(scope, value)
            case "type", _ if inside is not None:
                return self._matching.scope(inside)
            case (("nodes" | "groups"), list()) if kind in ("workflow", "subgraph"):
                each_kind: Kind = "node" if key[0] == "nodes" else "group"
                inner = self._new.of_kind(each_kind, id_ if kind == "subgraph" else ROOT)
                return [self._matching.known_as(each.subject, self._old).id for each in inner]
            case "widgets", dict() if inside is not None:
                names = value["names"]
                assert isinstance(names, list)
                return value | {"names": [self._key(("widget", str(name)), inside)[1] for name in names]}
            case "definitions", list():
                return [self._matching.scope(each) if isinstance(each, str) else each for each in value]
            case (("inputs" | "outputs"), list()) if kind == "subgraph" or inside is not None:
                return [self._slot(inside or id_, key[0], str(each)) for each in value]
        return value

    def _key(self, key: Key, inside: str | None) -> Key:
        """The key of a fact of a node; `inside` is the definition of which it is an instance."""
        if inside is None or len(key) < 2:
            return key
        if key[0] in ("link", "input", "through", "link id"):
            return key[0], self._slot(inside, "inputs", key[1]), *key[2:]
        if key[0] == "output":
            return key[0], self._slot(inside, "outputs", key[1]), *key[2:]
        if key[0] == "widget" and "." in key[1]:
            node, _, name = key[1].partition(".")
            return "widget", f"{self._node(inside, node)}.{name}"
        return key

    def _slot(self, definition: str, key: str, name: str) -> str:
        """The name in the old version of a slot of a definition."""
        subject = Subject(definition, "input" if key == "inputs" else "output", name)
        found = self._matching.to_old.get(subject)
        return found.id if found is not None else name

    def _node(self, scope: str, id_: str) -> str:
        return self._matching.known_as(Subject(scope, "node", id_), self._old).id

    def _endpoint(self, scope: str, end: Endpoint) -> Endpoint:
        """Where a link comes from, in the words of the old version: its node, and the name of its output.

        An output that a declaration has renamed is the one at the same place.
        """
        if end.node == INPUTS:
            return Endpoint(INPUTS, self._slot(scope, "inputs", end.output), end.index)
        source = Subject(scope, "node", end.node)
        old = self._matching.to_old.get(source)
        if old is None:
            return Endpoint(self._node(scope, end.node), end.output, end.index)
        before, after = self._old.parts[old], self._new.parts[source]
        name = end.output
        if Subject(ROOT, "subgraph", after.type) in self._new.parts:
            name = self._slot(after.type, "outputs", name)
        elif before.tree.get("outputs") != after.tree.get("outputs"):
            names, others = slot_names(_outputs(before)), slot_names(_outputs(after))
            if name not in names and 0 <= end.index < len(names) and names[end.index] not in others:
                name = names[end.index]
        return Endpoint(old.id, name, end.index)

    # What a change means

    def _meaning(
        self, old: Part, new: Part, key: Key, before: FactValue, after: FactValue, *, is_retyped: bool
    ) -> tuple[Class, str]:
        if old.subject.kind == "node":
            if key[0] == "widget":
                found = self._of_widget(old, new, key[1], before, after, is_retyped=is_retyped)
                if found is not None:
                    return found
            if key[0] == "link" and self._is_renamed(old, new, key[1], before, after):
                return "schema", "definition updated"
        return meaning(old.subject.kind, key, before, after)

    def _of_widget(
        self, old: Part, new: Part, name: str, before: FactValue, after: FactValue, *, is_retyped: bool
    ) -> tuple[Class, str] | None:
        """The meaning of a changed widget, where more than the values decides it."""
        if old.places is None or new.places is None:
            return None
        for part in (new, old):
            control = control_of(name, [*part.widgets])
            if control is not None and is_drawn_seed(name, part.widgets[control]):
                return "volatile", "seed"
        if is_retyped and is_bare(name):
            return "schema", "definition updated"  # the same place in lists of two types means nothing
        if not isinstance(before, Absent) and not isinstance(after, Absent):
            return None
        lacking, value = (old.places, after) if isinstance(before, Absent) else (new.places, before)
        if name in lacking.declared:  # it is there, and not saved
            return ("volatile", "spelling of values") if same(lacking.declared[name], value) else None
        is_instance = Subject(ROOT, "subgraph", new.type) in self._new.parts
        return None if is_instance and not is_retyped else ("schema", "definition updated")

    def _is_renamed(self, old: Part, new: Part, name: str, before: FactValue, after: FactValue) -> bool:
        """Whether a link came or went because a declaration calls its input otherwise."""
        if isinstance(before, Absent) == isinstance(after, Absent):
            return False
        slots, others = (set(slot_names(_slots_in(part))) for part in (old, new))
        links = {each: self._endpoint(new.subject.scope, end) for each, end in new.links.items()}
        if isinstance(after, Absent):  # it went: another one, which is new, has its source
            return name not in others and any(end == before and each not in slots for each, end in links.items())
        return name not in slots and any(end == after and each not in others for each, end in old.links.items())


def _slots_in(part: Part) -> Sequence[Any]:
    found = part.tree.get("inputs")
    return found if isinstance(found, list | dict) else ()  # type: ignore[return-value]


def _outputs(part: Part) -> list[Any]:
    found = part.tree.get("outputs")
    return found if isinstance(found, list) else []


def _is_same_order(old: FactValue, new: FactValue) -> bool:
    """Whether what is in both lists stands in one order."""
    if not isinstance(old, list) or not isinstance(new, list):
        return same(old, new)
    mine, theirs = ([repr(each) for each in items] for items in (old, new))
    common = set(mine) & set(theirs)
    return [each for each in mine if each in common] == [each for each in theirs if each in common]
