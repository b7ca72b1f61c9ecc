"""The JSON reports of histories, as `--json` writes them and `schemas/` publishes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from wftools.diff.changes import Absent, Endpoint, Kind
from wftools.diff.json_report import FaultReport, FileReport  # noqa: TC001  (pydantic reads annotations)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.git.histories.blame import Blame
    from wftools.git.histories.log import Entry
    from wftools.git.repository.history import Commit

VERSION: Final = 1  # of the formats


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class CommitReport(_Part):
    """Who did something, when, and what they said of it."""

    id: str
    author: str
    email: str
    date: str
    """Of the author, ISO 8601 with his time zone."""
    subject: str
    """The first line of the message."""


class SourceReport(_Part):
    """What an input is linked to."""

    node: str
    """Id of the node; "-10" for an input of the subgraph around."""
    output: str
    """Name of its output."""


class FactReport(_Part):
    """A fact and the commit that set it."""

    scope: str
    """Id of the subgraph definition; "" for the workflow itself."""
    subject: Kind
    """What `node` is the id of, if not of a node."""
    node: str
    type: str
    """Of a node; "" for anything else."""
    title: str
    key: list[str]
    """The fact: ["widget", "steps"], ["link", "model"], ["title"]; [] for that the node is there."""
    value: SourceReport | JsonValue
    commit: str | None
    """Id of one of the commits; none for what is not committed yet."""


class LogEntryReport(_Part):
    """A commit, and what it did to the file."""

    commit: CommitReport
    former_path: str | None
    """What the file was called before; none if the commit did not rename it."""
    is_merge: bool
    """What it did is then what none of its sides had."""
    file: FileReport | None
    """None of a version that is no workflow."""
    fault: FaultReport | None
    """Why it is none."""


class LogReport(_Part):
    """What each commit did to a workflow, the newest first."""

    version: Literal[1]
    """Of this format: raised when something changes its meaning or goes; new members may come without that."""
    file: str
    commits: list[LogEntryReport]


class BlameReport(_Part):
    """Who last set each fact of a workflow."""

    version: Literal[1]
    """Of this format: raised when something changes its meaning or goes; new members may come without that."""
    file: str
    facts: list[FactReport]
    """In the order of the file."""
    commits: list[CommitReport]
    """Those that the facts name, in the order in which they do."""


def commit_report(commit: Commit) -> CommitReport:
    """A commit as JSON has it."""
    return CommitReport(
        id=commit.id,
        author=commit.author,
        email=commit.email,
        date=commit.date.isoformat(),
        subject=commit.subject,
    )


def log_report(name: str, entries: Iterable[Entry]) -> JsonValue:
    """The report of a log."""
    from wftools.diff.reporters.json import fault_report, file_report

    commits: list[JsonValue] = [
        {
            "commit": commit_report(entry.commit).model_dump(mode="json"),
            "former_path": entry.former_path,
            "is_merge": entry.is_merge,
            "file": file_report(entry.file) if entry.file.error is None else None,
            "fault": fault_report(entry.file.error) if entry.file.error is not None else None,
        }
        for entry in entries
    ]
    return {"version": VERSION, "file": name, "commits": commits}


def blame_report(blame: Blame) -> JsonValue:
    """The report of a blame."""
    facts = []
    for fact in blame.facts:
        part = blame.version.parts[fact.subject]
        assert not isinstance(fact.value, Absent)  # no fact that a version has is
        facts.append(
            FactReport(
                scope=fact.subject.scope,
                subject=fact.subject.kind,
                node=fact.subject.id,
                type=part.type,
                title=part.title,
                key=[*fact.key],
                value=_source(fact.value) if isinstance(fact.value, Endpoint) else fact.value,
                commit=fact.commit.id if fact.commit is not None else None,
            )
        )
    commits = {fact.commit.id: fact.commit for fact in blame.facts if fact.commit is not None}
    report = BlameReport(version=VERSION, file=blame.name, facts=facts, commits=[*map(commit_report, commits.values())])
    return report.model_dump(mode="json")


def _source(end: Endpoint) -> SourceReport:
    return SourceReport(node=end.node, output=end.output)
