"""The JSON report, as `--output-format json` writes it and `schemas/report-diff.json` publishes it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from wftools.diff.changes import Class, Kind  # noqa: TC001  (pydantic reads annotations)
from wftools.diff.compare import Level  # noqa: TC001
from wftools.diff.matching.pairs import How  # noqa: TC001
from wftools.diff.report import Status  # noqa: TC001


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class SubjectReport(_Part):
    """What something changed of. A subject that both versions have keeps the id that it had."""

    scope: str
    """The id of the subgraph definition that it stands in; empty for the workflow itself."""
    kind: Kind
    id: str
    """Inputs and outputs of subgraphs are known by name. `*` behind an id: the old version has another one of it."""
    new_id: str | None
    """Its id in the new version; none if it is gone."""
    type: str | None
    """Of a node."""
    title: str | None
    """What the user called it, if anything."""


class PlaceReport(_Part):
    """Where something stands in a file."""

    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    pointer: str
    """JSON Pointer (RFC 6901) into the JSON text of the file."""


class ValueReport(_Part):
    """The value of a fact; of a subject that came or went, its JSON as it stands in the file."""

    value: JsonValue


class LinkReport(_Part):
    """What an input is linked to: an output of a node, or (node `-10`) an input of the subgraph around."""

    node: str
    output: str


class MatchReport(_Part):
    """How a subject was found in both versions."""

    how: How
    score: float
    """How alike they are, up to 1."""


class ChangeReport(_Part):
    """One fact that is another, or a subject that came or went."""

    op: str
    """add_node, remove_node, retype, set_widget, connect, disconnect, rewire, set_field, subgraph_io, layout …"""
    fact_class: Class = Field(alias="class")
    topic: str
    """What reports for people count it as: "moved", "seed", "link ids"; empty for what is told in its own words."""
    counts: bool
    """Whether it counts at the level of the report."""
    subject: SubjectReport
    key: list[str]
    """Which fact: ["widget", "steps"], ["link", "model"], ["pos"]; empty for a subject that came or went."""
    old: ValueReport | LinkReport | None
    """None if the old version does not have it."""
    new: ValueReport | LinkReport | None
    """None if the new version does not have it."""
    links: dict[str, LinkReport]
    """Of a subject that came or went: what its inputs are linked to, by name."""
    old_place: PlaceReport | None
    new_place: PlaceReport | None
    match: MatchReport | None
    outputs: list[SubjectReport]
    """Nodes that save or show something and lie downstream of it, in the new version."""


class EntryReport(_Part):
    """One thing that was done, in words, with all that follows from it."""

    sign: Literal["+", "-", "~"]
    scope: str
    text: str
    changes: list[int]
    """What it tells, as indices of `changes`."""


class PackReport(_Part):
    """A pack of custom nodes that is used otherwise."""

    name: str
    old: list[str] | None
    """The versions that nodes named; none if no node came from it."""
    new: list[str] | None


class FileReport(_Part):
    """What changed in one file."""

    file: str
    former: str | None
    """The path that it had, if it had another."""
    status: Status
    level: Level
    """At which it was compared: `exec` where one version is a workflow of the editor and the other a prompt."""
    identical: bool
    """To the byte."""
    same_values: bool
    """But for the order of keys and how values are spelled."""
    changes: list[ChangeReport]
    """Of all classes."""
    entries: list[EntryReport]
    """Those that count, as reports for people tell them."""
    models_added: list[str]
    models_removed: list[str]
    packs: list[PackReport]


class FaultReport(_Part):
    """A file that could not be compared."""

    file: str | None
    message: str
    hint: str | None


class DiffReport(_Part):
    """What `wftools diff` found."""

    version: Literal[1]
    """Of this format: raised when something changes its meaning or goes; new members may come without that."""
    level: Level
    files: list[FileReport]
    faults: list[FaultReport]
