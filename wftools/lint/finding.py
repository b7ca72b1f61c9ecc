"""What a rule finds, and what the engine makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftools.document.edit import Edit
    from wftools.errors import Place
    from wftools.graph import Node, NodePath
    from wftools.lint.rule import Rule


class Severity(IntEnum):
    """How bad a finding is. An error: ComfyUI refuses the workflow, or a part of it cannot run."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


@dataclass(frozen=True, slots=True)
class Spot:
    """The thing in a workflow that a rule points at: the whole workflow, if nothing is said."""

    pointer: str = ""  # JSON Pointer into the workflow
    node: NodePath | None = None  # the node that it is, or is a part of
    key: bool = False  # the key is meant, not the value
    offset: int | None = None  # of a defect in the text, which has no pointer


WHOLE = Spot()


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule yields: one thing that it has to say, and of what."""

    at: Spot
    message: str
    hint: str | None = None  # what to do
    severity: Severity | None = None  # where it is not the rule's own
    fix: tuple[Edit, ...] = ()  # what makes it go away and changes nothing else; pointers start at the workflow
    also: tuple[Spot, ...] = ()  # other nodes of which the same is to be said


def at(node: Node, input: str | None = None) -> Spot:  # noqa: A002
    """A node of the flattened view, or one of its inputs."""
    pointer = node.given[input].pointer if input is not None and input in node.given else node.pointer
    return Spot(pointer, node.path)


@dataclass(frozen=True, slots=True)
class Also:
    """Another node of which a finding is, and where it stands in the file."""

    place: Place
    node: NodePath | None
    title: str | None  # what the editor shows above it, or what a prompt says that it does


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found, and where it stands in the file."""

    rule: Rule
    severity: Severity
    message: str
    hint: str | None
    place: Place  # the pointer starts at the root of the JSON text
    end: tuple[int, int] | None = None  # line and column behind what is pointed at
    node: NodePath | None = None
    title: str | None = None  # of that node, as the editor shows it
    node_type: str | None = None  # and its type; None for an instance of a subgraph
    excerpt: str | None = None  # what is pointed at on one line, where it stands on several
    fix: tuple[Edit, ...] = ()  # for `document.edit.edited`: pointers start at the workflow
    also: tuple[Also, ...] = ()  # where several nodes have the same fault, all but the first

    @property
    def code(self) -> str:
        """The code of the rule: `L204`."""
        return self.rule.code

    @property
    def name(self) -> str:
        """The name of the rule: `dangling-link`."""
        return self.rule.name

    @property
    def file(self) -> str:
        """The file that it was found in."""
        return self.place.file or ""

    @property
    def line(self) -> int | None:
        """The line, from 1; None for what concerns a whole file."""
        return self.place.line

    @property
    def column(self) -> int | None:
        """The column, from 1, in characters."""
        return self.place.column

    @property
    def pointer(self) -> str:
        """JSON Pointer (RFC 6901) into the JSON text of the file."""
        return self.place.pointer or ""
