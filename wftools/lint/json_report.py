"""The JSON report, as `--output-format json` writes it and `schemas/report-lint.json` publishes it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class ChangeReport(_Part):
    """Another value in the place of one that is there, or a new one: as `replace` and `add` of RFC 6902."""

    edit: Literal["set", "insert"]
    pointer: str
    """JSON Pointer that starts at the workflow."""
    value: JsonValue


class RemovalReport(_Part):
    """A member or an item that goes, as `remove` of RFC 6902."""

    edit: Literal["remove"]
    pointer: str
    """JSON Pointer that starts at the workflow."""


class AlsoReport(_Part):
    """Another node that has the same fault."""

    line: int | None
    column: int | None
    pointer: str
    """JSON Pointer (RFC 6901) into the JSON text of the file."""
    node: str | None
    title: str | None
    """What the editor shows above the node."""


class FindingReport(_Part):
    """One thing that was found."""

    file: str
    line: int | None
    """From 1; none for what concerns a whole file."""
    column: int | None
    """From 1, in characters."""
    end_line: int | None
    """Where what the finding points at ends; none for what concerns a whole file."""
    end_column: int | None
    """One behind the last character."""
    pointer: str
    """JSON Pointer (RFC 6901) into the JSON text of the file."""
    node: str | None
    """Id of the node, as in ComfyUI's prompts: "57:3" is node 3 inside the subgraph instance 57."""
    title: str | None
    """What the editor shows above that node."""
    node_type: str | None
    """Its type; none for an instance of a subgraph."""
    code: str = Field(pattern="^[A-Z][0-9]{3}$")
    name: str
    severity: Literal["error", "warning", "info"]
    message: str
    hint: str | None
    fix: list[ChangeReport | RemovalReport] | None
    """Edits that make it go away and change nothing else; none if it takes somebody who knows what is meant."""
    also: list[AlsoReport]
    """Where several nodes have the same fault, all but the first."""


class FaultReport(_Part):
    """A file that was not wholly looked through, by no fault of its own."""

    file: str | None
    message: str
    hint: str | None


class LintReport(_Part):
    """What `wftools lint` found."""

    findings: list[FindingReport]
    files: int
    """How many files were looked at."""
    target: str | None
    """The version of ComfyUI that the workflows were judged for; none if none was named."""
    faults: list[FaultReport]
    """Files of which findings may be missing."""
