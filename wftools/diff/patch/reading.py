"""The text of a patch -> changes. What is not as the format says is an error with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from wftools.diff.changes import (
    ABSENT,
    ROOT,
    WORKFLOW,
    Added,
    Changed,
    Endpoint,
    Removed,
    Subject,
    operation,
)
from wftools.diff.changes import Content as ChangeContent
from wftools.diff.facts import meaning
from wftools.diff.patch.model import Content, LinkEnd, Patch
from wftools.document.jsontext import JsonError, decode, parse
from wftools.document.pointer import pointer
from wftools.document.positions import Positions
from wftools.errors import InputError, Place, shown
from wftools.graph.authored.scopes import INPUTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftools.diff.changes import Change, FactValue, Key, Kind
    from wftools.diff.patch.model import FilePatch, NodeName, PatchedChange

Model = TypeVar("Model", bound=BaseModel)

_KINDS: Final[tuple[Kind, ...]] = ("node", "group", "reroute", "subgraph", "input", "output")
_LONG_KEYS: Final[Mapping[str, frozenset[str]]] = {  # by kind: the heads of keys that have a name behind them
    "node": frozenset({"widget", "link", "link id", "through", "input", "output", "flag", "property", "model", "meta"}),
    "workflow": frozenset({"extra", "config", "malformed"}),
    "subgraph": frozenset({"extra", "config", "malformed"}),
    "group": frozenset({"flag"}),
    "reroute": frozenset({"flag"}),
    "input": frozenset({"flag", "link id"}),
    "output": frozenset({"flag", "link id"}),
}


class BadPatchError(InputError):
    """A patch that is not one."""


@dataclass(frozen=True)
class ReadPatch:
    """The changes of one file of a patch, each with what the patch says of it, and the nodes that they speak of."""

    patch: FilePatch
    changes: tuple[Change, ...]
    nodes: Mapping[Subject, NodeName]


def loads(data: bytes, name: str) -> Patch:
    """Read a patch. Raises InputError that says where it is not one."""
    text = ""
    try:
        text, _, _ = decode(data)
        tree, _ = parse(text)
    except InputError as error:
        place = Place(name, *Positions(text).line_column(error.offset)) if isinstance(error, JsonError) else Place(name)
        raise BadPatchError(f"not JSON: {error.message}", place=place) from error
    place_of = _places(text, name)
    try:
        patch = Patch.model_validate(tree)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        raise BadPatchError(_told(detail), place=place_of(detail["loc"])) from error
    for number, file in enumerate(patch.files):
        try:
            changes_of(file)
        except MisfitError as error:
            raise BadPatchError(error.message, place=place_of(("files", number, *error.where))) from error
    return patch


def _places(text: str, name: str) -> Callable[[tuple[str | int, ...]], Place]:
    positions = Positions(text)

    def place(where: tuple[str | int, ...]) -> Place:
        at = pointer(*where)
        return Place(name, *positions.line_column(positions.offset(at)), pointer=at)

    return place


def _told(detail: Any) -> str:
    match detail["type"]:
        case "missing":
            return f"a patch has a member {detail['loc'][-1]!r} here"
        case "extra_forbidden":
            return f"a patch has no member {detail['loc'][-1]!r} here"
        case "model_type" | "dict_type":
            return f"expected an object, got {shown(detail['input'])}"
    message = str(detail["msg"])
    return f"{message[:1].lower()}{message[1:]}, got {shown(detail['input'])}"


class MisfitError(Exception):
    """What a change says does not fit together; where, from the file on."""

    def __init__(self, message: str, *where: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.where = where


def changes_of(patch: FilePatch) -> ReadPatch:
    """The changes that a patch describes."""
    reading = _Reading()
    reading.nodes |= {Subject(each.scope, "node", each.id): each for each in patch.nodes}
    made = []
    for number, each in enumerate(patch.changes):
        try:
            made.append(reading.change(each))
        except MisfitError as error:
            raise MisfitError(error.message, "changes", number, *error.where) from error
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            side = "new" if "new" in each.model_fields_set else "old"
            raise MisfitError(_told(detail), "changes", number, side, *detail["loc"]) from error
    return ReadPatch(patch, tuple(made), reading.nodes)


class _Reading:
    def __init__(self) -> None:
        self.nodes: dict[Subject, NodeName] = {}

    def change(self, given: PatchedChange) -> Change:
        subject = self._subject(given)
        made = self._made(given, subject)
        if operation(made) != given.op:
            raise MisfitError(f"the change is a {operation(made)}, not a {given.op}", "op")
        return made

    def _subject(self, given: PatchedChange) -> Subject:
        named = [kind for kind in _KINDS if getattr(given, kind) is not None]
        if len(named) > 1:
            raise MisfitError(f"a change is of one thing, not of {' and '.join(named)}", named[1])
        if not named:
            return WORKFLOW
        kind = named[0]
        name = getattr(given, kind)
        if kind in ("input", "output"):
            return Subject(given.scope, kind, name.name)
        subject = Subject(ROOT if kind == "subgraph" else given.scope, kind, name.id)
        if kind == "node":
            self.nodes[subject] = name
        return subject

    def _made(self, given: PatchedChange, subject: Subject) -> Change:
        type_ = given.node.type if given.node is not None else ""
        sides = {"old", "new"} & given.model_fields_set
        if given.key is None:
            if len(sides) != 1 or subject == WORKFLOW:
                raise MisfitError("a change without a key has either old or new: what went, or what came", "op")
            content = self._content(given, subject)
            return Added(subject, content, type_) if "new" in sides else Removed(subject, content, type_)
        if not sides:
            raise MisfitError("a change has an old value or a new one", "op")
        key = tuple(given.key)
        _check_key(subject.kind, key)
        old, new = (self._value(given, subject, key, side) if side in sides else ABSENT for side in ("old", "new"))
        _, topic = meaning(subject.kind, key, old, new)
        return Changed(subject, key, old, new, type_, given.class_, topic)

    def _content(self, given: PatchedChange, subject: Subject) -> ChangeContent:
        content = Content.model_validate(given.new if "new" in given.model_fields_set else given.old)
        links = {name: self._end(subject.scope, end) for name, end in content.links.items()}
        if subject.kind not in ("node", "output") and links:
            raise MisfitError(f"a {subject.kind} has no links of its own", "op")
        _check_tree(subject.kind, content.tree)
        return ChangeContent(content.tree, links)

    def _value(self, given: PatchedChange, subject: Subject, key: Key, side: str) -> FactValue:
        value = given.old if side == "old" else given.new
        if key[0] == "link" and (len(key) == 2 or subject.kind == "output"):
            return self._end(subject.scope, LinkEnd.model_validate(value))
        problem = _misfit_of_value(subject.kind, key, value)
        if problem:
            raise MisfitError(problem, side)
        return value

    def _end(self, scope: str, end: LinkEnd) -> Endpoint:
        if end.node is None:
            return Endpoint(INPUTS, end.output, end.index)
        self.nodes.setdefault(Subject(scope, "node", end.node.id), end.node)
        return Endpoint(end.node.id, end.output, end.index)


def _check_key(kind: Kind, key: Key) -> None:
    is_label = kind == "node" and key[0] in ("input", "output") and key[2:] == ("label",)
    if len(key) > 1 and not is_label and (key[0] not in _LONG_KEYS[kind] or len(key) > 2):
        raise MisfitError(f"a {kind} has nothing that is called {' '.join(key)!r}", "key")


def _check_tree(kind: Kind, tree: Mapping[str, Any]) -> None:
    for key, types in _OF_TREES.get(kind, {}).items():
        if key in tree and not (isinstance(tree[key], types) and not isinstance(tree[key], bool)):
            raise MisfitError(f"the {key} of a {kind} is {shown(tree[key])}", "op")


_OF_TREES: Final[Mapping[str, Mapping[str, Any]]] = {
    "node": {"id": int | str, "type": str, "class_type": str},
    "subgraph": {"id": str, "nodes": list},
    "group": {"id": int},
    "reroute": {"id": int},
    "input": {"name": str},
    "output": {"name": str},
}


def _misfit_of_value(kind: Kind, key: Key, value: Any) -> str:
    """What is wrong with a value that other things depend on; any other may be anything."""
    match kind, key:
        case _, ("widgets",) if kind == "node":
            return "" if _is_spelling(value) else f"{shown(value)} does not say how values are spelled"
        case ("node", ("type",)) | (("input" | "output"), ("name",)) | ("subgraph", ("id",)):
            return "" if isinstance(value, str) else f"expected a text, got {shown(value)}"
        case (("node" | "group" | "reroute"), ("id",)) | ("node", (("link id" | "through"), _)):
            is_id = isinstance(value, int | str) and not isinstance(value, bool)
            return "" if is_id else f"expected an id, got {shown(value)}"
    return ""


def _is_spelling(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"form", "names", "named"}:
        return False
    lists = [value["names"], *([value["named"]] if value["named"] is not None else [])]
    return all(isinstance(each, list) and all(isinstance(name, str) for name in each) for each in lists)
