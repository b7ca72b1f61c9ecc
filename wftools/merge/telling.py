"""Conflicts in words: where each stands, what the versions say, and what the file has meanwhile."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from wftools.diff.changes import ABSENT, ROOT, Absent, Changed, Endpoint, Subject, class_of
from wftools.diff.compare import compare
from wftools.diff.reporters._lines import shown
from wftools.diff.story import Pieces, Telling, plain
from wftools.diff.story.pieces import named, said, some
from wftools.diff.version import Version
from wftools.document import Document, SourceText
from wftools.errors import counted, listed
from wftools.escaping import printable
from wftools.graph.authored.scopes import BYPASSED, INPUTS, MUTED
from wftools.merge.decisions import SIDES, Whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.changes import Kind
    from wftools.merge.decisions import Action, Conflict, Decision, Merged, SideName, Value
    from wftools.merge.files import ConflictedFile

_MAX_TITLE: Final = 40  # characters
_MOST_NOTED: Final = 4  # nodes that one note names
_MOST_EDITS: Final = 4  # of something that is kept, that are told
_MODES: Final[Mapping[object, str]] = {0: "active", MUTED: "muted", BYPASSED: "bypassed"}


@dataclass(frozen=True)
class ToldConflict:
    """One conflict as a person reads it."""

    id: str
    kind: str
    place: Pieces  # the node, and what of it
    sides: tuple[tuple[SideName, str, Pieces], ...]  # each with its label and what it says
    chosen: SideName


class ConflictTeller:
    """Tells the conflicts of one merged file."""

    def __init__(self, version: Version, telling: Telling | None = None) -> None:
        self._version = version
        self._telling = telling or Telling()

    def told(self, conflict: Conflict) -> ToldConflict:
        """A conflict in words."""
        sides = tuple(
            (side, getattr(conflict.labels, side), self._value(conflict, side))
            for side in SIDES
            if side != "base" or conflict.values.base is not ABSENT or conflict.values.ours is ABSENT
        )
        return ToldConflict(conflict.id, conflict.kind, self.place(conflict), sides, conflict.chosen)

    def place(self, conflict: Conflict | Decision) -> Pieces:
        """`KSampler #3 "Refine": steps`."""
        what = self._fact(conflict)
        return said(self.subject(conflict), ": ", *what) if what else self.subject(conflict)

    # Where

    def subject(self, conflict: Conflict | Decision) -> Pieces:
        """`KSampler #3 "Refine"`."""
        subject = conflict.subject
        part = self._version.parts.get(subject)
        tree: Any = part.tree if part is not None else _tree_of(conflict)
        tree = tree if isinstance(tree, dict) else {}
        inside = self._scope(subject.scope)
        match subject.kind:
            case "workflow":
                return said("the workflow")
            case "node":
                return (*inside, *self._node(subject, tree))
            case "subgraph":
                return said("subgraph ", named(_quoted(tree.get("name") or subject.id)))
            case "group":
                return (*inside, *said("group ", named(_quoted(tree.get("title") or subject.id))))
            case _:
                return (*inside, *said(f"{subject.kind} ", named(tree.get("label") or subject.id)))

    def _scope(self, scope: str) -> Pieces:
        if scope == ROOT:
            return ()
        part = self._version.parts.get(Subject(ROOT, "subgraph", scope))
        return said("in subgraph ", named(_quoted(part.title if part is not None and part.title else scope)), ": ")

    def _node(self, subject: Subject, tree: Mapping[str, Any]) -> Pieces:
        type_ = tree.get("type", tree.get("class_type"))
        definition = self._version.parts.get(Subject(ROOT, "subgraph", str(type_)))
        kind = definition.title or str(type_) if definition is not None else str(type_ or "node")
        meta = tree.get("_meta")
        title = meta.get("title") if isinstance(meta, dict) else tree.get("title")
        is_told = isinstance(title, str) and title and title not in (kind, type_)
        return said(named(kind), f" #{subject.id}", *([f" {_quoted(title)}"] if is_told else []))

    def _fact(self, conflict: Conflict | Decision) -> Pieces:
        match conflict.key:
            case ():
                return ()
            case ("widget" | "property" | "model" | "extra" | "config" | "flag" | "meta", name):
                return said(named(name))
            case ("link", name):
                return said("input ", named(name))
            case ("link",):
                return said("its link")
            case (name,):
                return said(name)
            case (kind, name, *rest):
                return said(f"{kind} ", named(name), *(f" {each}" for each in rest))
        return ()

    # What

    def _value(self, conflict: Conflict, side: SideName) -> Pieces:
        value = conflict.values.of(side)
        if not conflict.key:
            return self._whole(conflict, side)
        if conflict.key == ("mode",):
            number = 0 if isinstance(value, Absent) else value
            return said(_MODES.get(number, str(number)) if isinstance(number, int) else self._shown(conflict, value))
        if isinstance(value, Endpoint):
            return self._end(conflict.subject.scope, value)
        if isinstance(value, Absent):
            return said("not linked" if conflict.key[0] == "link" else "nothing")
        base = conflict.values.base
        if side != "base" and isinstance(value, str) and isinstance(base, str) and "\n" in f"{value}{base}":
            return self._telling.words(base, value)
        return said(self._shown(conflict, value))

    def _shown(self, conflict: Conflict, value: Value) -> str:
        assert not isinstance(value, Whole)
        return self._telling.shown(conflict.key[-1], value)

    def _end(self, scope: str, end: Endpoint) -> Pieces:
        if end.node == INPUTS:
            return said("from input ", named(end.output), " of the subgraph")
        subject = Subject(scope, "node", end.node)
        part = self._version.parts.get(subject)
        node = self._node(subject, part.tree) if part is not None else said(f"#{end.node.rstrip('*')}, which is gone")
        return said("from ", named(end.output), " of ", node)

    def _whole(self, conflict: Conflict, side: SideName) -> Pieces:
        """What a version has of something that another one lacks."""
        value = conflict.values.of(side)
        if conflict.kind == "graph":
            return said("nothing" if isinstance(value, Absent) else "the whole workflow")
        if isinstance(value, Absent):
            return said("not there" if side == "base" else "deleted")
        assert isinstance(value, Whole)
        edits = self._edits(conflict, value) if side != "base" else ()
        head = said("there" if side == "base" else "kept")
        return said(head, ": ", edits) if edits else head

    def _edits(self, conflict: Conflict, value: Whole) -> Pieces:
        """What a side did to something that it kept: that is why it is kept."""
        base = conflict.values.base
        if not isinstance(base, Whole):
            return ()
        was = dict(base.parts)
        told: list[Pieces] = []
        for subject, content in value.parts:
            before = was.get(subject)
            if before is None:
                continue
            told += [
                said(named(each.key[-1]), " ", self._telling.change(each.key[-1], each.old, each.new))
                for each in self._changes(subject.kind, before.tree, content.tree)
            ]
            told += [
                said("input ", named(name), " linked anew")
                for name, end in content.links.items()
                if end != before.links.get(name)
            ]
        if {use.key for use in value.uses} - {use.key for use in base.uses} or len(value.uses) > len(base.uses):
            told.append(said("linked to"))
        return some(told, _MOST_EDITS)

    def _changes(self, kind: Kind, old: Any, new: Any) -> Iterator[Changed]:
        """What means something of the changes from one JSON of a subject to another, links apart."""
        before, after = (self._alone(kind, tree) for tree in (old, new))
        if before is None or after is None:
            return
        for change in compare(before, after).changes:
            if isinstance(change, Changed) and class_of(change) == "semantic" and change.key[0] != "link":
                yield change

    def _alone(self, kind: Kind, tree: Any) -> Version | None:
        """A version with nothing but one thing in it, and the subgraphs that are there."""
        if not isinstance(tree, dict) or kind in ("input", "output"):
            return None
        document = self._version.document
        if document.form == "api":
            alone: dict[str, Any] = {"1": tree}
        else:
            definitions = [part.tree for part in self._version.of_kind("subgraph")]
            if kind == "subgraph":
                definitions = [tree, *(each for each in definitions if each.get("id") != tree.get("id"))]
            alone = {"nodes": [tree] if kind == "node" else [], "links": [], "definitions": {"subgraphs": definitions}}
            alone |= {"groups": [tree]} if kind == "group" else {}
        made = Document(document.form, alone, SourceText("", ""), alone)
        return Version.of(made, self._version.catalogue)


def _tree_of(conflict: Conflict | Decision) -> Any:
    """The JSON of something that is not in the file, as a version has it."""
    for side in ("theirs", "ours", "base"):
        value = conflict.values.of(side)
        if isinstance(value, Whole):
            return next((content.tree for subject, content in value.parts if subject == conflict.subject), None)
    return None


def _quoted(text: Any) -> str:
    shown = str(text)
    return f'"{shown if len(shown) <= _MAX_TITLE else shown[: _MAX_TITLE - 1] + "…"}"'


# Texts for terminals


def told_files(files: Iterable[ConflictedFile]) -> str:
    """The open conflicts of files, for people; "" if there are none."""
    blocks = []
    for file in files:
        if file.conflicts:
            count = counted(len(file.conflicts), "open conflict")
            lines = [f"{click.style(printable(file.name), bold=True)}: {count}"]
            for conflict in file.conflicts:
                lines += told_conflict(file.teller.told(conflict))
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def told_conflict(told: ToldConflict) -> Iterator[str]:
    """The lines of one conflict: where it is, what each version says, and which of that the file has."""
    yield f"  {click.style(told.id, bold=True)} {shown(told.place)} {click.style(f'({told.kind})', dim=True)}"
    names = [side if side == label else f"{side} ({printable(label)})" for side, label, _ in told.sides]
    width = max(map(len, names))
    for name, (side, _, value) in zip(names, told.sides, strict=True):
        taken = click.style("  <- for now", fg="yellow") if side == told.chosen else ""
        yield f"     {name.ljust(width)}  {shown(value)}{taken}"


_ACTIONS: Final[Mapping[Action, str]] = {
    "theirs": "taken of theirs",
    "ours": "kept of ours",
    "both": "the same on both sides",
    "combined": "combined",
    "favored": "favored",
}


def told_merge(merged: Merged, catalogue: Catalogue) -> Iterator[str]:
    """What a person is told of a merge: conflicts, notes, and how much was taken of either side."""
    teller = ConflictTeller(Version.of(merged.document, catalogue))
    noted: dict[str, dict[str, None]] = {}
    for decision in merged.decisions:
        if decision.note:
            noted.setdefault(decision.note, {})[plain(teller.subject(decision))] = None
    for topic, subjects in noted.items():
        yield f"note: {topic} on both sides, ours is kept: {listed([*subjects], _MOST_NOTED)}"
    for conflict in merged.conflicts:
        told = teller.told(conflict)
        sides = ", ".join(f"{label} {plain(value)}" for _, label, value in told.sides)
        yield f"CONFLICT {told.id} ({told.kind}): {plain(told.place)}: {sides}"
    counts = Counter(decision.action for decision in merged.decisions)
    parts = [f"{counts[action]} {word}" for action, word in _ACTIONS.items() if counts[action]]
    head = counted(len(merged.conflicts), "conflict") if merged.conflicts else "clean"
    yield f"{head}: {', '.join(parts)}" if parts else head
