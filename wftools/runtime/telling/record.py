"""Writes a workflow's report while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.runtime.plan.files import prefix_of
from wftools.runtime.telling.report import (
    ErrorReport,
    NodeReport,
    ShownText,
    Status,
    WorkflowReport,
    WrittenFile,
)
from wftools.runtime.telling.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.context import Saved
    from wftools.folders import Folders
    from wftools.runtime.calls.invoke import Outputs
    from wftools.runtime.plan import Plan
    from wftools.runtime.plan.call import Call
    from wftools.runtime.plan.left_out import LeftOut
    from wftools.runtime.telling.problem import Problem
    from wftools.runtime.telling.watch import Finish


class Record(Watcher):
    """A watcher that notes what became of each call of a plan."""

    def __init__(self, plan: Plan, folders: Folders) -> None:
        self._nodes = {path: _planned(call, plan, folders) for path, call in plan.calls.items()}
        self._files: list[WrittenFile] = []
        self._texts: list[ShownText] = []

    def leave_out(self, nodes: Iterable[LeftOut]) -> None:
        """Nodes will not run, of which there is something to tell all the same."""
        for each in nodes:
            node = each.node
            self._nodes[node.path] = NodeReport(
                id=node.path,
                type=node.type,
                title=node.title,
                state="left out",
                reads=[str(path) for path in each.reads],
                missing=list(each.missing),
                writes=each.writes,
            )

    def started(self, call: Call) -> None:
        """A node runs; it may be one that an expansion added."""
        node = self._nodes.setdefault(call.path, NodeReport(id=call.path, type=call.node.type, title=call.node.title))
        node.state = "running"

    def finished(self, call: Call, outputs: Outputs, finish: Finish) -> None:  # noqa: ARG002
        """A node is done."""
        node = self._nodes[call.path]
        node.state, node.seconds = finish.state, finish.seconds
        self._note(call, finish.saved)

    def failed(self, call: Call, saved: tuple[Saved, ...]) -> None:
        """A node has failed; what it wrote before is there all the same."""
        self._nodes[call.path].state = "failed"
        self._note(call, saved)

    def _note(self, call: Call, saved: tuple[Saved, ...]) -> None:
        for each in saved:
            if each.kind == "text":
                self._texts.append(ShownText(text=each.text or "", node=call.name))
            elif each.path is not None:
                kind = "temp" if each.kind == "temp" else "output"
                self._files.append(WrittenFile(path=str(each.path), node=call.name, kind=kind))

    def report(self, file: str, status: Status, problems: tuple[Problem, ...]) -> WorkflowReport:
        """What has become of the workflow."""
        for node in self._nodes.values():
            if node.state == "running":
                node.state = "interrupted"
            elif node.state == "planned" and status in ("ran", "partly"):
                node.state = "not needed"
        return WorkflowReport(
            file=file,
            status=status,
            nodes=list(self._nodes.values()),
            files=self._files,
            texts=self._texts,
            errors=list(map(ErrorReport.of, problems)),
        )


def _planned(call: Call, plan: Plan, folders: Folders) -> NodeReport:
    prefix = prefix_of(call)
    return NodeReport(
        id=call.path,
        type=call.node.type,
        title=call.node.title,
        reads=[str(path) for path in plan.reads[call.path]],
        writes=str(folders.output / prefix) if prefix is not None else None,
    )
