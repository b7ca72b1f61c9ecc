"""What a drawing is written as, a module for each format: adding a file adds a format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

from wftools.plugins import Folder

if TYPE_CHECKING:
    from wftools.draw.scene import Drawing, Scene

Theme = Literal["auto", "dark", "light"]


@dataclass(frozen=True, slots=True)
class Request:
    """A drawing to be written, and how."""

    drawing: Drawing
    scenes: tuple[Scene, ...]  # those that are asked for, in order
    theme: Theme = "auto"  # auto: as whoever looks at it prefers


class Format(Protocol):
    """What a module of this folder has. The first line of its docstring says what the format is for."""

    SUFFIXES: tuple[str, ...]
    """How names of such files end."""

    SHOWS_ALL: bool
    """Whether a file of it shows all scenes unless one is asked for."""

    EMBEDS: bool
    """Whether the workflow is put into the picture, if nobody says otherwise."""

    def render(self, request: Request, /) -> bytes:
        """The file."""
        ...


FORMATS: Final[Folder[Format]] = Folder("wftools.draw.formats")
