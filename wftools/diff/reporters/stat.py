"""For people: how much changed in each file, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.diff.changes import Added, Removed
from wftools.errors import counted
from wftools.escaping import printable

if TYPE_CHECKING:
    from wftools.diff.report import FileDiff, Report

_WIDTH: Final = 40  # of a bar


def render(report: Report) -> str:
    """The files in which something changed, with the number of nodes that came, went and changed."""
    files = [file for file in report.files if file.status != "same"]
    width = max((len(printable(file.name)) for file in files), default=0)
    most = max((sum(_counts(file)) for file in files), default=0)
    rows = [f" {printable(file.name):<{width}} | {_row(file, most)}" for file in files]
    total = [sum(counts) for counts in zip(*(_counts(file) for file in files), strict=True)] or [0, 0, 0]
    what = f"{total[0]} added, {total[1]} removed, {total[2]} changed"
    failed = sum(file.status == "failed" for file in files)
    what += f"; {counted(failed, 'file')} could not be compared" if failed else ""
    return "\n".join([*rows, f" {counted(len(files) - failed, 'file')} changed: {what}"]) if files else ""


def _row(file: FileDiff, most: int) -> str:
    if file.status != "changed":
        return file.status
    counts = _counts(file)
    scale = min(1, _WIDTH / most) if most else 0
    bars = zip("+-~", ("green", "red", "yellow"), counts, strict=True)
    return f"{sum(counts):>3} " + "".join(
        click.style(sign * max(1, round(count * scale)), fg=colour) for sign, colour, count in bars if count
    )


def _counts(file: FileDiff) -> tuple[int, int, int]:
    """How many subjects came, went and are otherwise."""
    came = {change.subject for change in file.changes if isinstance(change, Added)}
    went = {change.subject for change in file.changes if isinstance(change, Removed)}
    return len(came), len(went), len({change.subject for change in file.changes} - came - went)
