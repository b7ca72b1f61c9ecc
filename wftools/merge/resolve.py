"""The conflicts of a merged file, resolved: one side's wish, or another value, takes the place of the provisional one.

    resolved(document, {"c1": Take("theirs"), "c2": Take(value=30)}).document

Each resolved conflict leaves the record; with the last one the record itself goes, and what had marked conflicts in the
graph. What is wished is made as any other change is (`wftools.diff.apply`): links, ids and counters follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wftools.catalog.lookup import newest
from wftools.diff.apply import apply
from wftools.diff.changes import ABSENT, ROOT, Added, Changed, Content, Endpoint, Removed, Subject
from wftools.diff.compare import compare
from wftools.diff.matching import Matching, Pair
from wftools.diff.version import Version
from wftools.document.edit import Set, edited
from wftools.errors import InputError
from wftools.graph.authored.scopes import INPUTS
from wftools.merge.decisions import SIDES, Conflict, SideName, Take, Whole
from wftools.merge.record import conflicts_of, recorded
from wftools.merge.sides import is_use, link_key
from wftools.merge.visible import unmarked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.changes import Change, Key
    from wftools.diff.version import Part
    from wftools.document import Document
    from wftools.merge.decisions import Value


@dataclass(frozen=True)
class Resolved:
    """A document with fewer conflicts, and those that are left."""

    document: Document
    conflicts: tuple[Conflict, ...]


def resolved(document: Document, takes: Mapping[str, Take], catalogue: Catalogue | None = None) -> Resolved:
    """Resolve conflicts by their ids; the others stay open.

    Raises InputError for an id that no conflict has, and for a wish that cannot be made: what it is about is not there
    any more, or the value is none for it.
    """
    conflicts = conflicts_of(document)
    asked = with_ids(document, conflicts, takes)
    catalogue = catalogue or newest()
    made = recorded(document, ())
    for conflict in sorted(asked, key=lambda conflict: _turn(conflict, takes[conflict.id])):
        made = _Resolving(made, catalogue, conflict).taking(takes[conflict.id])
    left = tuple(conflict for conflict in conflicts if conflict.id not in takes)
    return Resolved(recorded(unmarked(made, left, catalogue), left), left)


def with_ids(document: Document, conflicts: Sequence[Conflict], ids: Collection[str]) -> list[Conflict]:
    """The open conflicts of a document that have these ids. Raises InputError for an id that none has."""
    unknown = sorted({*ids} - {conflict.id for conflict in conflicts})
    if unknown:
        hint = f"open are {', '.join(conflict.id for conflict in conflicts)}" if conflicts else "none is open"
        raise InputError(f"no open conflict is called {unknown[0]!r}", place=document.place(""), hint=hint)
    return [conflict for conflict in conflicts if conflict.id in ids]


def _turn(conflict: Conflict, take: Take) -> int:
    """What comes back comes first, so that links can lead to it, and what goes, goes last."""
    if conflict.key:
        return 1
    return 2 if take.wish in SIDES and conflict.values.of(take.wish) is ABSENT else 0


class _Resolving:
    """Resolves one conflict in a document without a record."""

    def __init__(self, document: Document, catalogue: Catalogue, conflict: Conflict) -> None:
        self._document = document
        self._version = Version.of(document, catalogue)
        self._conflict = conflict

    def taking(self, take: Take) -> Document:
        """The document with the wish made."""
        conflict = self._conflict
        if take.wish == "both":
            return self._made(self._chain())
        if take.wish is None:
            if not conflict.key or conflict.key[0] == "link":
                raise self._refused("it takes base, ours or theirs, and no other value")
            return self._made(self._fact(take.value))
        value = conflict.values.of(take.wish)
        if conflict.kind == "graph":
            tree = value.parts[0][1].tree if isinstance(value, Whole) else None
            if tree is None:
                raise self._refused(f"{take.wish} has nothing")
            return edited(self._document, [Set("", tree)])
        if conflict.key:
            return self._made(self._fact(value))
        return self._made(self._whole(value))

    def _refused(self, reason: str) -> InputError:
        return InputError(
            f"conflict {self._conflict.id} cannot be resolved so: {reason}", place=self._document.place("")
        )

    def _made(self, changes: Iterator[Change]) -> Document:
        applied = apply([*changes], self._version)
        for rejected in applied.rejected:
            if not isinstance(rejected.change, Changed) or rejected.change.fact_class == "semantic":
                raise self._refused(rejected.reason)
        return applied.document

    # Facts

    def _fact(self, value: Value) -> Iterator[Change]:
        subject, key = self._conflict.subject, self._conflict.key
        part = self._version.parts.get(subject)
        if part is None:
            raise self._refused(f"{subject.kind} {subject.id} is not there any more")
        assert not isinstance(value, Whole)
        actual = part.facts.get(key, ABSENT)
        if isinstance(value, Endpoint):
            self._check_source(subject.scope, value)
        yield Changed(subject, key, actual, value, part.type)

    def _check_source(self, scope: str, end: Endpoint) -> None:
        if not self._is_there(scope, end):
            raise self._refused(f"node {end.node} is not there any more")

    def _is_there(self, scope: str, end: Endpoint) -> bool:
        source = Subject(scope, "input", end.output) if end.node == INPUTS else Subject(scope, "node", end.node)
        return source in self._version.parts

    def _chain(self) -> Iterator[Change]:
        """Theirs' nodes behind ours': what they started from on the link of base, they now start from what ours has."""
        conflict = self._conflict
        base, ours, theirs = conflict.values.base, conflict.values.ours, conflict.values.theirs
        if conflict.kind != "insert" or not isinstance(ours, Endpoint) or not isinstance(theirs, Endpoint):
            raise self._refused("only what both put in between on one link can be had both")
        yield from self._fact(theirs)
        for subject, key, end in self._way_back(theirs):
            if end == base:
                yield Changed(subject, key, end, ours, self._version.parts[subject].type)

    def _way_back(self, end: Endpoint) -> Iterator[tuple[Subject, tuple[str, ...], Endpoint]]:
        """The links that lead to an endpoint, the nearest first, up to what the link of base starts from."""
        conflict = self._conflict
        waiting, seen = [end], {conflict.subject}
        while waiting:
            source = Subject(conflict.subject.scope, "node", waiting.pop(0).node)
            part = self._version.parts.get(source)
            if part is None or source in seen:
                continue
            seen.add(source)
            for name, each in part.links.items():
                yield source, ("link", name), each
                if each not in (conflict.values.base, conflict.values.ours):
                    waiting.append(each)

    # What is there or not

    def _whole(self, value: Value) -> Iterator[Change]:
        """Let something come, go, or be as a version had it."""
        wanted = dict(value.parts) if isinstance(value, Whole) else {}
        known = {subject: None for side in SIDES for subject in self._parts_of(side)}
        there = [subject for subject in known if subject in self._version.parts]
        if not wanted:
            yield from self._removal(there)
            return
        for subject, content in wanted.items():
            if subject in there:
                yield from self._edits(subject, content)
            else:
                links = {
                    name: end
                    for name, end in content.links.items()
                    if self._is_there(subject.scope, end) or Subject(subject.scope, "node", end.node) in wanted
                }
                yield Added(subject, Content(content.tree, links), _type(content))
        assert isinstance(value, Whole)
        for use in value.uses:
            part = self._version.parts.get(use.subject)
            if part is not None and use.key not in part.facts and _has_input(part, use.key):
                yield Changed(use.subject, use.key, ABSENT, use.source, part.type)

    def _parts_of(self, side: SideName) -> Sequence[Subject]:
        value = self._conflict.values.of(side)
        return [subject for subject, _ in value.parts] if isinstance(value, Whole) else []

    def _type_of(self, node: Subject) -> str | None:
        part = self._version.parts.get(node)
        return part.type if part is not None else None

    def _removal(self, subjects: list[Subject]) -> Iterator[Change]:
        inside = {subject.id for subject in subjects if subject.kind == "subgraph"}
        for subject, part in self._version.parts.items():
            if subject in subjects or subject.scope in inside:
                continue
            for name, end in part.links.items():
                if any(is_use(each, subject, name, end, self._type_of) for each in subjects):
                    yield Changed(subject, link_key(subject, name), end, ABSENT, part.type)
        left = {part.type for part in self._version.of_kind("node") if part.subject not in subjects}
        for subject in subjects:
            if subject.kind != "subgraph" or subject.id not in left:
                part = self._version.parts[subject]
                yield Removed(subject, Content(part.tree, dict(part.links)), part.type)

    def _edits(self, subject: Subject, content: Content) -> Iterator[Change]:
        """What makes something that is there as a version had it."""
        part = self._version.parts[subject]
        tree: Any = content.tree
        if not isinstance(tree, dict):
            return
        kept = {key: value for key, value in part.tree.items() if key in ("id", "linkIds")}
        other = Version.of(edited(self._document, [Set(part.pointer, {**tree, **kept})]), self._version.catalogue)
        pairs = {each: Pair(each, "id") for each in self._version.parts if each in other.parts}
        for change in compare(self._version, other, matching=Matching(pairs)).changes:
            is_of_it = change.subject == subject or change.subject.scope == subject.id != ROOT
            if is_of_it and not (isinstance(change, Changed) and change.key[0] in ("link", "link id", "id")):
                yield change
        for name in dict.fromkeys((*part.links, *content.links)):
            old, new = part.links.get(name, ABSENT), content.links.get(name, ABSENT)
            if isinstance(new, Endpoint) and not self._is_there(subject.scope, new):
                new = ABSENT
            if old != new:
                yield Changed(subject, link_key(subject, name), old, new, part.type)


def _type(content: Content) -> str:
    tree: Any = content.tree
    found = tree.get("type", tree.get("class_type")) if isinstance(tree, dict) else None
    return found if isinstance(found, str) else ""


def _has_input(part: Part, key: Key) -> bool:
    """Whether a node has an input that could be linked: a slot, or a widget; of a prompt, nobody knows."""
    if part.places is None or part.subject.kind != "node":
        return True
    return ("input", *key[1:]) in part.facts or ("widget", *key[1:]) in part.facts
