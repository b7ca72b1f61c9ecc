"""Marks of conflicts that a person sees in the editor: a red group around the node, and a note beside it.

The record names them, so that resolving the conflicts takes away these and nothing else.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

from wftools.diff.apply import apply
from wftools.diff.apply.ids import numbers
from wftools.diff.changes import Added, Content, Removed, Subject
from wftools.diff.story import plain
from wftools.diff.version import Version
from wftools.merge.record import Mark, marks_of, with_marks
from wftools.merge.telling import ConflictTeller

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.document import Document
    from wftools.merge.decisions import Conflict

_RED: Final = "#a12"
_MARGIN: Final = 20.0  # between a node and the group around it
_TITLE: Final = 80.0  # of a group, and of the node in it
_NOTE: Final = (360.0, 240.0)
_GAP: Final = 40.0
_NODE: Final = (200.0, 100.0)  # the size of a node that has none


def marked(document: Document, conflicts: Iterable[Conflict], catalogue: Catalogue) -> Document:
    """The document with a mark for each node that conflicts are over, and one in each scope for all else.

    A prompt shows nothing, and is left as it is.
    """
    by_place: dict[Subject, list[Conflict]] = {}
    version = Version.of(document, catalogue)
    for conflict in conflicts:
        subject = conflict.subject
        is_drawn = subject.kind == "node" and subject in version.parts
        by_place.setdefault(subject if is_drawn else Subject(subject.scope, "workflow", ""), []).append(conflict)
    if document.form == "api" or not by_place:
        return document
    changes: list[Added] = []
    owners: dict[Subject, list[Conflict]] = {}
    ids = count(_greatest_id(version) + 1)
    for number, (place, over) in enumerate(by_place.items()):
        for subject, tree in _marks(version, place, over, number, ids):
            changes.append(Added(subject, Content(tree), "MarkdownNote" if subject.kind == "node" else ""))
            owners[subject] = over
    applied = apply(changes, version)
    marks = [Mark(subject, tuple(conflict.id for conflict in over)) for subject, over in owners.items()]
    return with_marks(applied.document, marks)


def unmarked(document: Document, left: Iterable[Conflict], catalogue: Catalogue) -> Document:
    """The document without the marks of conflicts that are not among those which are left."""
    open_ids = {conflict.id for conflict in left}
    marks = marks_of(document)
    done = [mark for mark in marks if open_ids.isdisjoint(mark.conflicts)]
    if not done:
        return document
    version = Version.of(document, catalogue)
    parts = (version.parts.get(mark.subject) for mark in done)
    changes = [Removed(part.subject, Content(part.tree), part.type) for part in parts if part is not None]
    return with_marks(apply(changes, version).document, [mark for mark in marks if mark not in done])


def _marks(
    version: Version, place: Subject, conflicts: Sequence[Conflict], number: int, ids: Iterator[int]
) -> Iterable[tuple[Subject, dict[str, Any]]]:
    """The group and the note of one place."""
    scope = place.scope
    part = version.parts.get(place)
    if part is not None and place.kind == "node":
        (x, y), (width, height) = _pair(part.tree.get("pos"), (0.0, 0.0)), _pair(part.tree.get("size"), _NODE)
        box = [x - _MARGIN, y - _TITLE, width + 2 * _MARGIN, height + _TITLE + _MARGIN]
        title = f"MERGE CONFLICT ({len(conflicts)})"
        group = next(ids)
        yield (
            Subject(scope, "group", str(group)),
            {"id": group, "title": title, "bounding": box, "color": _RED, "font_size": 24, "flags": {}},
        )
        corner = [box[0] - _NOTE[0] - _GAP, y]
    else:
        corners = [_pair(each.tree.get("pos"), (0.0, 0.0)) for each in version.of_kind("node", scope)]
        left, top = (min((corner[axis] for corner in corners), default=0.0) for axis in (0, 1))
        corner = [left - _NOTE[0] - _GAP, top - _NOTE[1] - _TITLE - number * (_NOTE[1] + _TITLE)]
    note = next(ids)
    yield (
        Subject(scope, "node", str(note)),
        {
            "id": note,
            "type": "MarkdownNote",
            "pos": corner,
            "size": [*_NOTE],
            "flags": {},
            "order": 0,
            "mode": 0,
            "inputs": [],
            "outputs": [],
            "title": "Merge conflict",
            "properties": {},
            "widgets_values": [_text(version, conflicts)],
            "color": "#322",
            "bgcolor": "#533",
        },
    )


def _greatest_id(version: Version) -> int:
    """The greatest number that a node or a group has as its id, in any scope, or that a counter has reached."""
    counted = [part.tree.get("last_node_id") for part in version.of_kind("workflow")]
    ids = [part.subject.id for kind in ("node", "group") for part in version.of_kind(kind)]
    return max(numbers([*ids, *counted]), default=0)


def _text(version: Version, conflicts: Sequence[Conflict]) -> str:
    """What the versions say, as Markdown."""
    teller = ConflictTeller(version)
    lines = []
    for conflict in conflicts:
        told = teller.told(conflict)
        lines.append(f"**{_literal(plain(told.place))}** ({told.id}, {told.kind})\n")
        for side, label, value in told.sides:
            name = side if label == side else f"{side} ({_literal(label)})"
            taken = " *(taken for now)*" if side == told.chosen else ""
            lines.append(f"- {name}: {_literal(plain(value))}{taken}")
        lines.append("")
    return "\n".join([*lines, "Choose with `wftools resolve`; that takes this note away, too."])


def _literal(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>()#+-.!|~&$" else letter for letter in " ".join(text.split()))


def _pair(value: Any, default: tuple[float, float]) -> tuple[float, float]:
    """Two numbers, as files spell a place: a list, or an object with the keys 0 and 1."""
    if isinstance(value, dict):
        value = [value.get("0"), value.get("1")]
    if isinstance(value, list) and len(value) >= 2 and all(_is_number(each) for each in value[:2]):
        return float(value[0]), float(value[1])
    return default


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
