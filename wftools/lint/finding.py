"""What a rule finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftools.graph import Node


class Severity(IntEnum):
    """How bad a finding is. An error: ComfyUI refuses the workflow, or a part of it cannot run."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule has to say, and where.

    A rule gives the pointer and the message, and the severity where it is not the rule's own. The engine adds the file,
    the position and the rule's code and name.
    """

    pointer: str  # JSON Pointer into the workflow; into the file once the engine is done with it
    message: str
    node: str | None = None  # id of the node, as in ComfyUI's prompts: "57:3"
    hint: str | None = None  # what to do
    severity: Severity | None = None
    at_key: bool = False  # the position is that of the key, not of the value
    offset: int | None = None  # of a defect in the text, which has no pointer
    code: str = ""
    name: str = ""
    file: str = ""
    line: int | None = None
    column: int | None = None


def at(
    node: Node,
    message: str,
    *,
    input: str | None = None,  # noqa: A002
    hint: str | None = None,
    severity: Severity | None = None,
) -> Finding:
    """A finding at a node of the flattened view, or at one of its inputs."""
    pointer = node.given[input].pointer if input is not None and input in node.given else node.pointer
    return Finding(pointer, message, node.path, hint, severity)
