"""A report as lines for people: a path a line, or what would run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.runtime.telling.report import NodeReport, WorkflowReport


def results(report: WorkflowReport) -> Iterator[str]:
    """What a workflow has written and shown, or what it would do; fit for a terminal.

    A line is a path, whatever the path is like; of a text that a node shows, all lines but the first are indented.
    """
    if report.status == "planned" or any(node.state == "left out" for node in report.nodes):
        yield from _plan(report)
    yield from (printable(file.path) for file in report.files)
    for shown in report.texts:
        yield printable(f"{shown.node}: {shown.text}", keep="\n").replace("\n", "\n    ")
    if report.capture is not None:
        yield printable(report.capture)


def remarks(report: WorkflowReport) -> Iterator[str]:
    """What there is to say of a workflow beside its errors."""
    if report.status == "partly":
        yield f"{report.file}: the other outputs ran"
    if report.status == "skipped":
        yield f"{report.file}: not run, since one before it failed (see --keep-going)"


def _plan(report: WorkflowReport) -> Iterator[str]:
    left_out = [node for node in report.nodes if node.state == "left out"]
    yield printable(f"{report.file}: {len(report.nodes) - len(left_out)} nodes")
    for number, node in enumerate((node for node in report.nodes if node.state != "left out"), 1):
        yield from _node(node, f"{number:4}  ")
    if left_out:
        yield "would not run, though they name files or are outputs:"
        for node in left_out:
            yield from _node(node, "      ")


def _node(node: NodeReport, margin: str) -> Iterator[str]:
    title = f" {node.title}" if node.title and node.title != node.type else ""
    yield printable(f"{margin}{node.id} ({node.type}){title}")
    yield from (printable(f"      reads {path}") for path in node.reads)
    yield from (printable(f"      misses {name}") for name in node.missing)
    if node.writes is not None:
        yield printable(f"      writes {node.writes}_...")
