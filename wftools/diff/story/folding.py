"""Which changes follow from which, so that each is told once and with its cause.

- A node that was put in or taken out changes the links around it, and a subgraph's input or output those inside.
- A subgraph that came or went with the node that is its instance is told with it.
- What an instance shows repeats the widget inside, or comes and goes with the input that shows it.
- A model file that a node lists follows the widget that names it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftools.diff.changes import ROOT, Absent, Added, Changed, Endpoint, Removed, Subject
from wftools.diff.compare import same
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.diff.changes import Change, Kind
    from wftools.diff.story.names import Names


@dataclass
class Following:
    """Changes that follow from what happened to one subject."""

    between: list[Changed] = field(default_factory=list)  # it was put into this link, or taken out of it
    fed: list[Changed] = field(default_factory=list)  # it feeds that input, or fed it
    values: list[Changed] = field(default_factory=list)  # that instances have in a new input
    others: list[Change] = field(default_factory=list)  # that need no word


class Folded:
    """Some changes, and those among them that follow from others."""

    def __init__(self, changes: Sequence[Change], names: Names, *, folds_models: bool = True) -> None:
        self._names = names
        self.added = {change.subject: change for change in changes if isinstance(change, Added)}
        self.removed = {change.subject: change for change in changes if isinstance(change, Removed)}
        self._changed = {(change.subject, change.key): change for change in changes if isinstance(change, Changed)}
        self._of_subject: defaultdict[Subject, Following] = defaultdict(Following)
        self._folded: set[int] = set()  # the identities of changes that follow from others
        for change in changes:
            if isinstance(change, Changed):
                self._fold(change)
            elif change.subject.kind == "subgraph":
                self._fold_definition(change)
        for change in self._changed.values() if folds_models else ():
            if change.key[0] == "model":
                self._fold_model(change)

    def follows(self, change: Change) -> bool:
        """Whether a change is told with another one."""
        return id(change) in self._folded

    def following(self, subject: Subject) -> Following:
        """What follows from what happened to a subject."""
        return self._of_subject.get(subject, Following())

    def definition(self, change: Added | Removed) -> Added | Removed | None:
        """The subgraph that came or went with its instance."""
        same_way: Mapping[Subject, Added | Removed] = self.added if isinstance(change, Added) else self.removed
        return same_way.get(Subject(ROOT, "subgraph", change.type)) if change.subject.kind == "node" else None

    def _fold(self, change: Changed) -> None:
        match change.key[0]:
            case "link":
                self._fold_link(change)
            case "widget" if self._names.is_definition(change.type):
                self._fold_shown(change)
            case "input" | "output" if len(change.key) == 3 and self._names.is_definition(change.type):
                kind: Kind = "input" if change.key[0] == "input" else "output"
                slot = self._slot(Subject(change.type, kind, change.key[1]))
                if slot is not None:
                    self._put(change, self._of_subject[slot].others)

    def _fold_link(self, change: Changed) -> None:
        scope, old, new = change.subject.scope, change.old, change.new
        came = self._source(scope, new) if isinstance(new, Endpoint) else None
        went = self._source(scope, old) if isinstance(old, Endpoint) else None
        if came is not None and came in self.added:
            is_between = isinstance(old, Endpoint) and old in self._sources(came, self.added)
            following = self._of_subject[came]
            self._put(change, following.between if is_between else following.fed)
        elif went is not None and went in self.removed and not isinstance(new, Endpoint):
            self._put(change, self._of_subject[went].fed)
        elif went is not None and went in self.removed and new in self._sources(went, self.removed):
            self._put(change, self._of_subject[went].between)
        elif came is not None and came == went and (came, ("type",)) in self._changed:
            self._put(change, self._of_subject[came].fed)

    def _fold_shown(self, change: Changed) -> None:
        """The value that an instance shows of a widget inside."""
        slot = self._names.slot_of(change.type, change.key[1])
        node, _, name = change.key[1].partition(".")
        inner = self._changed.get((Subject(change.type, "node", node), ("widget", name)))
        repeats = inner is not None and same(change.new, inner.new)
        if slot in self.added and isinstance(change.old, Absent):
            following = self._of_subject[slot]
            self._put(change, following.others if repeats else following.values)
        elif slot in self.removed and isinstance(change.new, Absent):
            self._put(change, self._of_subject[slot].others)
        elif inner is not None and repeats and isinstance(change.old, Absent):
            self._put(change, self._of_subject[inner.subject].others)
        elif inner is not None and repeats and same(change.old, inner.old):
            self._put(inner, self._of_subject[change.subject].others)

    def _fold_model(self, change: Changed) -> None:
        """A model file that came or went, or is another, with the widget that names it now or named it."""
        name = change.key[1].rpartition("/")[2]
        if not name or (not isinstance(change.old, Absent) and not isinstance(change.new, Absent)):
            return
        for widget in self._changed.values():
            if widget.key[0] == "widget" and not self.follows(widget) and _names_file(widget, name):
                self._put(change, self._of_subject[widget.subject].others)
                return

    def _fold_definition(self, change: Added | Removed) -> None:
        same_way: Mapping[Subject, Added | Removed] = self.added if isinstance(change, Added) else self.removed
        if any(each.type == change.subject.id for each in same_way.values()):
            self._folded.add(id(change))

    def _put(self, change: Changed, where: list[Changed] | list[Change]) -> None:
        if id(change) not in self._folded:
            self._folded.add(id(change))
            where.append(change)

    def _slot(self, slot: Subject) -> Subject | None:
        """An input or output of a subgraph, if something happened to it."""
        for each in (slot, slot._replace(id=f"{slot.id}*")):
            if each in self.added or each in self.removed or (each, ("label",)) in self._changed:
                return each
        return None

    def _source(self, scope: str, end: Endpoint) -> Subject:
        """The subject that a link comes from."""
        if end.node != INPUTS:
            return Subject(scope, "node", end.node)
        return self._slot(Subject(scope, "input", end.output)) or Subject(scope, "input", end.output)

    def _sources(
        self, subject: Subject, among: Mapping[Subject, Added] | Mapping[Subject, Removed]
    ) -> frozenset[Endpoint]:
        """What a subject is fed by, directly and through others that came or went with it."""
        found: set[Endpoint] = set()
        waiting, seen = [subject], {subject}
        while waiting:
            for end in among[waiting.pop()].content.links.values():
                found.add(end)
                source = self._source(subject.scope, end)
                if source in among and source not in seen:
                    seen.add(source)
                    waiting.append(source)
        return frozenset(found)


def _names_file(change: Changed, name: str) -> bool:
    """Whether a widget names a file now, or named it."""
    values = (change.old, change.new)
    return any(isinstance(value, str) and value.replace("\\", "/").endswith(name) for value in values)
