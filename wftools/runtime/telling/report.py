"""What a call of `wftools run` did, as data: the model of its --json output, published in schemas/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, computed_field

from wftools import __version__
from wftools.errors import FAILED, INTERRUPTED, Place, RunError

if TYPE_CHECKING:
    from wftools.runtime.telling.problem import Problem

NodeState = Literal["planned", "running", "ran", "cached", "blocked", "failed", "interrupted", "not needed", "left out"]
Status = Literal["planned", "ran", "partly", "failed", "interrupted", "skipped"]

RAN = 0


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NodeReport(_Part):
    """One node call."""

    id: str
    type: str
    title: str | None = None
    state: NodeState = "planned"
    """"cached": its result was there already; "blocked": something before it said that it must not run;
    "not needed": no input that was asked for led to it; "left out": in a dry run, it would not run, and names files or
    is an output."""
    reads: list[str] = []
    """Files that its inputs name."""
    missing: list[str] = []
    """Files that its inputs name and that are not there, each with its kind; of nodes that are left out."""
    writes: str | None = None
    """How the names of the files begin that it writes."""
    seconds: float | None = None
    """In the node's own function."""


class WrittenFile(_Part):
    """A file that a node wrote."""

    path: str
    node: str
    kind: Literal["output", "temp"]


class ShownText(_Part):
    """A text that a node shows."""

    text: str
    node: str


class ErrorReport(_Part):
    """Something that kept a workflow, or a part of it, from running."""

    message: str
    hint: str | None = None
    node: str | None = None
    """Id and type of the node: "57:3 (KSampler)"."""
    file: str | None = None
    line: int | None = None
    column: int | None = None
    pointer: str | None = None
    """JSON Pointer into the file."""
    traceback: str | None = None

    @classmethod
    def of(cls, problem: Problem) -> ErrorReport:
        """A problem in the form of the report."""
        place = problem.place or Place()
        return cls(
            message=problem.message,
            hint=problem.hint,
            node=place.node,
            file=place.file,
            line=place.line,
            column=place.column,
            pointer=place.pointer,
            traceback=problem.traceback,
        )

    def error(self) -> RunError:
        """The same as an error that can be raised or shown."""
        place = Place(self.file, self.line, self.column, self.pointer, self.node)
        return RunError(self.message, place=place, hint=self.hint)


class WorkflowReport(_Part):
    """One workflow file."""

    file: str
    status: Status
    """"planned": by a dry run; "partly": some outputs could not run, the others did; "skipped": a workflow before it
    failed."""
    nodes: list[NodeReport] = []
    files: list[WrittenFile] = []
    texts: list[ShownText] = []
    errors: list[ErrorReport] = []
    capture: str | None = None
    """The file with every node's outputs."""
    seconds: float = 0.0


class RunReport(_Part):
    """All workflow files of one call."""

    version: str = __version__
    """Of wftools."""
    workflows: list[WorkflowReport]

    @computed_field  # type: ignore[prop-decorator]  # of mypy's own making
    @property
    def exit_status(self) -> int:
        """0: all ran; 2: something did not; 130: interrupted."""
        if any(workflow.status == "interrupted" for workflow in self.workflows):
            return INTERRUPTED
        return FAILED if any(workflow.errors for workflow in self.workflows) else RAN
