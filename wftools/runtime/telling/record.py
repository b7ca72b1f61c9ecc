"""Writes a workflow's report while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.errors import Place
from wftools.runtime.telling.report import (
    ErrorReport,
    NodeReport,
    NodeState,
    ShownText,
    Status,
    WorkflowReport,
    WrittenFile,
)

if TYPE_CHECKING:
    from wftools.folders import Folders
    from wftools.runtime.calls.invoke import Outputs
    from wftools.runtime.plan import Plan
    from wftools.runtime.plan.call import Call
    from wftools.runtime.telling.problem import Problem
    from wftools.runtime.telling.watch import Finish


class Record:
    """A watcher that notes what became of each call of a plan."""

    def __init__(self, plan: Plan, folders: Folders) -> None:
        self._nodes = {path: _planned(call, plan, folders) for path, call in plan.calls.items()}
        self._files: list[WrittenFile] = []
        self._texts: list[ShownText] = []

    def started(self, call: Call) -> None:
        """A node runs; it may be one that an expansion added."""
        node = self._nodes.setdefault(call.path, NodeReport(id=call.path, type=call.node.type, title=call.node.title))
        node.state = "running"

    def stepped(self, call: Call, done: int, total: int) -> None:
        """Nothing to note."""

    def finished(self, call: Call, outputs: Outputs, finish: Finish) -> None:  # noqa: ARG002
        """A node is done."""
        node = self._nodes[call.path]
        node.state, node.seconds, node.memory = finish.state, finish.seconds, finish.memory
        for saved in finish.saved:
            if saved.kind == "text":
                self._texts.append(ShownText(text=saved.text or "", node=call.name))
            elif saved.path is not None:
                kind = "temp" if saved.kind == "temp" else "output"
                self._files.append(WrittenFile(path=str(saved.path), node=call.name, kind=kind))

    def report(self, file: str, status: Status, problems: tuple[Problem, ...]) -> WorkflowReport:
        """What has become of the workflow."""
        failed = {problem.place.node for problem in problems if problem.place is not None}
        for node in self._nodes.values():
            node.state = _final(node.state, status, is_blamed=f"{node.id} ({node.type})" in failed)
        return WorkflowReport(
            file=file,
            status=status,
            nodes=list(self._nodes.values()),
            files=self._files,
            texts=self._texts,
            errors=list(map(error_report, problems)),
        )


def error_report(problem: Problem) -> ErrorReport:
    """A problem in the form of the report."""
    place = problem.place or Place()
    return ErrorReport(
        message=problem.message,
        hint=problem.hint,
        node=place.node,
        file=place.file,
        line=place.line,
        column=place.column,
        pointer=place.pointer,
        traceback=problem.traceback,
    )


def _planned(call: Call, plan: Plan, folders: Folders) -> NodeReport:
    prefix = call.literals.get("filename_prefix") if call.signature.output_node else None
    return NodeReport(
        id=call.path,
        type=call.node.type,
        title=call.node.title,
        reads=[str(path) for path in plan.reads[call.path]],
        writes=str(folders.output / prefix) if isinstance(prefix, str) else None,
    )


def _final(state: NodeState, status: Status, *, is_blamed: bool) -> NodeState:
    if state == "running":
        return "failed" if is_blamed else "interrupted"
    return "not needed" if state == "planned" and status in ("ran", "partly") else state
