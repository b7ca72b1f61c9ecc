"""The text that a document was read from, and what is wrong with it as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Defect = Literal["syntax", "encoding", "byte-order-mark", "duplicate-key", "non-finite"]


@dataclass(frozen=True, slots=True)
class SourceText:
    """One JSON text and where it was found."""

    name: str  # a path, or "<stdin>"
    text: str
    container: str | None = None  # "png", "mp4" …; None for a file that is JSON itself
    key: str | None = None  # under which name the container holds it: "workflow", "prompt"
    base: str = ""  # JSON Pointer of the workflow inside the text: "/prompt" in a queue request
    encoding: str = "utf-8"  # of the file that it stood in, by Python's name


@dataclass(frozen=True, slots=True)
class TextDefect:
    """Something in the text that JSON readers disagree about, or that no reader accepts."""

    kind: Defect
    message: str
    offset: int  # in characters from the start of the text
