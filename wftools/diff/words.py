"""The facts of a new version in the words of the old one: ids, slots and widgets under the names that they had."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wftools.diff.changes import ROOT, Endpoint, Key, Subject
from wftools.diff.version import slot_names
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from wftools.diff.changes import FactValue, Kind
    from wftools.diff.matching import Matching
    from wftools.diff.version import Facts, Part, Version


@dataclass(frozen=True, eq=False)
class Words:
    """Which subject is which in two versions, as a language to tell of the new one in."""

    old: Version
    new: Version
    matching: Matching
    _known: dict[Subject, Facts] = field(default_factory=dict)

    def facts(self, old: Part, new: Part) -> Facts:
        """What the new version says of a subject."""
        if old.subject not in self._known:
            inside = new.type if self.is_instance(new, self.new) else None
            self._known[old.subject] = {
                self._key(key, old, new, inside): self._value(old, new, key, value, inside)
                for key, value in new.facts.items()
            }
        return self._known[old.subject]

    @staticmethod
    def is_instance(part: Part, version: Version) -> bool:
        """Whether it is a node that stands for a subgraph."""
        return part.subject.kind == "node" and Subject(ROOT, "subgraph", part.type) in version.parts

    def links(self, new: Part) -> dict[str, Endpoint]:
        """What the inputs of a subject are linked to."""
        return {name: self.endpoint(new.subject.scope, end) for name, end in new.links.items()}

    def endpoint(self, scope: str, end: Endpoint) -> Endpoint:
        """Where a link comes from: its node, and the name of its output.

        An output that a declaration has renamed is the one at the same place.
        """
        if end.node == INPUTS:
            return Endpoint(INPUTS, self._slot(scope, "inputs", end.output), end.index)
        source = Subject(scope, "node", end.node)
        old = self.matching.to_old.get(source)
        if old is None:
            return Endpoint(self._node(scope, end.node), end.output, end.index)
        before, after = self.old.parts[old], self.new.parts[source]
        name = end.output
        if self.is_instance(after, self.new):
            name = self._slot(after.type, "outputs", name)
        elif before.tree.get("outputs") != after.tree.get("outputs"):
            names, others = slot_names(_outputs(before)), slot_names(_outputs(after))
            if name not in names and 0 <= end.index < len(names) and names[end.index] not in others:
                name = names[end.index]
        return Endpoint(old.id, name, end.index)

    def _key(self, key: Key, old: Part, new: Part, inside: str | None) -> Key:
        """The key of a fact; `inside` is the definition of which a node is an instance."""
        if inside is None or len(key) < 2:
            return key
        if key[0] in ("link", "input", "through", "link id"):
            return key[0], self._slot(inside, "inputs", key[1]), *key[2:]
        if key[0] == "output":
            return key[0], self._slot(inside, "outputs", key[1]), *key[2:]
        return ("widget", self._shown(key[1], old, new, inside)) if key[0] == "widget" else key

    def _shown(self, name: str, old: Part, new: Part, inside: str) -> str:
        """The name of a widget of an instance: that of the widget inside, or what its input showed before."""
        node, dot, widget = name.partition(".")
        known = f"{self._node(inside, node)}.{widget}" if dot else name
        if old.places is None or new.places is None or known in old.places.values or name not in new.places.inputs:
            return known
        slot = self._slot(inside, "inputs", new.places.inputs[name])
        before = (shown for shown, each in old.places.inputs.items() if each == slot and shown in old.places.values)
        return next(before, known)

    def _value(self, old: Part, new: Part, key: Key, value: FactValue, inside: str | None) -> FactValue:
        scope, kind, id_ = new.subject
        match key[0], value:
            case "link", Endpoint():
                return self.endpoint(scope, value)
            case "type", _ if inside is not None:
                return self.matching.scope(inside)
            case "through", int():
                return self._reroute(scope, value)
            case "parentId", int() if kind == "reroute":
                return self._reroute(scope, value)
            case (("nodes" | "groups"), list()) if kind in ("workflow", "subgraph"):
                each_kind: Kind = "node" if key[0] == "nodes" else "group"
                inner = self.new.of_kind(each_kind, id_ if kind == "subgraph" else ROOT)
                return [self.matching.known_as(each.subject, self.old).id for each in inner]
            case "widgets", dict() if inside is not None:
                names = value["names"]
                assert isinstance(names, list)
                return value | {"names": [self._shown(str(name), old, new, inside) for name in names]}
            case "definitions", list():
                return [self.matching.scope(each) if isinstance(each, str) else each for each in value]
            case (("inputs" | "outputs"), list()) if kind == "subgraph" or inside is not None:
                return [self._slot(inside or id_, key[0], str(each)) for each in value]
        return value

    def _slot(self, definition: str, key: str, name: str) -> str:
        """The name in the old version of a slot of a definition."""
        subject = Subject(definition, "input" if key == "inputs" else "output", name)
        found = self.matching.to_old.get(subject)
        return found.id if found is not None else name

    def _node(self, scope: str, id_: str) -> str:
        return self.matching.known_as(Subject(scope, "node", id_), self.old).id

    def _reroute(self, scope: str, id_: int) -> FactValue:
        """The id that a point which links are drawn through had in the old version, as it stands in the file."""
        old = self.matching.to_old.get(Subject(scope, "reroute", str(id_)))
        return id_ if old is None else self.old.parts[old].tree.get("id", id_)


def _outputs(part: Part) -> list[Any]:
    found = part.tree.get("outputs")
    return found if isinstance(found, list) else []
