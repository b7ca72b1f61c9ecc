"""Finds what a patch speaks of in a file: by id and type, else by fingerprint, else by the values that it knows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from wftools.diff.changes import ABSENT, NEW, ROOT, Added, Changed, Endpoint, Removed, Subject, class_of
from wftools.diff.compare import same
from wftools.diff.patch.fingerprints import fingerprints, is_alike
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wftools.diff.changes import Change, Key, Kind
    from wftools.diff.patch.model import NodeName
    from wftools.diff.patch.reading import ReadPatch
    from wftools.diff.version import Part, Version

How: TypeAlias = Literal["fingerprint", "values", "name", "title"]
"""What something was found by that has another id than the patch says."""

_SLOTS: Final[tuple[Kind, ...]] = ("input", "output")
_KNOWN_BY: Final = ("widget", "title", "mode", "property", "model")  # the facts of which old values tell nodes apart


@dataclass(frozen=True, slots=True)
class Fuzz:
    """Something that is not where the patch says it is."""

    subject: Subject  # as the patch calls it
    found: Subject
    how: How


def anchored(read: ReadPatch, target: Version) -> tuple[dict[Subject, Subject], tuple[Fuzz, ...]]:
    """What subjects of a patch are called in a version; what is not there is left out."""
    return _Anchoring(read, target).anchors()


class _Anchoring:
    def __init__(self, read: ReadPatch, target: Version) -> None:
        self._read = read
        self._target = target
        self._is_inverse = read.patch.is_inverse
        self._fingerprints = fingerprints(target)
        self._found: dict[Subject, Subject] = {}
        self._taken: set[Subject] = set()
        self._fuzz: list[Fuzz] = []
        self._added = {change.subject for change in read.changes if isinstance(change, Added)}
        self._facts: defaultdict[Subject, list[Changed]] = defaultdict(list)
        self._removed: dict[Subject, Removed] = {}
        for change in read.changes:
            if isinstance(change, Changed):
                self._facts[change.subject].append(change)
            elif isinstance(change, Removed):
                self._removed[change.subject] = change

    def anchors(self) -> tuple[dict[Subject, Subject], tuple[Fuzz, ...]]:
        self._find_definitions()
        nodes = [word for word in self._read.nodes if word not in self._added]
        for find in (self._by_id, self._by_fingerprint, self._by_values):
            for word in nodes:
                if word not in self._found:
                    find(word)
        self._find_others()
        return self._found, tuple(self._fuzz)

    def _take(self, word: Subject, found: Subject, how: How | None = None) -> None:
        self._found[word] = found
        self._taken.add(found)
        if how is not None:
            self._fuzz.append(Fuzz(word, found, how))

    def _scope(self, word: str) -> str | None:
        found = self._found.get(Subject(ROOT, "subgraph", word)) if word != ROOT else None
        return ROOT if word == ROOT else found.id if found is not None else None

    def _find_definitions(self) -> None:
        known = {part.subject.id: part for part in self._target.of_kind("subgraph")}
        named = {each.id: each for each in self._read.patch.subgraphs}
        for change in self._read.patch.changes:
            if change.subgraph is not None:
                named.setdefault(change.subgraph.id, change.subgraph)
        words = {id_: Subject(ROOT, "subgraph", id_) for id_ in named}
        left = [id_ for id_, word in words.items() if word not in self._added]
        for id_ in [*left]:
            ids = (id_, named[id_].new_id)
            found = next((each for each in (reversed(ids) if self._is_inverse else ids) if each in known), None)
            if found is not None:
                self._take(words[id_], Subject(ROOT, "subgraph", found))
                left.remove(id_)
        for id_ in left:
            free = [part for part in known.values() if part.subject not in self._taken]
            alike = [part for part in free if self._fingerprints[part.subject] == named[id_].fingerprint]
            alike = alike or [part for part in free if part.title and part.title == named[id_].name]
            if len(alike) == 1:
                self._take(words[id_], alike[0].subject, "name")

    def _other_id(self, word: Subject) -> str | None:
        """The other id that something has before or after a change of its id."""
        groups = (each.group for each in self._read.patch.changes if each.group is not None)
        named = next((each for each in groups if word.kind == "group" and each.id == word.id), None)
        if named is not None and named.new_id is not None:
            return named.new_id
        renumbering = next((each for each in self._facts[word] if each.key == ("id",)), None)
        return None if renumbering is None else str(renumbering.old if self._is_inverse else renumbering.new)

    # Nodes

    def _by_id(self, word: Subject) -> None:
        scope, name = self._scope(word.scope), self._read.nodes[word]
        if scope is None:
            return
        types = self._types(word, name)
        ids = [word.id.removesuffix(NEW), name.new_id]
        found = []
        for id_ in reversed(ids) if self._is_inverse else ids:
            part = self._target.parts.get(Subject(scope, "node", id_ or ""))
            if part is not None and part.subject not in self._taken and part.type in types:
                found.append(part)
        # Both ids may be taken, one by a node that the patch adds: what is known of it tells which is which.
        found.sort(key=lambda part: -self._known_of(word, part))
        for part in found:
            if not self._is_another(word, name, part):
                self._take(word, part.subject)
                return

    def _known_of(self, word: Subject, part: Part) -> int:
        """How many of a node's facts are as a change says, before or after it."""
        facts = ((part.facts.get(each.key, ABSENT), each) for each in self._facts[word])
        return sum(same(value, each.old) or same(value, each.new) for value, each in facts)

    def _types(self, word: Subject, name: NodeName) -> set[str]:
        """The types that a node may have: its own, and that which the patch gives it, or takes from it."""
        retyped = [each for each in self._facts[word] if each.key == ("type",)]
        found = {name.type, *(str(type_) for each in retyped for type_ in (each.old, each.new))}
        known = (self._found.get(Subject(ROOT, "subgraph", type_)) for type_ in found)
        return found | {each.id for each in known if each is not None}

    def _is_another(self, word: Subject, name: NodeName, part: Part) -> bool:
        """Whether a node of the id and the type is not the one: nothing of it is as it was, and another one is it."""
        if name.fingerprint is None or is_alike(self._fingerprints[part.subject], name.fingerprint):
            return False
        return not self._known_of(word, part) and len(self._alike(word, name)) == 1

    def _alike(self, word: Subject, name: NodeName) -> list[Part]:
        scope = self._scope(word.scope)
        return [
            part
            for part in self._target.of_kind("node", scope)
            if scope is not None
            and part.subject not in self._taken
            and self._fingerprints[part.subject] == name.fingerprint
        ]

    def _by_fingerprint(self, word: Subject) -> None:
        name = self._read.nodes[word]
        alike = self._alike(word, name) if name.fingerprint is not None else []
        if len(alike) == 1:
            self._take(word, alike[0].subject, "fingerprint")

    def _by_values(self, word: Subject) -> None:
        """Take the only node of the type of which all that the patch knows is so."""
        scope, types = self._scope(word.scope), self._types(word, self._read.nodes[word])
        found = []
        for part in self._target.of_kind("node", scope) if scope is not None else ():
            if part.subject not in self._taken and part.type in types:
                agree, total = self._agreement(word, part)
                if total and agree == total:
                    found.append(part)
        if len(found) == 1:
            self._take(word, found[0].subject, "values")

    def _agreement(self, word: Subject, part: Part) -> tuple[int, int]:
        """How many of the values that the patch knows of a node, and how many of them are those of another one."""
        known: dict[Key, tuple[Any, ...]] = {}
        for change in self._facts[word]:
            if change.key[0] in _KNOWN_BY and class_of(change) == "semantic":
                known[change.key] = (change.old, change.new)
        removed = self._removed.get(word)
        if removed is not None and isinstance(removed.content.tree, dict):
            for name in ("title", "mode", "widgets_values"):
                if name in removed.content.tree:
                    known[name,] = (removed.content.tree[name],)
        agree = 0
        for key, values in known.items():
            is_list = key == ("widgets_values",)
            stands: Any = part.tree.get(key[0], ABSENT) if is_list else part.facts.get(key, ABSENT)
            agree += any(same(stands, value) for value in values)
        return agree, len(known)

    # All else

    def _find_others(self) -> None:
        self._find_slots()
        for change in self._read.changes:
            word = change.subject
            scope = self._scope(word.scope)
            if word in self._found or word in self._added or scope is None or word.kind not in ("group", "reroute"):
                continue
            there = Subject(scope, word.kind, word.id.removesuffix(NEW))
            renumbered = there._replace(id=self._other_id(word) or "")
            ids = (renumbered, there) if self._is_inverse else (there, renumbered)
            standing = [each for each in ids if each in self._target.parts]
            if word.kind == "group":
                self._find_group(word, standing)
            elif standing:
                self._take(word, standing[0])
        for word in self._mentioned_reroutes():
            scope = self._scope(word.scope)
            if word not in self._found and word not in self._added and scope is not None:
                there = word._replace(scope=scope)
                if there in self._target.parts:
                    self._found[word] = there

    def _find_group(self, word: Subject, candidates: list[Subject]) -> None:
        titles = {each.group.title for each in self._read.patch.changes if each.group and each.group.id == word.id}
        titles |= {str(each.new) for each in self._facts[word] if each.key == ("title",)}
        groups = self._target.of_kind("group", self._scope(word.scope))
        free = [part for part in groups if part.subject not in self._taken]
        titled = [part.subject for part in free if part.title in titles]
        of_id = [each for each in candidates if each not in self._taken]
        both = [each for each in of_id if each in titled]
        if both or (of_id and len(titled) != 1):
            self._take(word, (both or of_id)[0])
        elif len(titled) == 1:
            self._take(word, titled[0], "title")

    def _mentioned_reroutes(self) -> Iterator[Subject]:
        for change in self._read.changes:
            if isinstance(change, Changed) and change.key[0] in ("through", "parentId"):
                for value in (change.old, change.new):
                    if isinstance(value, int):
                        yield Subject(change.subject.scope, "reroute", str(value))

    def _find_slots(self) -> None:
        """Slots of definitions: by name, or by the name that the patch gives them, or by id."""
        for definition, found in [*self._found.items()]:
            if definition.kind != "subgraph":
                continue
            for kind in _SLOTS:
                parts = {part.subject.id: part for part in self._target.of_kind(kind, found.id)}
                for name in self._names_of_slots(definition.id, kind):
                    word = Subject(definition.id, kind, name)
                    names = [name, *self._renamed(word)]
                    there = next((each for each in (names[::-1] if self._is_inverse else names) if each in parts), None)
                    if there is not None and word not in self._added:
                        self._take(word, parts[there].subject)
                for name, part in parts.items():
                    word = Subject(definition.id, kind, name)
                    if part.subject not in self._taken and word not in self._added:
                        self._take(word, part.subject)

    def _renamed(self, word: Subject) -> list[str]:
        """The other name that a slot has before or after a change of its name."""
        renaming = next((each for each in self._facts[word] if each.key == ("name",)), None)
        return [] if renaming is None else [str(renaming.old if self._is_inverse else renaming.new)]

    def _names_of_slots(self, definition: str, kind: str) -> Iterable[str]:
        found: dict[str, None] = {}
        for change in self._read.changes:
            if change.subject.scope == definition and change.subject.kind == kind:
                found[change.subject.id] = None
            if change.subject.scope == definition and kind == "input":
                found |= dict.fromkeys(_inputs_in(change))
        return found


def _inputs_in(change: Change) -> list[str]:
    """The inputs of the subgraph that a change mentions."""
    if isinstance(change, Changed):
        ends: Iterable[Any] = (change.old, change.new)
    else:
        ends = change.content.links.values()
    return [end.output for end in ends if isinstance(end, Endpoint) and end.node == INPUTS]


def named_by_patch(target: Version, anchors: Mapping[Subject, Subject], read: ReadPatch) -> Version:
    """The target with the names of values that only the patch knows."""
    parts: dict[Subject, Part] = {}
    for word, name in read.nodes.items():
        part = target.parts.get(anchors.get(word, word))
        places = part.places if part is not None else None
        if part is None or places is None or places.is_named or places.spelling["form"] != "list":
            continue
        both = [name.widgets, name.new_widgets]
        for names in reversed(both) if read.patch.is_inverse else both:
            if names is not None and len(names) == len(set(names)) == len(places.values):
                parts[part.subject] = part.with_places(places.called(names))
                break
    return target.with_parts(parts)
