"""The JSON reports of merges and conflicts; `schemas/` publishes them as merge-decisions, conflicts and resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, JsonValue, RootModel

from wftools.diff.changes import Kind  # noqa: TC001  (pydantic reads the annotations)
from wftools.merge.decisions import Action  # noqa: TC001
from wftools.merge.record import RecordedConflict, entry, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.merge.decisions import Conflict, Merged


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class DecisionReport(_Part):
    """What became of one thing that a side changed. A version without it has no value here."""

    scope: str
    """Id of the subgraph definition; "" for the workflow itself."""
    subject: Kind
    """What `node` is the id of, if not of a node."""
    node: str
    """As the merged file calls it."""
    key: list[str]
    """The fact: ["widget", "steps"], ["link", "model"], ["title"]; [] for the thing itself, which came or went."""
    action: Action
    """ours, theirs: only that side changed it; both: both did the same; combined: two changes made into one; note:
    they differ, and ours was taken; favored: they differ, and it was said beforehand what to take; conflict."""
    base: JsonValue = None
    ours: JsonValue = None
    theirs: JsonValue = None
    note: str = ""
    """What a person should know of it."""
    conflict: str | None = None
    """Id of the conflict."""


class MergeDecisions(_Part):
    """What a merge decided."""

    is_clean: bool
    conflicts: list[RecordedConflict]
    """All that the merged file has in its record: those of a former merge, too."""
    decisions: list[DecisionReport]


class FileConflicts(_Part):
    """The open conflicts of a file."""

    file: str
    conflicts: list[RecordedConflict]


class ConflictsReport(_Part):
    """The open conflicts of some files."""

    files: list[FileConflicts]


class ResolutionOfOne(_Part):
    """How a conflict is resolved: by the wish of a version, of both, or by another value."""

    take: Literal["base", "ours", "theirs", "both"] | None = None
    value: JsonValue = None


class Resolution(RootModel[dict[str, ResolutionOfOne]]):
    """How conflicts are resolved, by their ids."""


def merge_report(merged: Merged) -> MergeDecisions:
    """The report of a merge."""
    decisions = [
        DecisionReport.model_validate(
            {
                "scope": each.subject.scope,
                "subject": each.subject.kind,
                "node": each.subject.id,
                "key": [*each.key],
                "action": each.action,
                **values_of(each.values),
                "note": each.note,
                "conflict": each.conflict.id if each.conflict is not None else None,
            }
        )
        for each in merged.decisions
    ]
    return MergeDecisions(is_clean=not merged.conflicts, conflicts=_entries(merged.conflicts), decisions=decisions)


def conflicts_report(files: Iterable[tuple[str, Iterable[Conflict]]]) -> ConflictsReport:
    """The report of files with their open conflicts."""
    found = [FileConflicts(file=name, conflicts=_entries(conflicts)) for name, conflicts in files]
    return ConflictsReport(files=found)


def _entries(conflicts: Iterable[Conflict]) -> list[RecordedConflict]:
    return [RecordedConflict.model_validate(entry(conflict)) for conflict in conflicts]
