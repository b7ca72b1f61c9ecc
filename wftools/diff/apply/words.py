"""What changes speak of, in the words of the document that they are made in.

Subjects in changes have the ids of the version that the changes start from. Values that are JSON as it stood in a file
(`proxyWidgets`, `linearData`, trees of what is new) name nodes as that file did: in old values, as the version does
that the changes start from, in new values, as the one that they lead to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.diff.changes import NEW, ROOT, WORKFLOW, Added, Changed, Endpoint, Subject
from wftools.diff.version import slot_names
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wftools.diff.changes import Change, FactValue, Key, Kind
    from wftools.diff.version import Part, Version
    from wftools.values import Json

_SLOTS: Final = frozenset({"input", "output"})
_SLOT_KEYS: Final = frozenset({"link", "input", "through", "link id"})  # of a node: keys that name one of its inputs


class Words:
    """Finds the subjects of changes in the version that they are made in."""

    def __init__(self, target: Version, anchors: Mapping[Subject, Subject] | None, changes: Iterable[Change]) -> None:
        self.target = target
        self._anchors = anchors
        self._definitions: dict[str, str] = {}
        self._anchored = frozenset(anchors.values()) if anchors is not None else frozenset()
        if anchors is not None:
            self._definitions = {to.id: word.id for word, to in anchors.items() if word.kind == "subgraph"}
        self.added: dict[Subject, Added] = {}
        self.standing: dict[Subject, Subject] = {}  # new subjects that the target has already
        self._renamed: dict[tuple[str, Kind, str], Subject] = {}  # by the ids that the newer version gives them
        self._renamed_to: dict[Subject, Subject] = {}
        for change in changes:
            subject = change.subject
            if isinstance(change, Added):
                self.added[subject] = change
                self._renamed[subject.scope, subject.kind, _id_in(change)] = subject
            elif isinstance(change, Changed) and change.key == ("name" if subject.kind in _SLOTS else "id",):
                self._renamed_to[subject] = subject._replace(id=str(change.new))
                self._renamed[self._renamed_to[subject]] = subject

    def subject(self, word: Subject) -> Subject | None:
        """The subject of the target; None where it has none: the word may be one of `added`."""
        if word == WORKFLOW:
            return WORKFLOW
        if word in self.added:
            return self.standing.get(word)
        found = self._of_same_name(word) if self._anchors is None else self._anchors.get(word)
        return found if found in self.target.parts else None

    def _of_same_name(self, word: Subject) -> Subject:
        """The subject that the target calls so; or as the changes rename it, where they have been made already."""
        scope = self.scope(word.scope) or word.scope
        found = word._replace(scope=scope)
        renamed = self._renamed_to.get(word)
        return found if renamed is None or found in self.target.parts else renamed._replace(scope=scope)

    def part(self, word: Subject) -> Part | None:
        """What the target says of a subject."""
        found = self.subject(word)
        return self.target.parts[found] if found is not None else None

    def scope(self, word: str) -> str | None:
        """The scope in the target."""
        found = self.subject(Subject(ROOT, "subgraph", word)) if word != ROOT else None
        return ROOT if word == ROOT else found.id if found is not None else None

    def named_by_newer(self, scope: str, kind: Kind, id_: str) -> Subject:
        """The subject that the version to which the changes lead calls so; `scope` is a word of changes."""
        return self._renamed.get((scope, kind, id_), Subject(scope, kind, id_))

    def definition(self, part: Part | None) -> str | None:
        """What changes call the definition of which a node of the target is an instance."""
        if part is None or part.subject.kind != "node" or Subject(ROOT, "subgraph", part.type) not in self.target.parts:
            return None
        if self._anchors is None:
            return self.named_by_newer(ROOT, "subgraph", part.type).id
        return self._definitions.get(part.type)

    # Facts, as the target would say them

    def key(self, part: Part, key: Key) -> Key:
        """The key of a fact of a part of the target."""
        inside = self.definition(part)
        if inside is None or len(key) < 2:
            return key
        if key[0] in _SLOT_KEYS or key[0] == "output":
            return key[0], self.slot(inside, "output" if key[0] == "output" else "input", key[1]), *key[2:]
        if key[0] == "widget" and "." in key[1]:
            node, _, name = key[1].partition(".")
            return key[0], f"{self._inside(inside, node)}.{name}"
        return key

    def _inside(self, definition: str, node: str) -> str:
        """The id of a node in a definition; one that is not there has a name that nothing has."""
        word = Subject(definition, "node", node)
        found = self.subject(word)
        return found.id if found is not None else node if word in self.added else f"{node}{NEW}"

    def slot(self, definition: str, kind: Kind, name: str) -> str:
        """The name in the target of a slot of a definition."""
        found = self.subject(Subject(definition, kind, name))
        return found.id if found is not None else name

    def is_anchor(self, subject: Subject) -> bool:
        """Whether a subject of the target is known to be one of the version that the changes start from."""
        return self._anchors is not None and subject in self._anchored

    def value(self, word: Subject, part: Part, key: Key, value: FactValue, *, is_newer: bool = False) -> FactValue:
        """A value of a fact, as the target would have it: an old one, or a new one."""

        def named(scope: str, kind: Kind, id_: str) -> str:
            subject = self.named_by_newer(scope, kind, id_) if is_newer else Subject(scope, kind, id_)
            found = self.subject(subject)
            return found.id if found is not None else id_

        match key, value:
            case ("link", *_), Endpoint():
                return self.endpoint(word.scope, value)
            case ("type",), str():
                found = self.subject(Subject(ROOT, "subgraph", value))
                return found.id if found is not None else value
            case ((("through", _) | ("parentId",)), int()):
                return self.reroute(word.scope, value)
            case ("property", _), list():
                return with_references(key, value, lambda id_: named(self.definition(part) or "", "node", id_))
            case ("extra", _), dict():
                return with_references(key, value, lambda id_: named(ROOT, "node", id_))
        return value

    def reroute(self, scope: str, id_: int) -> int:
        """The id of a reroute; changes name it as the version does that they start from."""
        found = self.subject(Subject(scope, "reroute", str(id_)))
        id_in_file = self.target.parts[found].tree.get("id") if found is not None else None
        return id_in_file if isinstance(id_in_file, int) else id_

    def endpoint(self, scope: str, end: Endpoint) -> Endpoint:
        """Where a link comes from; a node that is not in the target keeps its name."""
        if end.node == INPUTS:
            return Endpoint(INPUTS, self.slot(scope, "input", end.output), end.index)
        found = self.subject(Subject(scope, "node", end.node))
        if found is None:
            return Endpoint(f"{end.node}*", end.output, end.index)
        part = self.target.parts[found]
        inside = self.definition(part)
        name = self.slot(inside, "output", end.output) if inside else end.output
        names = slot_names(list_of(part.tree, "outputs"))
        if name not in names and 0 <= end.index < len(names):
            name = names[end.index]  # the target's declaration calls it otherwise
        return Endpoint(found.id, name, end.index)


def list_of(tree: Any, key: str) -> list[Any]:
    """The list under a key, or an empty one where there is none."""
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, list) else []


def with_references(key: Key, value: Json, named: Callable[[str], str]) -> Json:
    """A value of which the nodes that it names are called otherwise; of a key that names none, the value itself."""
    match key, value:
        case ("property", "proxyWidgets"), list():
            return [_at_first(each, named) for each in value]
        case ("property", "previewExposures"), list():
            return [_with_member(each, "sourceNodeId", named) for each in value]
        case ("extra", "linearData"), dict():
            inputs, outputs = value.get("inputs"), value.get("outputs")
            made = dict(value)
            if isinstance(inputs, list):
                made["inputs"] = [_at_first(each, named) for each in inputs]
            if isinstance(outputs, list):
                made["outputs"] = [_renamed(each, named) for each in outputs]
            return made
    return value


def references(key: Key, value: FactValue) -> Iterable[str]:
    """The ids of the nodes that a value names."""
    found: dict[str, None] = {}

    def named(id_: str) -> str:
        found[id_] = None
        return id_

    if isinstance(value, dict | list):
        with_references(key, value, named)
    return found


def _at_first(entry: Any, named: Callable[[str], str]) -> Any:
    return [_renamed(entry[0], named), *entry[1:]] if isinstance(entry, list) and entry else entry


def _with_member(entry: Any, key: str, named: Callable[[str], str]) -> Any:
    return {**entry, key: _renamed(entry[key], named)} if isinstance(entry, dict) and key in entry else entry


def _renamed(id_: Any, named: Callable[[str], str]) -> Any:
    """An id in its spelling: a number stays one where the new one can be."""
    if isinstance(id_, bool) or not isinstance(id_, int | str):
        return id_
    found = named(str(id_))
    if found == str(id_):
        return id_
    return int(found) if isinstance(id_, int) and found.lstrip("-").isdigit() else found


def _id_in(change: Added) -> str:
    """The id of a new subject, as its file gives it."""
    tree = change.content.tree
    found = tree.get("id") if isinstance(tree, dict) and change.subject.kind not in ("input", "output") else None
    return change.subject.id.removesuffix(NEW) if found is None else str(found)
