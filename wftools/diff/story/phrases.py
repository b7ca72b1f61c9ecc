"""Single changes in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.diff.changes import ABSENT, ROOT, Absent, Added, Changed, Endpoint, Removed, Subject, class_of
from wftools.diff.compare import same
from wftools.diff.inventory import is_model_file
from wftools.diff.story.names import quoted
from wftools.diff.story.pieces import Piece, Pieces, named, said, some
from wftools.errors import counted, shown
from wftools.graph.authored.editor_types import NOTES
from wftools.graph.authored.scopes import BYPASSED, MUTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.diff.changes import FactValue, Key
    from wftools.diff.compare import Comparison
    from wftools.diff.story.folding import Folded
    from wftools.diff.story.names import Names
    from wftools.diff.story.pieces import Role
    from wftools.diff.story.values import Telling
    from wftools.values import Json

_MOST: Final = 3  # links and files of a node that are named
_ALL: Final = 10**6
_MODES: Final = ((MUTED, "muted"), (BYPASSED, "bypassed"))


@dataclass(frozen=True)
class Phrases:
    """Words for the changes of one comparison."""

    comparison: Comparison
    names: Names
    telling: Telling

    @property
    def _most(self) -> int:
        return _ALL if self.telling.is_full else _MOST

    # What something is

    def noun(self, subject: Subject) -> Pieces:
        """What a subject is: a node by its type, as it is now."""
        if subject.kind != "node":
            return said("" if subject.kind == "workflow" else subject.kind)
        return said(named(self.names.type_of(subject)))

    def which(self, subject: Subject) -> Pieces:
        """What tells a subject from others of its kind."""
        part = self.names.part(subject)
        title = part.title if part is not None else ""
        match subject.kind:
            case "node":
                return self.names.which(subject)
            case "group" | "subgraph":
                return said(Piece(quoted(title), "name") if title else f"#{subject.id}")
            case "input" | "output":
                return said(named(self.names.slot(subject)))
            case "workflow":
                return said("the workflow")
            case _:
                return said(f"#{subject.id}" if subject.id.isdigit() else subject.id)

    # What came and went

    def content(self, change: Added | Removed) -> Iterator[Pieces]:
        """What is worth a word of a node that came or went: whether it is off, a note's text, model files."""
        tree, role = change.content.tree, _role(change)
        mode = _off(tree.get("mode")) if isinstance(tree, dict) else None
        if mode is not None:
            yield said(f"({mode})")
        part = self.names.part(change.subject)
        widgets = part.widgets if part is not None else {}
        if self.telling.is_full:
            for name, value in widgets.items():
                yield said(named(self.names.widget(change.subject, name)), " ", self._value(name, value, role))
        elif change.type in NOTES:
            text = widgets.get("text")
            is_untitled = part is not None and part.title in ("", change.type)
            if isinstance(text, str) and text.strip() and is_untitled and not self.telling.is_hidden("text", text):
                yield said(Piece(quoted(" ".join(text.split()).lstrip("#*- ")), role))
        else:
            yield from self._files(widgets, role)

    def _files(self, widgets: Mapping[str, Json], role: Role) -> Iterator[Pieces]:
        """The model files that a node names."""
        files = [said(self._value(name, value, role)) for name, value in widgets.items() if is_model_file(value)]
        if files:
            yield said("with ", some(files, _MOST))

    def definition(self, change: Added | Removed, *, with_instance: bool) -> Pieces:
        """How large a subgraph is that came or went."""
        tree = change.content.tree
        nodes = tree.get("nodes") if isinstance(tree, dict) else None
        count = len(nodes) if isinstance(nodes, list) else 0
        size = counted(count, "node")
        if not with_instance:
            return said(f"({size})")
        return said(f"(a new subgraph of {size})" if isinstance(change, Added) else f"(with its subgraph of {size})")

    def around(
        self, change: Added | Removed, between: Sequence[Changed], others: Sequence[Changed]
    ) -> Iterator[Pieces]:
        """The links of what came or went: `between #4.MODEL and #3.model`, `from #7.LATENT`, `to #9.images`."""
        is_added, scope = isinstance(change, Added), change.subject.scope
        passed = [each.old if is_added else each.new for each in between]
        ends = [end for end in change.content.links.values() if end not in passed]
        if between:
            sources = [*dict.fromkeys(self.names.end(scope, end) for end in passed if isinstance(end, Endpoint))]
            inputs = [self.names.input(each.subject, each.key) for each in between]
            word = "between" if is_added else "taken out between"
            yield said(f"{word} ", some(sources, self._most), " and ", some(inputs, self._most))
        if ends and (is_added or self.telling.is_full):
            sources = [*dict.fromkeys(self.names.end(scope, end) for end in ends)]
            yield said("from " if is_added else "was from ", some(sources, self._most))
        if others:
            inputs = [self._fed(each) if is_added else self.names.input(each.subject, each.key) for each in others]
            yield said("to " if is_added else "which fed ", some(inputs, self._most))

    def _fed(self, change: Changed) -> Pieces:
        was = said(" instead of ", self.names.end(change.subject.scope, change.old)) if change.old else ()  # type: ignore[arg-type]
        return said(self.names.input(change.subject, change.key), was)

    # What is another

    def details(self, subject: Subject, changes: Sequence[Changed], folded: Folded) -> Iterator[Pieces]:
        """What changed of a subject that both versions have, each in a few words."""
        meant = {each.key: each for each in changes if class_of(each) == "semantic"}
        retyped = meant.pop(("type",), None) if subject.kind == "node" else None
        if retyped is not None:
            yield from self._of_type(retyped, folded.following(subject).fed)
        if subject.kind in ("input", "output"):
            yield from self._of_name(subject, meant.pop(("name",), None), meant.pop(("label",), None))
        if self.names.is_definition(changes[0].type):
            yield from self._of_moved_widgets(meant)
        for key, change in meant.items():
            match key[0]:
                case "widget" if retyped is not None and key[1].startswith("widget[") and not self.telling.is_full:
                    pass  # what has no name cannot be compared over types
                case "title" if retyped is not None and not self.telling.is_full:
                    pass  # most go by the type
                case "widget" if ("link", key[1]) in meant and ABSENT in (change.old, change.new):
                    pass  # told with the link in its place
                case "link":
                    yield self._of_link(change, meant.get(("widget", key[-1])))
                case "inputs" | "outputs" if subject.kind == "subgraph":
                    if _is_reordered(change.old, change.new):
                        yield said(f"order of {key[0]} changed")
                case "model":
                    pass  # told below, together
                case _:
                    yield self._detail(change)
        yield from self._of_models([each for key, each in meant.items() if key[0] == "model"])
        yield from self._of_looks([each for each in changes if class_of(each) != "semantic"])

    def _of_moved_widgets(self, meant: dict[Key, Changed]) -> Iterator[Pieces]:
        """Inputs of a subgraph that show another widget inside than before; their changes are taken out of `meant`."""
        gone: dict[Subject, Changed] = {}
        for change in [*meant.values()]:
            slot = self.names.slot_of(change.type, change.key[1]) if change.key[0] == "widget" else None
            other = gone.get(slot) if slot is not None else None
            if slot is not None and change.new is ABSENT:
                gone[slot] = change
            elif slot is not None and other is not None and change.old is ABSENT:
                del meant[change.key], meant[other.key]
                if not same(other.old, change.new):
                    words = self.telling.change(change.key[1], other.old, change.new)
                    yield said(named(self.names.slot(slot)), " ", words)
                elif self.telling.is_full:
                    yield said(named(change.key[1]), " shown in place of ", named(other.key[1]))

    def _of_looks(self, changes: Sequence[Changed]) -> Iterator[Pieces]:
        """What is not meant: by its topic, in full with the values."""
        if self.telling.is_full:
            for each in changes:
                name = ".".join(each.key)
                yield said(f"{each.topic}: ", self._of_value(name, each.key[-1], each.old, each.new))
        else:
            yield from map(said, dict.fromkeys(each.topic for each in changes))

    def _of_type(self, change: Changed, fed: Sequence[Changed]) -> Iterator[Pieces]:
        """What a node is in place of, and the inputs that another of its outputs feeds now."""
        pair = self.comparison.matching.pairs.get(change.subject)
        was = said(Piece(self.names.type(str(change.old)), "old"))
        is_replaced = pair is not None and pair.how == "replaced"
        yield said("in place of ", was, f" #{change.subject.id}") if is_replaced else said("was ", was)
        part = self.names.part(change.subject)
        if part is not None and not self.telling.is_full:  # where its values are told as changes
            yield from self._files(part.widgets, "new")
        for each in fed:
            if isinstance(each.old, Endpoint) and isinstance(each.new, Endpoint):
                ends = named(each.new.output), " instead of ", named(each.old.output)
                yield said("feeds ", self.names.input(each.subject, each.key), " by ", *ends)

    def _of_name(self, subject: Subject, name: Changed | None, label: Changed | None) -> Iterator[Pieces]:
        """What a subgraph's input or output was called: people see its label, or its name if it has none."""
        if name is None and label is None:
            return
        part = self.comparison.old.parts.get(subject)
        was = "" if part is None else part.tree.get("label") or subject.id
        if was != self.names.slot(subject):
            yield said("renamed from ", Piece(quoted(str(was)), "old"))
        elif self.telling.is_full and name is not None:
            yield said("name behind its label ", self.telling.change("name", name.old, name.new))
        else:
            yield said("called so by its label" if name is None else "has another name behind its label")

    def _detail(self, change: Changed) -> Pieces:
        subject, key, old, new = change.subject, change.key, change.old, change.new
        match key[0]:
            case "widget":
                return self._of_value(self.names.widget(subject, key[1]), key[1], old, new)
            case "mode":
                return said(_off(new) or f"{_mode(new)} (was {_mode(old)})")
            case "title" | "name" if isinstance(old, str) and isinstance(new, str):
                return said("renamed from ", Piece(quoted(old), "old"))
            case "title":
                return (
                    said("title ", Piece(quoted(str(old)), "old"), " dropped") if new is ABSENT else said("title set")
                )
            case "input" | "output" if len(key) == 3:
                return self._of_value(f"label of {key[1]}", "label", old, new)
            case _:
                return self._of_value(".".join(key), key[-1], old, new)

    def _of_link(self, change: Changed, value: Changed | None) -> Pieces:
        """`model rewired from … to …`; `value` is that of the widget in whose place a link came or went."""
        scope, old, new = change.subject.scope, change.old, change.new
        where = said(named(change.key[1]), " ") if len(change.key) > 1 else ()
        if isinstance(new, Endpoint) and isinstance(old, Endpoint):
            ends = self.names.end_in_full(scope, old), self.names.end_in_full(scope, new)
            return said(where, "rewired from ", _as("old", ends[0]), " to ", _as("new", ends[1]))
        if isinstance(new, Endpoint):
            had = value is not None and value.new is ABSENT
            was = said(" instead of ", self._value(value.key[1], value.old, "old")) if value is not None and had else ()
            return said(where, "connected to ", _as("new", self.names.end_in_full(scope, new)), was)
        assert isinstance(old, Endpoint)
        has = value is not None and value.old is ABSENT
        now = said(", is ", self._value(value.key[1], value.new, "new")) if value is not None and has else ()
        return said(where, "disconnected from ", _as("old", self.names.end_in_full(scope, old)), now)

    def _of_models(self, changes: Sequence[Changed]) -> Iterator[Pieces]:
        """The model files that a node lists."""
        addresses: dict[Pieces, list[str]] = {}
        for change in changes:
            name, old, new = change.key[1], change.old, change.new
            if isinstance(old, dict) and isinstance(new, dict) and {**old, "url": ""} == {**new, "url": ""}:
                words = self.telling.change("url", old.get("url", ABSENT), new.get("url", ABSENT))
                marks = tuple(piece for piece in words if piece.role in ("deleted", "inserted")) or words
                addresses.setdefault(words if self.telling.is_full else marks, []).append(name)
            elif isinstance(old, Absent):
                yield said("model file ", Piece(name, "new"), " listed")
            elif isinstance(new, Absent):
                yield said("model file ", Piece(name, "old"), " no longer listed")
            else:
                yield self._of_value(f"model file {name}", name, old, new)
        for words, names in addresses.items():
            which = f"model file {names[0]}" if len(names) == 1 else f"{len(names)} model files"
            yield said(f"address of {which} ", words)

    def set_to(self, change: Changed, *, with_instance: bool) -> Pieces:
        """The value that a subgraph's instance has in a new input."""
        where = f" in #{self.names.id(change.subject)}" if with_instance else ""
        return said("set to ", self._value(change.key[1], change.new, "new"), where)

    def _of_value(self, label: str, name: str, old: FactValue, new: FactValue) -> Pieces:
        if isinstance(old, Absent):
            return said(named(label), " set to ", self._value(name, new, "new"))
        if isinstance(new, Absent):
            return said(named(label), " dropped (was ", self._value(name, old, "old"), ")")
        return said(named(label), " ", self.telling.change(name, old, new))

    def _value(self, name: str, value: FactValue, role: Role) -> Piece:
        return Piece(self.telling.shown(name, value), role)


def definition_of(change: Added | Removed) -> Subject:
    """The definition of which a node would be an instance."""
    return Subject(ROOT, "subgraph", change.type)


def _as(role: Role, pieces: Pieces) -> Pieces:
    return tuple(Piece(piece.text, role) for piece in pieces)


def _role(change: Added | Removed) -> Role:
    return "new" if isinstance(change, Added) else "old"


def _off(mode: object) -> str | None:
    """The word for a mode in which a node does not run; None for any other."""
    return next((word for off, word in _MODES if off == mode), None)


def _mode(value: FactValue) -> str:
    return "enabled" if value in (ABSENT, 0, None) else _off(value) or f"mode {shown(value)}"


def _is_reordered(old: FactValue, new: FactValue) -> bool:
    """Whether what stands in both lists has another order."""
    if not isinstance(old, list) or not isinstance(new, list):
        return True
    return [each for each in old if each in new] != [each for each in new if each in old]
