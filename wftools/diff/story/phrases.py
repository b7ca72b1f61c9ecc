"""Single changes in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wftools.diff.changes import ABSENT, ROOT, Absent, Added, Changed, Endpoint, Removed, Subject, class_of
from wftools.diff.story.names import quoted
from wftools.diff.story.pieces import Piece, Pieces, named, said, some
from wftools.graph.authored.scopes import BYPASSED, MUTED, NOTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.diff.changes import FactValue
    from wftools.diff.compare import Comparison
    from wftools.diff.story.folding import Folded
    from wftools.diff.story.names import Names
    from wftools.diff.story.pieces import Role
    from wftools.diff.story.values import Telling

_MOST: Final = 3  # links and files of a node that are named
_ALL: Final = 10**6
_MODEL_FILES: Final = (".safetensors", ".ckpt", ".pt", ".pth", ".gguf", ".sft", ".bin", ".onnx")
_MODES: Final[Mapping[object, str]] = {MUTED: "muted", BYPASSED: "bypassed"}


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
        """What a subject is: of a node its type, and of one that has another type now, both."""
        if subject.kind != "node":
            return said("" if subject.kind == "workflow" else subject.kind)
        part = self.names.part(subject)
        return said(named(self.names.type(part.type if part is not None else "")))

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
                return said(f"#{subject.id}")

    # What came and went

    def content(self, change: Added | Removed) -> Iterator[Pieces]:
        """What is worth a word of a node that came or went: whether it is off, a note's text, model files."""
        tree, role = change.content.tree, _role(change)
        mode = _MODES.get(tree.get("mode")) if isinstance(tree, dict) else None
        if mode is not None:
            yield said(f"({mode})")
        part = self.names.part(change.subject)
        widgets = part.widgets if part is not None else {}
        if self.telling.is_full:
            for name, value in widgets.items():
                yield said(named(self.names.widget(change.subject, name)), " ", self._value(name, value, role))
        elif change.type in NOTES:
            text = widgets.get("text")
            if isinstance(text, str) and text.strip() and part is not None and part.title in ("", change.type):
                yield said(Piece(quoted(" ".join(text.split()).lstrip("#*- ")), role))
        else:
            files = [
                said(self._value(name, value, role))
                for name, value in widgets.items()
                if isinstance(value, str) and value.lower().endswith(_MODEL_FILES)
            ]
            if files:
                yield said("with ", some(files, _MOST))

    def definition(self, change: Added | Removed, *, with_instance: bool) -> Pieces:
        """How large a subgraph is that came or went."""
        tree = change.content.tree
        nodes = tree.get("nodes") if isinstance(tree, dict) else None
        count = len(nodes) if isinstance(nodes, list) else 0
        size = f"{count} node" if count == 1 else f"{count} nodes"
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
        topics: set[str] = set()
        by_key = {each.key: each for each in changes}
        for change in changes:
            key, old, new = change.key, change.old, change.new
            if class_of(change) != "semantic":
                if self.telling.is_full:
                    yield said(f"{change.topic}: ", self._of_value(".".join(key), key[-1], old, new))
                elif change.topic not in topics:
                    topics.add(change.topic)
                    yield said(change.topic)
            elif key == ("type",) and subject.kind == "node":
                yield self._of_type(change)
            elif key[0] == "widget" and ("link", key[1]) in by_key and ABSENT in (old, new):
                continue  # told with the link in its place
            elif key[0] == "link":
                yield self._of_link(change, by_key.get(("widget", key[-1])))
            elif subject.kind == "subgraph" and key in (("inputs",), ("outputs",)):
                if _is_reordered(old, new):
                    yield said(f"order of {key[0]} changed")
            elif key[0] != "model":
                yield self._detail(change)
        yield from self._of_models([each for each in changes if each.key[0] == "model"], folded)

    def _of_type(self, change: Changed) -> Pieces:
        pair = self.comparison.matching.pairs.get(change.subject)
        was = said(Piece(self.names.type(str(change.old)), "old"))
        if pair is not None and pair.how == "replaced":
            return said("in place of ", was, f" #{change.subject.id}")
        return said("was ", was)

    def _detail(self, change: Changed) -> Pieces:
        subject, key, old, new = change.subject, change.key, change.old, change.new
        match key[0]:
            case "widget":
                return self._of_value(self.names.widget(subject, key[1]), key[1], old, new)
            case "mode":
                return said(_mode(new) if new in _MODES else f"{_mode(new)} (was {_mode(old)})")
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

    def _of_models(self, changes: Sequence[Changed], folded: Folded) -> Iterator[Pieces]:
        """The model files that a node lists: those that a widget names now, or named, are told by that."""
        addresses: dict[Pieces, list[str]] = {}
        for change in changes:
            name, old, new = change.key[1], change.old, change.new
            if isinstance(old, dict) and isinstance(new, dict) and {**old, "url": ""} == {**new, "url": ""}:
                words = self.telling.change("url", old.get("url", ABSENT), new.get("url", ABSENT))
                marks = tuple(piece for piece in words if piece.role != "text")
                addresses.setdefault(words if self.telling.is_full else marks, []).append(name)
            elif self.telling.is_full or not folded.is_named_by_widget(name):
                if isinstance(old, Absent):
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


def _mode(value: Any) -> str:
    return "enabled" if value in (ABSENT, 0, None) else _MODES.get(value, f"mode {value}")


def _is_reordered(old: FactValue, new: FactValue) -> bool:
    """Whether what stands in both lists has another order."""
    if not isinstance(old, list) or not isinstance(new, list):
        return True
    return [each for each in old if each in new] != [each for each in new if each in old]
