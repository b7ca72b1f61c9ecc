"""What workflows need, each thing with who needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.folders.names import Area

Role = Literal["runs", "off", "editor"]
"""What a node does in its workflow: it runs, it is muted or bypassed, or it is only there for people who edit."""

GITHUB: Final = "https://github.com/"


@dataclass(frozen=True, slots=True)
class Use:
    """A node that needs something."""

    file: str
    node: str | None  # its path; None where the file says it as a whole
    type: str
    role: Role = "runs"
    input: str | None = None  # that names it


def is_run(uses: Iterable[Use]) -> bool:
    """Whether something that runs is among some uses."""
    return any(use.role == "runs" for use in uses)


@dataclass(frozen=True, slots=True)
class PackNeed:
    """A pack of custom nodes."""

    id: str  # in the registry; "" if that is not known
    repository: str  # "owner/name" on GitHub; "" if that is not known
    versions: tuple[str, ...]  # that nodes were saved with: versions or commits
    is_said: bool  # whether the file names it; else it is known to have the types
    uses: tuple[Use, ...]
    others: tuple[str, ...] = ()  # ids of packs that have the same types: one of them will do

    @property
    def name(self) -> str:
        """What it is called."""
        return self.id or self.repository

    @property
    def url(self) -> str | None:
        """Where it is to be had; None if that is not known."""
        return GITHUB + self.repository if self.repository else None

    @property
    def types(self) -> list[str]:
        """The node types of it that are used, in the order of their names."""
        return sorted({use.type for use in self.uses} - {""})

    @property
    def key(self) -> str:
        """What is the same for two needs of one pack."""
        return (self.id or self.repository).lower()


@dataclass(frozen=True, slots=True)
class TypeNeed:
    """A node type that nothing is known of."""

    type: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class CoreNeed:
    """The version of ComfyUI itself."""

    least: str | None = None  # of those known, the first that has all types; None if none of them is needed
    newer_than: str | None = None  # a version that does not have them all, where no version is known that does
    because: tuple[str, ...] = ()  # the types that earlier ones lack
    saved_with: tuple[str, ...] = ()  # the versions that nodes say, ascending
    unknown: tuple[str, ...] = ()  # types that are ComfyUI's own by their nodes' word, and in no known version


@dataclass(frozen=True, slots=True)
class StatedHash:
    """What a file says that the content of a model has for a hash."""

    kind: str  # "sha256", "autov2" … in small letters; "" if it is not said
    value: str


@dataclass(frozen=True, slots=True)
class ModelNeed:
    """A model."""

    name: str  # below a folder of one of its kinds
    kinds: tuple[str, ...]  # that it may be of; none if that is not known
    spellings: tuple[str, ...]  # the names that its file may have
    uses: tuple[Use, ...]
    urls: tuple[str, ...] = ()
    hashes: tuple[StatedHash, ...] = ()
    is_in_any_folder: bool = False  # whether those who read the name find its file in subfolders too


@dataclass(frozen=True, slots=True)
class InputNeed:
    """A file, or a folder of files, that is read and that is no model."""

    name: str
    area: Area
    is_folder: bool
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """All that some files need."""

    files: tuple[str, ...]
    core: CoreNeed
    packs: tuple[PackNeed, ...]
    unknown: tuple[TypeNeed, ...]
    models: tuple[ModelNeed, ...]
    inputs: tuple[InputNeed, ...]
