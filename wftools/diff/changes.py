"""What two versions of a workflow differ in: one vocabulary for reports, patches and merges.

A version is facts, each of a *subject* (the workflow, a subgraph definition, one of its slots, a node, a group, a
reroute) under a *key* (`("widget", "steps")`, `("link", "model")`, `("pos",)`). A change is one fact with its old and
its new value, or a subject that came or went with all that belongs to it. Nothing else changes in a workflow, so that
applying, inverting, deciding and reporting have one rule each.

Subjects of the old version keep their ids, whatever they are called in the new one: a node that was renumbered is the
same subject. One that is new has its own id, followed by `*` if that is the id of another one of the old version.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.values import Json

Kind: TypeAlias = Literal["workflow", "subgraph", "input", "output", "node", "group", "reroute"]

ROOT: Final = ""  # the scope that is the workflow itself; every other is the id of a subgraph definition
NEW: Final = "*"  # behind the id of a new subject, where the old version has another one of that id


class Subject(NamedTuple):
    """What a fact is of. Inputs and outputs are those of the subgraph definition `scope`, and their ids are names."""

    scope: str
    kind: Kind
    id: str


WORKFLOW: Final = Subject(ROOT, "workflow", "")

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Absent:
    """The value of a fact that a version does not have."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> Literal[False]:
        return False


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What an input is linked to: an output of a node, or (node `-10`) an input of the subgraph around."""

    node: str  # its id among the subjects of the old version
    output: str  # the name of the slot
    index: int = field(default=0, compare=False)  # of the slot, as it stood in the file


@dataclass(frozen=True, slots=True)
class Content:
    """A subject that came or went, with all that belongs to it.

    `tree` is its JSON as it stood in its file. `links` are the inputs of a node, or the one of an output of a subgraph
    (under ""), that were linked; what was linked *to* a node are facts of others.
    """

    tree: Json
    links: dict[str, Endpoint] = field(default_factory=dict)


FactValue: TypeAlias = "Json | Endpoint | Absent"

Class: TypeAlias = Literal["semantic", "schema", "layout", "style", "volatile"]
"""What a change means. semantic: something, or maybe; schema: what a node is declared to have is another, whatever was
done with it; layout and style: it looks different; volatile: opening, running or saving a workflow does that.
"""

CLASSES: Final[tuple[Class, ...]] = ("semantic", "schema", "layout", "style", "volatile")


@dataclass(frozen=True, slots=True)
class Added:
    """A subject that the old version does not have."""

    subject: Subject
    content: Content
    type: str = ""  # of a node


@dataclass(frozen=True, slots=True)
class Removed:
    """A subject that the new version does not have."""

    subject: Subject
    content: Content
    type: str = ""  # of a node


@dataclass(frozen=True, slots=True)
class Changed:
    """A fact that is another, or came or went, of a subject that both versions have."""

    subject: Subject
    key: Key
    old: FactValue
    new: FactValue
    type: str = ""  # of a node, in the old version
    fact_class: Class = "semantic"
    topic: str = ""  # what reports count such changes as: "moved", "seed", "link ids"; see facts.py


Change: TypeAlias = Added | Removed | Changed


def class_of(change: Change) -> Class:
    """What a change means; that something came or went means something, but for reroutes, which are drawn only."""
    if isinstance(change, Changed):
        return change.fact_class
    return "layout" if change.subject.kind == "reroute" else "semantic"


def operation(change: Change) -> str:
    """The name of a change in patches and reports: add_node, set_widget, rewire, layout …"""
    kind = change.subject.kind
    if kind in ("input", "output"):
        return "subgraph_io"
    if not isinstance(change, Changed):
        return f"{'add' if isinstance(change, Added) else 'remove'}_{kind}"
    if change.key[0] == "link":
        if isinstance(change.old, Absent):
            return "connect"
        return "disconnect" if isinstance(change.new, Absent) else "rewire"
    if change.fact_class == "layout":
        return "layout"
    if kind == "node":
        return {"type": "retype", "widget": "set_widget"}.get(change.key[0], "set_field")
    return "set_field" if kind == "workflow" else f"set_{kind}"


def inverted(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that lead back. Their subjects have the same ids."""
    return tuple(map(_inverse, changes))


def _inverse(change: Change) -> Change:
    match change:
        case Added(subject, content, type_):
            return Removed(subject, content, type_)
        case Removed(subject, content, type_):
            return Added(subject, content, type_)
        case Changed():
            return replace(change, old=change.new, new=change.old)
