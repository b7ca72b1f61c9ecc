"""Changes -> entries: each says one thing that was done, in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.diff.changes import ABSENT, ROOT, Absent, Added, Changed, Endpoint, Removed, Subject, class_of
from wftools.diff.compare import same
from wftools.diff.story.entries import Chapter, Entry
from wftools.diff.story.folding import Folded
from wftools.diff.story.names import Names, quoted
from wftools.diff.story.pieces import Piece, Pieces, joined, named, said, some
from wftools.graph.authored.scopes import BYPASSED, MUTED, NOTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.diff.changes import Change, FactValue, Key
    from wftools.diff.compare import Comparison
    from wftools.diff.story.entries import Sign
    from wftools.diff.story.values import Telling

_MOST_ENDS: Final = 3  # links of a node that are named
_MODEL_FILES: Final = (".safetensors", ".ckpt", ".pt", ".pth", ".gguf", ".sft", ".bin", ".onnx")
_MODES: Final[Mapping[object, str]] = {MUTED: "muted", BYPASSED: "bypassed"}
_ORDER: Final = {"node": 0, "subgraph": 1, "input": 2, "output": 3, "reroute": 4, "group": 5, "workflow": 6}


@dataclass
class _Draft:
    """An entry in the making."""

    sign: Sign
    head: Pieces
    subjects: list[Subject]
    changes: list[Change]
    details: list[Pieces] = field(default_factory=list)

    def entry(self) -> Entry:
        return Entry(self.sign, self.head, tuple(self.details), tuple(self.subjects), tuple(self.changes))


class Teller:
    """Tells the changes of one comparison."""

    def __init__(self, comparison: Comparison, changes: Sequence[Change], telling: Telling) -> None:
        self._comparison = comparison
        self._telling = telling
        self.names = Names(comparison)
        self._changes = changes
        self._folded = Folded(changes)
        self._of_subject: defaultdict[Subject, list[Changed]] = defaultdict(list)
        self._copies: dict[int, Changed] = {}  # changes that repeat one that is told, by its identity
        self._told: set[int] = set()  # the identities of changes that an entry tells already

    def chapters(self) -> tuple[Chapter, ...]:
        """The entries by scope, the workflow itself first."""
        drafts = [*self._came_and_went()]
        for change in self._changes:
            if isinstance(change, Changed) and id(change) not in self._told:
                self._of_subject[change.subject].append(change)
        self._fold_copies()
        drafts += self._edited()
        by_scope: defaultdict[str, list[_Draft]] = defaultdict(list)
        for draft in sorted(drafts, key=lambda draft: _ORDER[draft.subjects[0].kind]):
            subject = draft.subjects[0]
            by_scope[subject.id if subject.kind == "subgraph" and draft.sign == "~" else subject.scope].append(draft)
        ordered = dict.fromkeys((*self._comparison.old.scopes, *self._comparison.new.scopes, *by_scope))
        return tuple(
            Chapter(
                scope,
                () if scope == ROOT else self.names.scope(scope),
                tuple(each.entry() for each in self._united(by_scope[scope])),
            )
            for scope in ordered
            if scope in by_scope
        )

    # What came and went

    def _came_and_went(self) -> Iterator[_Draft]:
        instances = {
            (type(change), change.type)
            for change in self._changes
            if isinstance(change, Added | Removed) and change.type
        }
        for change in self._changes:
            if isinstance(change, Changed):
                continue
            if change.subject.kind == "subgraph" and (type(change), change.subject.id) in instances:
                self._told.add(id(change))  # told with its instance
                continue
            yield self._of_whole(change)

    def _of_whole(self, change: Added | Removed) -> _Draft:
        subject = change.subject
        sign: Sign = "+" if isinstance(change, Added) else "-"
        draft = _Draft(sign, self._head(subject), [subject], [change])
        self._told.add(id(change))
        if subject.kind == "node":
            if self.names.is_definition(change.type):
                self._tell_definition(draft, change)
            draft.details += self._of_content(change)
        if subject.kind == "subgraph":
            draft.details.append(said(_size_of_definition(change.content.tree)))
        draft.details += self._links_around(draft, change)
        return draft

    def _tell_definition(self, draft: _Draft, change: Added | Removed) -> None:
        of = self._folded.added if isinstance(change, Added) else self._folded.removed
        definition = of.get(Subject(ROOT, "subgraph", change.type))
        if definition is not None:
            draft.changes.append(definition)
            word = "a new subgraph" if isinstance(change, Added) else "with its subgraph"
            draft.details.append(said(f"{word} of {_size_of_definition(definition.content.tree)}"))

    def _of_content(self, change: Added | Removed) -> Iterator[Pieces]:
        """What is worth a word of a node that came or went: whether it is off, a note's text, model files."""
        tree = change.content.tree
        mode = _MODES.get(tree.get("mode")) if isinstance(tree, dict) else None
        if mode is not None:
            yield said(mode)
        part = self.names.part(change.subject)
        widgets = part.widgets if part is not None else {}
        for name, value in widgets.items():
            if change.type in NOTES and name == "text" and isinstance(value, str):
                yield said(Piece(self._telling.shown(name, " ".join(value.split())), _role(change)))
            elif self._telling.is_full or (isinstance(value, str) and value.lower().endswith(_MODEL_FILES)):
                yield said(named(self._widget(change.subject, name)), " ", self._value(name, value, _role(change)))

    def _links_around(self, draft: _Draft, change: Added | Removed) -> Iterator[Pieces]:
        subject = change.subject
        around = self._folded.around.get(subject)
        between, others = (around.between, around.others) if around is not None else ([], [])
        for each in (*between, *others):
            draft.changes.append(each)
            self._told.add(id(each))
        is_added = isinstance(change, Added)
        ends = [*change.content.links.values()]
        if between:
            was = [self._end(change, each.old if is_added else each.new) for each in between]
            inputs = [self.names.input(each.subject, each.key) for each in between]
            word = "between" if is_added else "taken out between"
            yield said(f"{word} ", some([*dict.fromkeys(was)], _MOST_ENDS), " and ", some(inputs, self._most))
            passed = {each.old if is_added else each.new for each in between}
            ends = [end for end in ends if end not in passed]
        if ends and (is_added or self._telling.is_full):
            sources = [*dict.fromkeys(self._end(change, end) for end in ends)]
            yield said("from " if is_added else "was from ", some(sources, self._most))
        if others:
            inputs = [
                said(self.names.input(each.subject, each.key), self._instead(each.subject.scope, each.old))
                if is_added
                else self.names.input(each.subject, each.key)
                for each in others
            ]
            word = ("to" if is_added else "which fed") if subject.kind == "node" else ("to" if is_added else "was to")
            yield said(f"{word} ", some(inputs, self._most))

    def _instead(self, scope: str, old: FactValue) -> Pieces:
        return said(" instead of ", self.names.end(scope, old)) if isinstance(old, Endpoint) else ()

    def _end(self, change: Change, end: FactValue) -> Pieces:
        assert isinstance(end, Endpoint)
        return self.names.end(change.subject.scope, end)

    @property
    def _most(self) -> int:
        return 10**6 if self._telling.is_full else _MOST_ENDS

    # What is another

    def _fold_copies(self) -> None:
        """Tell the value of a subgraph's instance and that of the widget inside once, where both changed alike."""
        for subject, changes in [*self._of_subject.items()]:
            for shown in changes:
                if shown.key[0] != "widget" or "." not in shown.key[1] or not self.names.is_definition(shown.type):
                    continue
                node, _, name = shown.key[1].partition(".")
                inside = Subject(shown.type, "node", node)
                inner = next((each for each in self._of_subject[inside] if each.key == ("widget", name)), None)
                if inner is None or not same(shown.new, inner.new):
                    continue
                if isinstance(shown.old, Absent):
                    self._of_subject[subject] = [each for each in self._of_subject[subject] if each is not shown]
                    self._copies[id(inner)] = shown
                elif same(shown.old, inner.old):
                    self._of_subject[inside] = [each for each in self._of_subject[inside] if each is not inner]
                    self._copies[id(shown)] = inner

    def _edited(self) -> Iterator[_Draft]:
        for subject, changes in self._of_subject.items():
            if not changes:
                continue
            copies = [self._copies[id(each)] for each in changes if id(each) in self._copies]
            draft = _Draft("~", self._head(subject), [subject], [*changes, *copies])
            draft.details += self._details(subject, changes)
            if draft.details:
                yield draft

    def _head(self, subject: Subject) -> Pieces:
        scope, kind, id_ = subject
        part = self.names.part(subject)
        title = part.title if part is not None else ""
        match kind:
            case "node":
                return self.names.node(scope, id_)
            case "group":
                return said("group ", Piece(quoted(title), "name") if title else f"#{id_}")
            case "subgraph":
                return said("subgraph ", Piece(quoted(title or id_), "name"))
            case "workflow":
                return said("workflow")
            case "reroute":
                return said(f"reroute #{id_}")
            case _:
                return said(f"{kind} ", named(self.names.slot(subject)))

    def _details(self, subject: Subject, changes: Sequence[Changed]) -> Iterator[Pieces]:
        values = [value for each in changes if each.key[0] == "widget" for value in (each.old, each.new)]
        topics = [each.topic for each in changes if class_of(each) != "semantic"]
        for change in changes:
            key, old, new = change.key, change.old, change.new
            if class_of(change) != "semantic":
                if self._telling.is_full:
                    yield said(f"{change.topic}: ", named(".".join(key)), " ", self._change(key, old, new))
                elif change.topic in topics:
                    yield said(change.topic)
                    topics = [topic for topic in topics if topic != change.topic]
            elif key[0] == "model" and not self._telling.is_full and _is_told_by(key[1], values):
                continue  # the file that a widget names now, or named
            elif subject.kind == "subgraph" and key in (("inputs",), ("outputs",)):
                if _is_reordered(old, new):
                    yield said(f"order of {key[0]} changed")
            else:
                yield self._detail(change)

    def _detail(self, change: Changed) -> Pieces:
        subject, key, old, new = change.subject, change.key, change.old, change.new
        match key[0]:
            case "widget":
                return self._of_value(self._widget(subject, key[1]), key[1], old, new)
            case "link":
                return self._of_link(change)
            case "mode":
                return said(_mode(new) if new in _MODES else f"{_mode(new)} (was {_mode(old)})")
            case "type" if subject.kind == "node":
                pair = self._comparison.matching.pairs.get(subject)
                word = "replaced by" if pair is not None and pair.how == "replaced" else "is now"
                return said(
                    Piece(self.names.type(str(old)), "old"), f" {word} ", Piece(self.names.type(str(new)), "new")
                )
            case "title" | "name" if isinstance(old, str) and isinstance(new, str):
                return said("renamed from ", Piece(quoted(old), "old"))
            case "title":
                word = "title " if isinstance(old, Absent) else "title dropped "
                return said(word, Piece(quoted(str(new or old)), "old" if isinstance(new, Absent) else "new"))
            case "label":
                return self._of_value("label", "label", old, new)
            case "input" | "output" if len(key) == 3:
                return self._of_value(f"label of {key[1]}", "label", old, new)
            case "model":
                return self._of_value(f"model {key[1]}", key[1], old, new)
            case _:
                return self._of_value(".".join(key), key[-1], old, new)

    def _of_link(self, change: Changed) -> Pieces:
        scope, old, new = change.subject.scope, change.old, change.new
        where = said(named(change.key[1]), " ") if len(change.key) > 1 else ()
        if isinstance(new, Endpoint) and isinstance(old, Endpoint):
            ends = self.names.end_in_full(scope, old), self.names.end_in_full(scope, new)
            return (*where, *said("rewired from ", _as("old", ends[0]), " to ", _as("new", ends[1])))
        if isinstance(new, Endpoint):
            return (*where, *said("connected to ", _as("new", self.names.end_in_full(scope, new))))
        assert isinstance(old, Endpoint)
        return (*where, *said("disconnected from ", _as("old", self.names.end_in_full(scope, old))))

    def _of_value(self, label: str, name: str, old: FactValue, new: FactValue) -> Pieces:
        if isinstance(old, Absent):
            return said(named(label), " set to ", self._value(name, new, "new"))
        if isinstance(new, Absent):
            return said(named(label), " dropped (was ", self._value(name, old, "old"), ")")
        return said(named(label), " ", self._change((name,), old, new))

    def _change(self, key: Key, old: FactValue, new: FactValue) -> Pieces:
        return self._telling.change(key[-1], old, new)

    def _value(self, name: str, value: FactValue, role: Any) -> Piece:
        return Piece(self._telling.shown(name, value), role)

    def _widget(self, subject: Subject, name: str) -> str:
        return self.names.widget(subject, name)

    # The same in many places

    def _united(self, drafts: Sequence[_Draft]) -> Iterator[_Draft]:
        """One entry for what was done to several alike."""
        alike: dict[tuple[object, ...], _Draft] = {}
        for draft in drafts:
            key = (draft.sign, draft.subjects[0].kind, tuple(draft.details))
            known = alike.get(key)
            if known is None:
                alike[key] = replace(draft, subjects=[*draft.subjects], changes=[*draft.changes])
                continue
            known.head = joined((known.head, draft.head))
            known.subjects += draft.subjects
            known.changes += draft.changes
        yield from alike.values()


def _as(role: Any, pieces: Pieces) -> Pieces:
    return tuple(Piece(piece.text, role) for piece in pieces)


def _role(change: Added | Removed) -> Any:
    return "new" if isinstance(change, Added) else "old"


def _mode(value: FactValue) -> str:
    return "enabled" if value in (ABSENT, 0, None) else _MODES.get(value, f"mode {value}")


def _size_of_definition(tree: Any) -> str:
    nodes = tree.get("nodes") if isinstance(tree, dict) else None
    count = len(nodes) if isinstance(nodes, list) else 0
    return f"{count} node" if count == 1 else f"{count} nodes"


def _is_told_by(model: str, values: Sequence[FactValue]) -> bool:
    """Whether a widget that changed names or named a model file of a node."""
    name = model.rpartition("/")[2]
    return bool(name) and any(isinstance(value, str) and value.replace("\\", "/").endswith(name) for value in values)


def _is_reordered(old: FactValue, new: FactValue) -> bool:
    """Whether what stands in both lists has another order."""
    if not isinstance(old, list) or not isinstance(new, list):
        return True
    return [each for each in old if each in new] != [each for each in new if each in old]
