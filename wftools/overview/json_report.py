"""The JSON report, as `wftools show --format json` writes it and `schemas/report-show.json` publishes it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class NodeReport(_Part):
    """A node."""

    id: str
    """As in ComfyUI's prompts: "57:3" is node 3 inside the subgraph instance 57."""
    type: str
    title: str | None


class FromReport(_Part):
    """A value that only running the workflow would tell."""

    node: NodeReport = Field(alias="from")
    """The node that makes it."""
    text: str | None
    """What the node makes a text of, such as what a language model is asked."""


Told = str | bool | int | float | FromReport


class PromptReport(_Part):
    """A text that is encoded."""

    text: Told
    node: str
    """Id of the node that encodes it."""


class SizeReport(_Part):
    """How large a picture is, how many are made at once, and how many frames a video has."""

    width: Told | None
    height: Told | None
    batch: Told | None
    frames: Told | None


class PixelsReport(_Part):
    """The size of the picture that holds the workflow."""

    width: int
    height: int


class UsedReport(_Part):
    """A model, or a file that is read as an input."""

    kind: str
    """The folder that it is in: "checkpoints", "loras", "input"; empty where that is unknown."""
    name: str
    node: str
    strengths: dict[str, Told]
    """As "strength"; "clip" where it differs for the text encoder; "start" and "end" where not all of the way."""
    url: str | None
    """Where the file says that it is to be had."""
    sha256: str | None
    """What the file says of its content."""


class PassReport(_Part):
    """One node that samples, or has a service make something."""

    node: NodeReport
    service: str | None
    """The model that a service is asked for, empty if none is named; null for a node that samples here."""
    settings: dict[str, Told]
    """seed, steps, start, end, cfg, guidance, shift, sampler, scheduler, denoise, clip_skip: those that are told."""
    positive: list[PromptReport]
    negative: list[PromptReport]
    size: SizeReport
    models: list[UsedReport]
    inputs: list[UsedReport]


class OutputReport(_Part):
    """What one output node gives, or several that give the same."""

    nodes: list[NodeReport]
    size: SizeReport
    models: list[UsedReport]
    """All that count for it, those of passes among them."""
    inputs: list[UsedReport]
    passes: list[PassReport]
    """In the order in which they run."""
    texts: list[Told]
    """That are shown or saved as they are."""


class PackReport(_Part):
    """A pack of custom nodes."""

    name: str
    """Its id in the registry, or its repository or folder; empty where nothing says it."""
    versions: list[str]
    types: list[str]
    """The types of its nodes that the workflow uses."""


class FileReport(_Part):
    """One file at a glance."""

    file: str
    form: str
    """Which forms it holds: "ui", "api", or "ui+api"."""
    container: str | None
    """What kind of file holds the workflow: "png", "mp4" …; none for JSON itself."""
    schema_version: str | None
    id: str | None
    title: str | None
    frontend: str | None
    """The version of the web editor that saved it."""
    core: list[str]
    """The versions of ComfyUI that its nodes say they were saved with."""
    picture: PixelsReport | None
    outputs: list[OutputReport]
    packs: list[PackReport]
    nodes: int
    """How many the server would be given."""
    types: dict[str, int]
    """How many of them are of a type, the most frequent first."""


class FaultReport(_Part):
    """A file that could not be looked at."""

    file: str
    message: str
    hint: str | None


class ShowReport(_Part):
    """What `wftools show` saw."""

    files: list[FileReport]
    faults: list[FaultReport]
