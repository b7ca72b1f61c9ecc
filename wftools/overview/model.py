"""What `show` tells of a file: values, not nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from wftools.graph.model import NodePath

SETTINGS = (
    "seed",
    "steps",
    "start",
    "end",
    "cfg",
    "guidance",
    "shift",
    "sampler",
    "scheduler",
    "denoise",
    "clip_skip",
)
"""What is told of how a node samples, in this order."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node, as people are told of it."""

    path: NodePath
    type: str
    title: str | None = None

    @property
    def name(self) -> str:
        """Its title, or else its type."""
        return self.title or self.type

    def __str__(self) -> str:
        return f"{self.path} ({self.name})"


@dataclass(frozen=True, slots=True)
class From:
    """A value that a node makes, and that only running it would tell."""

    node: Place
    text: str | None = None  # what it makes a text of

    def __str__(self) -> str:
        return f"from node {self.node}"


Told: TypeAlias = "str | int | float | bool | From"
"""A value, or where it comes from."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text that is encoded, and where."""

    text: Told
    node: NodePath


@dataclass(frozen=True, slots=True)
class UsedFile:
    """A file that counts: a model, with how strongly it counts, or one that is read as an input."""

    kind: str  # the folder that it is in: "checkpoints", "loras", "input"; "" where that is unknown
    name: str
    node: NodePath
    strengths: tuple[tuple[str, Told], ...] = ()  # by what: "strength", "clip", "start", "end"
    url: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """Of pictures: width and height, how many at once, and how many frames there are of a video."""

    width: Told | None = None
    height: Told | None = None
    batch: Told | None = None
    frames: Told | None = None


@dataclass(frozen=True)
class Pass:
    """One node that samples, or has a service make something, with all that it makes it of."""

    node: Place
    settings: Mapping[str, Told]  # by SETTINGS
    positive: tuple[Prompt, ...]
    negative: tuple[Prompt, ...]
    models: tuple[UsedFile, ...]  # LoRAs, control models and the like among them
    inputs: tuple[UsedFile, ...]
    size: Size
    service: str | None = None  # the model that a service is asked for; "" where it says none


@dataclass(frozen=True)
class Output:
    """What one output node gives, or several that give the same."""

    nodes: tuple[Place, ...]
    passes: tuple[Pass, ...]  # in the order in which they run
    models: tuple[UsedFile, ...]  # all that count for it, those of passes among them
    inputs: tuple[UsedFile, ...]
    size: Size
    texts: tuple[Told, ...] = ()  # that are shown or saved as they are


@dataclass(frozen=True, slots=True)
class UsedPack:
    """A pack of custom nodes that nodes are of."""

    name: str  # its id in the registry, or else its repository or folder; "" where nothing says it
    versions: tuple[str, ...]  # that nodes say they were saved with
    types: tuple[str, ...]


@dataclass(frozen=True)
class Overview:
    """A file at a glance."""

    file: str
    form: str  # "ui" or "api"; "ui+api" where the file holds both
    container: str | None
    schema: str | None  # the version of the form: "0.4", "1"
    id: str | None
    title: str | None
    frontend: str | None  # the version of the web editor
    core: tuple[str, ...]  # the versions of ComfyUI that nodes say they were saved with
    nodes: Mapping[str, int]  # how many there are of a type, the most frequent first
    titles: tuple[str, ...]  # of nodes, where somebody chose them
    packs: tuple[UsedPack, ...]
    outputs: tuple[Output, ...]
    picture: tuple[int, int] | None = None  # the size of the picture that holds the workflow
