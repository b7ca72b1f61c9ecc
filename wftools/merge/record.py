"""The record of open conflicts that a merged file carries until they are resolved: written, read, and taken out.

Where it stands says `wftools.document.unmerged`. Each entry names its place in the file as the file calls it, and has
all that is needed to take either side later.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from wftools.diff.changes import ABSENT, Absent, Content, Endpoint, Key, Kind, Subject
from wftools.document.edit import Insert, Remove, Set, edited
from wftools.document.pointer import pointer, value_at
from wftools.document.unmerged import CONFLICTS, MARKS, OURS, home, open_conflicts
from wftools.errors import InputError
from wftools.merge.decisions import SIDES, Conflict, ConflictKind, Labels, Three, Use, Value, Whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.document import Document


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", defer_build=True)


class RecordedEndpoint(_Part):
    """What an input is linked to."""

    node: str
    """Id of the node; "-10" for an input of the subgraph around."""
    output: str
    """Name of its output."""
    index: int = 0
    """Where that output stood."""


class RecordedPart(_Part):
    """Something that one version has and another lacks."""

    scope: str
    subject: Kind
    node: str
    tree: JsonValue
    """Its JSON as it stood in its file."""
    links: dict[str, RecordedEndpoint] = {}
    """What its inputs were linked to."""


class RecordedUse(_Part):
    """Something that was linked to it."""

    scope: str
    subject: Kind
    node: str
    key: list[str]
    source: RecordedEndpoint


class RecordedWhole(_Part):
    """What comes or goes as one."""

    parts: list[RecordedPart]
    uses: list[RecordedUse] = []


class RecordedLabels(_Part):
    """What the versions are called."""

    base: str = "base"
    ours: str = "ours"
    theirs: str = "theirs"


class RecordedConflict(_Part):
    """One thing that the two sides want otherwise. A version without it has no value here."""

    id: str
    """By which it is resolved; no other entry has it."""
    kind: ConflictKind
    scope: str
    """Id of the subgraph definition; "" for the workflow itself."""
    subject: Kind
    """What `node` is the id of, if not of a node."""
    node: str
    key: list[str]
    """The fact: ["widget", "steps"], ["link", "model"], ["title"]; [] where the node itself is in dispute."""
    base: JsonValue = None
    ours: JsonValue = None
    theirs: JsonValue = None
    chosen: Literal["base", "ours", "theirs"]
    """Whose value the file has for now."""
    labels: RecordedLabels = RecordedLabels()


class RecordedMark(_Part):
    """Something in the graph that shows conflicts."""

    scope: str
    subject: Kind
    node: str
    conflicts: list[str]


_RECORD: TypeAdapter[list[RecordedConflict]] = TypeAdapter(list[RecordedConflict])
_MARKS: TypeAdapter[list[RecordedMark]] = TypeAdapter(list[RecordedMark])


_INSTEAD_OF: Final = "instead_of"  # what stood in the place of the object that ours stands in, and was none


@dataclass(frozen=True, slots=True)
class Mark:
    """Something in the graph that shows conflicts, and goes with the last of them."""

    subject: Subject
    conflicts: tuple[str, ...]


def recorded(document: Document, conflicts: Iterable[Conflict]) -> Document:
    """The document with a record of just these conflicts, or without any record if there are none.

    Raises InputError for a document that has no place for it.
    """
    return _with_own(document, CONFLICTS, [entry(conflict) for conflict in conflicts])


def with_marks(document: Document, marks: Iterable[Mark]) -> Document:
    """The document with just these marks in its record."""
    return _with_own(document, MARKS, [{**_place(each.subject), "conflicts": [*each.conflicts]} for each in marks])


def marks_of(document: Document) -> tuple[Mark, ...]:
    """What shows conflicts in the graph of a document."""
    at = home(document)
    own = _member(document.tree, at + pointer(OURS, MARKS)) if at is not None else ABSENT
    try:
        found = _MARKS.validate_python(own)
    except ValidationError:
        return ()
    return tuple(Mark(Subject(each.scope, each.subject, each.node), tuple(each.conflicts)) for each in found)


def _with_own(document: Document, key: str, value: list[dict[str, Any]]) -> Document:
    """The document with one of our keys; without it if the value is empty, and without our object if that is."""
    at = home(document)
    around = _member(document.tree, at) if at is not None else ABSENT
    kept = around.get(OURS) if isinstance(around, dict) else None
    if not value and (not isinstance(kept, dict) or key not in kept):
        return document
    if at is None:
        raise InputError("there is no place for a record of conflicts", place=document.place(""))
    own = {each: found for each, found in kept.items() if each != key} if isinstance(kept, dict) else {}
    made = {each: found for each, found in around.items() if each != OURS} if isinstance(around, dict) else {}
    if not isinstance(around, dict | Absent | None):
        own[_INSTEAD_OF] = around
    if value:
        own[key] = value
    if [*own] == [_INSTEAD_OF]:
        return edited(document, [Set(at, own[_INSTEAD_OF])])
    if own:
        made[OURS] = own
    if not made and document.form == "api":  # the `_meta` was ours
        return edited(document, [Remove(at)])
    return edited(document, [Insert(at, made) if isinstance(around, Absent) else Set(at, made)])


def conflicts_of(document: Document) -> tuple[Conflict, ...]:
    """The open conflicts of a document, in the order of its record. Raises InputError for a record that is none."""
    found = open_conflicts(document)
    if found is None:
        return ()
    at, entries = found
    try:
        return tuple(map(_conflict, _RECORD.validate_python(entries)))
    except ValidationError as error:
        first = error.errors()[0]
        where = at + pointer(*first["loc"])
        raise InputError(
            f"the record of conflicts cannot be read: {first['msg']}",
            place=document.place(at),
            hint=f"see {where}; merge the three versions again, or remove the record",
        ) from error


def _member(tree: Any, at: str) -> Any:
    """The value at a pointer; ABSENT if there is none."""
    try:
        return value_at(tree, at)
    except LookupError:
        return ABSENT


# Conflicts as JSON


def entry(conflict: Conflict) -> dict[str, Any]:
    """A conflict as the record has it."""
    return {
        "id": conflict.id,
        "kind": conflict.kind,
        **_place(conflict.subject),
        "key": [*conflict.key],
        **values_of(conflict.values),
        "chosen": conflict.chosen,
        "labels": asdict(conflict.labels),
    }


def values_of(values: Three) -> dict[str, Any]:
    """What each version says, as the record has it; nothing of a version that lacks it."""
    found = ((side, values.of(side)) for side in SIDES)
    return {side: _encoded(value) for side, value in found if not isinstance(value, Absent)}


def _encoded(value: Value) -> Any:
    match value:
        case Endpoint(node, output, index):
            return {"node": node, "output": output, "index": index}
        case Whole(parts, uses):
            return {
                "parts": [
                    {
                        **_place(subject),
                        "tree": content.tree,
                        "links": {name: _encoded(end) for name, end in content.links.items()},
                    }
                    for subject, content in parts
                ],
                "uses": [{**_place(use.subject), "key": [*use.key], "source": _encoded(use.source)} for use in uses],
            }
    return value


def _place(subject: Subject) -> dict[str, Any]:
    return {"scope": subject.scope, "subject": subject.kind, "node": subject.id}


def _conflict(recorded: RecordedConflict) -> Conflict:
    key = tuple(recorded.key)
    values = {side: _decoded(getattr(recorded, side), key) for side in SIDES if side in recorded.model_fields_set}
    labels = Labels(recorded.labels.base, recorded.labels.ours, recorded.labels.theirs)
    subject = Subject(recorded.scope, recorded.subject, recorded.node)
    return Conflict(recorded.id, recorded.kind, subject, key, Three(**values), recorded.chosen, labels)


def _decoded(value: JsonValue, key: Key) -> Value:
    if not key:
        whole = RecordedWhole.model_validate(value)
        return Whole(
            tuple(
                (
                    Subject(part.scope, part.subject, part.node),
                    Content(part.tree, {name: _endpoint(end) for name, end in part.links.items()}),
                )
                for part in whole.parts
            ),
            tuple(
                Use(Subject(use.scope, use.subject, use.node), tuple(use.key), _endpoint(use.source))
                for use in whole.uses
            ),
        )
    return _endpoint(RecordedEndpoint.model_validate(value)) if key[0] == "link" else value


def _endpoint(end: RecordedEndpoint) -> Endpoint:
    return Endpoint(end.node, end.output, end.index)
