"""What the subjects of a workflow are called without their ids: by type and title, and by place in the graph.

Where nodes have one type and one title they are counted, in an order that a person would find again: by what they feed,
by what feeds them, by their surroundings, then by their facts. An id decides between nodes that nothing else tells
apart, so that renumbering changes no name.
"""

from __future__ import annotations

import json
from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from wftools.diff.changes import ROOT, Endpoint, Subject
from wftools.document.ids import sort_key
from wftools.git.facts import class_of_fact
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.diff.changes import Class, Key, Kind
    from wftools.diff.version import Part, Version
    from wftools.merge.decisions import Conflict

_ROUNDS: Final = 3  # how many links away the surroundings of a node reach
_RANKS: Final[tuple[Kind, ...]] = ("workflow", "subgraph", "input", "output", "node", "group", "reroute")


class Names:
    """The names of one version's subjects."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._names: dict[Subject, str] = {}
        self._count(version.of_kind("subgraph"))
        for scope in version.scopes:
            for kind in ("input", "output", "node", "group", "reroute"):
                self._count(version.of_kind(kind, scope))

    def of(self, subject: Subject) -> str:
        """What a subject is called among those of its scope; one that is not there, by its id."""
        return "workflow" if subject.kind == "workflow" else self._names.get(subject, f"{subject.kind} {subject.id}")

    def full(self, subject: Subject) -> str:
        """What a subject is called in the whole workflow."""
        return f"{self._scope(subject.scope)}{self.of(subject)}"

    def order(self, subject: Subject) -> tuple[str, int, str]:
        """Sorts subjects: those of the root first, then definition by definition, each before what is in it."""
        scope = subject.id if subject.kind == "subgraph" else subject.scope
        return self._scope(scope), _RANKS.index(subject.kind), self.of(subject)

    def end(self, scope: str, end: Endpoint) -> str:
        """What a link starts at."""
        if end.node == INPUTS:
            return f"input {end.output}"
        return f"{self.of(Subject(scope, 'node', end.node))}.{end.output}"

    def key(self, part: Part, key: Key) -> str:
        """What a fact is called. A promoted widget is called after the node inside, where its key has that one's id."""
        name = ".".join(key[1:]) if key[0] in ("widget", "link") else " ".join(key)
        if key[0] == "widget" and Subject(ROOT, "subgraph", part.type) in self._version.parts:
            inner, dot, widget = name.partition(".")
            node = Subject(part.type, "node", inner)
            return f"{self.of(node)}.{widget}" if dot and node in self._names else name
        return name

    def conflict(self, conflict: Conflict) -> str:
        """What two sides of a merge want otherwise."""
        part = self._version.parts.get(conflict.subject)
        what = self.key(part, conflict.key) if part is not None else " ".join(conflict.key)
        return " ".join(each for each in (self.full(conflict.subject), what, f"({conflict.kind})") if each)

    def _scope(self, scope: str) -> str:
        return f"{self.of(Subject(ROOT, 'subgraph', scope))} / " if scope != ROOT else ""

    def _plain(self, part: Part) -> str:
        """A name that others may have as well."""
        kind, title = part.subject.kind, part.title
        if kind in ("input", "output"):
            return f"{kind} {part.subject.id}"
        if kind == "node":
            definition = self._version.parts.get(Subject(ROOT, "subgraph", part.type))
            kind_name = (definition.title if definition is not None else part.type) or "node"
            return f"{kind_name} {json.dumps(title, ensure_ascii=False)}" if title not in ("", kind_name) else kind_name
        return f"{kind} {json.dumps(title, ensure_ascii=False)}" if title else kind

    def _count(self, parts: Iterable[Part]) -> None:
        """Name the parts of one kind and scope."""
        plain = {part.subject: self._plain(part) for part in parts}
        alike: defaultdict[str, list[Subject]] = defaultdict(list)
        for subject, name in plain.items():
            alike[name].append(subject)
        places = _Places(self._version, plain) if any(len(each) > 1 for each in alike.values()) else None
        for name, subjects in alike.items():
            if places is not None and len(subjects) > 1:
                subjects.sort(key=places.rank)
            for number, subject in enumerate(subjects, 1):
                self._names[subject] = f"{name} {number}" if number > 1 else name


class _Places:
    """Where the subjects of one kind and scope stand in the graph, in words that have no ids."""

    def __init__(self, version: Version, names: dict[Subject, str]) -> None:
        self._parts = {subject: version.parts[subject] for subject in names}
        self._names = names
        self._fed: defaultdict[Subject, list[tuple[Subject, str, str]]] = defaultdict(list)
        self._feeding: defaultdict[Subject, list[tuple[Subject, str, str]]] = defaultdict(list)
        for subject, part in self._parts.items():
            for name, end in part.links.items():
                source = Subject(subject.scope, "node", end.node)
                self._fed[subject].append((source, end.output, name))
                self._feeding[source].append((subject, end.output, name))
        digests = {subject: _digest(name) for subject, name in names.items()}
        for _ in range(_ROUNDS):
            digests = {subject: _digest([own, *self._around(subject, digests)]) for subject, own in digests.items()}
        self._digests = digests

    def rank(self, subject: Subject) -> Any:
        """Sorts subjects of one name; the sorted ones keep their order when something far away changes."""
        return (
            self._around(subject, self._names),
            self._digests[subject],
            self._facts(subject, "semantic"),
            self._facts(subject, "schema", "layout", "style"),
            sort_key(subject.id),
        )

    def _facts(self, subject: Subject, *classes: Class) -> str:
        part = self._parts[subject]
        facts = {
            " ".join(key): value
            for key, value in part.facts.items()
            if not isinstance(value, Endpoint) and class_of_fact(part, key, value) in classes
        }
        return json.dumps(facts, sort_keys=True, default=str)

    def _around(self, subject: Subject, names: dict[Subject, str]) -> tuple[list[tuple[str, str, str]], ...]:
        return tuple(
            sorted((name, output, names.get(other, "")) for other, output, name in links)
            for links in (self._feeding[subject], self._fed[subject])
        )


def _digest(value: Any) -> str:
    return blake2b(json.dumps(value).encode(), digest_size=8).hexdigest()
