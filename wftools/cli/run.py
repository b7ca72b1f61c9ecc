"""The report of a run as text: what was written or planned, and what went wrong."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from wftools.cli.output import show_error
from wftools.errors import Place, RunError
from wftools.runtime.telling.progress import Progress, bar, lines, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.runtime.telling.report import ErrorReport, NodeReport, WorkflowReport


def share_cores() -> None:
    """Let torch's threads sleep soon when they wait. To be called before torch is imported.

    They spin by default, for so long that on a machine with other work a run takes 50 times its time. Where there is
    no other work, sleeping soon costs a few percent of a small model's time, and nothing of a large one's.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")


def progress(*, quiet: bool, verbose: bool) -> Progress:
    """How far a run is: a bar in a terminal, a line a node elsewhere if that is wanted."""
    if quiet:
        return silent
    if sys.stderr.isatty():
        return partial(bar, with_lines=verbose)
    return lines if verbose else silent


def results(report: WorkflowReport) -> Iterator[str]:
    """What a workflow has written and shown, or what it would do."""
    if report.status == "planned":
        yield from _plan(report)
    yield from (file.path for file in report.files)
    yield from (f"{text.node}: {text.text}" for text in report.texts)
    if report.capture is not None:
        yield report.capture


def show_errors(report: WorkflowReport, *, with_traceback: bool) -> None:
    """Print on stderr what went wrong."""
    for error in report.errors:
        if with_traceback and error.traceback is not None:
            click.echo(error.traceback.rstrip(), err=True)
        show_error(_as_error(error))
    if report.status == "partly":
        click.echo(f"{report.file}: the other outputs ran", err=True)
    if report.status == "skipped":
        click.echo(f"{report.file}: not run, since one before it failed (see --keep-going)", err=True)


def open_files(report: WorkflowReport) -> None:
    """Show what a workflow has written to the output folder."""
    for file in report.files:
        if file.kind == "output" and click.launch(file.path) != 0:
            show_error(
                RunError(
                    "there is no program to open it with",
                    place=Place(file.path),
                    hint="on Linux, install xdg-utils",
                )
            )
            return


def _as_error(error: ErrorReport) -> RunError:
    place = Place(error.file, error.line, error.column, error.pointer, error.node)
    return RunError(error.message, place=place, hint=error.hint)


def _plan(report: WorkflowReport) -> Iterator[str]:
    yield f"{report.file}: {len(report.nodes)} nodes"
    for number, node in enumerate(report.nodes, 1):
        yield f"{number:4}  {_named(node)}"
        yield from (f"      reads {path}" for path in node.reads)
        if node.writes is not None:
            yield f"      writes {node.writes}_..."


def _named(node: NodeReport) -> str:
    name = f"{node.id} ({node.type})"
    return f"{name} {node.title}" if node.title and node.title != node.type else name
