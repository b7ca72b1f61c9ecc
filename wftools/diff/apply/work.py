"""The copy of a UI workflow in which changes are made, and what all steps of making them share."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING, Any

from wftools.diff.apply.ids import COUNTERS, numbers
from wftools.diff.apply.rows import Graph, copied
from wftools.diff.apply.words import list_of, with_references
from wftools.diff.changes import NEW, ROOT, WORKFLOW, Added, Changed, Removed, Subject
from wftools.document.ids import sort_key
from wftools.document.pointer import value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.diff.apply.judging import Note
    from wftools.diff.apply.words import Words
    from wftools.diff.changes import Change, FactValue, Key, Kind
    from wftools.document.document import Tree


class Work:
    """A copy of the target's tree, the changes by whom they are of, and the names that things have afterwards."""

    def __init__(self, accepted: Iterable[Change], words: Words) -> None:
        self.words = words
        self.target = words.target
        self.tree: Tree = copied(words.target.document.tree)
        self.notes: list[Note] = []
        self.added, self.removed, self.changed = told_apart(accepted, words)
        self.ids: dict[Subject, Any] = {}  # of what is new, by its word
        self.renumbered: dict[Subject, Any] = {}  # what subjects of the target are called afterwards
        self.made: dict[Subject, Tree] = {}  # what is new, by its word
        self.given: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)  # ids by scope and what they are of
        self.at: dict[Subject, Any] = {
            subject: value_at(self.tree, self.target.parts[subject].pointer)
            for subject in (*self.changed, *self.removed)
        }
        self.graphs = {scope: Graph(self.target, scope, self.tree) for scope in self.target.scopes}
        self.fresh = {kind: count(max(0, max(numbers(self._ids(kind)), default=0)) + 1) for kind in COUNTERS}

    def _ids(self, kind: str) -> Iterator[Any]:
        """All ids of a kind that are used, counted or asked for, in all scopes: the editor counts them together."""
        key, in_state = COUNTERS[kind]
        for graph in self.graphs.values():
            state = graph.tree.get("state")
            yield graph.tree.get(key)
            yield state.get(in_state) if isinstance(state, dict) else None
            match kind:
                case "node":
                    yield from (node.get("id") for node in graph.nodes.values())
                case "link":
                    yield from (wire.id_before for wire in graph.wires)
                case _:
                    listed = list_of(graph.tree, "groups") if kind == "group" else graph.reroutes
                    yield from (each.get("id") for each in listed if isinstance(each, dict))
        yield from (id_in(change) for word, change in self.added.items() if word.kind == kind)
        for subject, changes in self.changed.items():
            asked = [("link id",)] if kind == "link" else [("id",)] if subject.kind == kind else []
            yield from (each.new for each in changes if each.key[:1] in asked or each.key == (key,))

    def owner(self, graph: Graph) -> Subject:
        """The subject of the target that a graph is of."""
        return WORKFLOW if graph.is_root else Subject(ROOT, "subgraph", graph.scope)

    def changes_of(self, graph: Graph) -> list[Changed]:
        """What changes of a graph as a whole."""
        return self.changed.get(self.owner(graph), [])

    def added_to(self, scope: str, *kinds: Kind) -> Iterator[tuple[Subject, Added]]:
        """What is new of some kinds in a scope of the target."""
        for word, change in self.added.items():
            if word.kind in kinds and self.words.scope(word.scope) == scope:
                yield word, change

    def called(self, word: Subject) -> str:
        """What the document calls a subject of changes afterwards."""
        if word in self.ids:
            return str(self.ids[word])
        found = self.words.subject(word)
        return str(self.renumbered.get(found, found.id)) if found is not None else word.id.removesuffix(NEW)

    def called_by_newer(self, scope: str, kind: Kind, id_: str) -> str:
        """What the document calls afterwards what the newer version calls so."""
        return self.called(self.words.named_by_newer(scope, kind, id_))

    def reroute(self, scope: str, id_: int) -> int | str:
        """The id that a reroute has afterwards."""
        word = Subject(scope, "reroute", str(id_))
        return whole(self.called(word if self.words.subject(word) else self.words.named_by_newer(*word)))

    def value(self, change: Changed, key: Key, inside: str = "") -> FactValue:
        """A new value in the words of the document; `inside` is the definition of an instance."""
        found: FactValue
        match key, change.new:
            case ("type",), str() if change.subject.kind == "node":
                found = self.called(Subject(ROOT, "subgraph", change.new))
            case ("property", _), list():
                found = with_references(key, change.new, lambda id_: self.called_by_newer(inside, "node", id_))
            case ("extra", _), dict():
                found = with_references(key, change.new, lambda id_: self.called_by_newer(ROOT, "node", id_))
            case ("parentId",), int():
                found = self.reroute(change.subject.scope, change.new)
            case _:
                found = change.new
        copy: FactValue = copied(found)
        return copy


def told_apart(
    changes: Iterable[Change], words: Words
) -> tuple[dict[Subject, Added], dict[Subject, Removed], dict[Subject, list[Changed]]]:
    """What comes, by words of changes, and what goes or changes, by subjects of the target; in one order."""
    added: dict[Subject, Added] = {}
    removed: dict[Subject, Removed] = {}
    changed: defaultdict[Subject, list[Changed]] = defaultdict(list)
    for change in sorted(changes, key=_order):
        found = words.subject(change.subject)
        if isinstance(change, Added):
            added[change.subject] = change
        elif found is not None and isinstance(change, Removed):
            removed[found] = change
        elif found is not None and isinstance(change, Changed):
            changed[found].append(change)
    return added, removed, changed


def id_in(change: Added) -> Any:
    """The id that a new subject has in its file; groups of old files have none."""
    tree = change.content.tree
    found = tree.get("id") if isinstance(tree, dict) else None
    return change.subject.id.removesuffix(NEW) if found is None and change.subject.kind != "group" else found


def whole(id_: str) -> int | str:
    """An id as a number, if it is one."""
    found = next(numbers([id_]), None)
    return id_ if found is None else found


def _order(change: Change) -> tuple[Any, ...]:
    """An order of changes that does not depend on the one in which they are given."""
    subject = change.subject
    return subject.scope, subject.kind, sort_key(subject.id), change.key if isinstance(change, Changed) else ()
