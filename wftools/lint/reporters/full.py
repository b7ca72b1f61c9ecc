"""For people: each finding with the line that it points at, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.escaping import printable
from wftools.lint.reporters._text import headline, summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.lint.finding import Finding
    from wftools.lint.report import Report

WIDTH: Final = 100  # of a shown line; a file that is one long line shows the part around the place
_BEFORE: Final = 40


def render(report: Report) -> str:
    """The findings, and how many there are."""
    blocks = ["\n".join(_block(finding, file.lines)) for file in report.files for finding in file.findings]
    return "\n\n".join([*blocks, summary(report)])


def _block(finding: Finding, lines: Mapping[int, str]) -> Iterator[str]:
    yield headline(finding)
    if finding.line is not None and finding.column is not None and finding.line in lines:
        end_line, end_column = finding.end or (None, None)
        width = end_column - finding.column if end_column is not None and end_line == finding.line else 1
        yield from _excerpt(lines[finding.line], finding.line, finding.column, width)
    if finding.hint:
        yield click.style("   hint: ", fg="cyan") + printable(finding.hint)


def _excerpt(line: str, number: int, column: int, width: int) -> Iterator[str]:
    start = max(0, column - 1 - _BEFORE) if len(line) > WIDTH else 0
    place = column - 1 - start
    shown = line[start : start + WIDTH].rstrip()
    before, marked = printable(shown[:place].lstrip()), printable(shown[place : place + width])
    gutter = f"{number:>5} | "
    cut = "… " if start else ""
    yield click.style(gutter, dim=True) + cut + before + marked + printable(shown[place + width :])
    mark = "^" * max(1, len(marked))
    yield " " * (len(gutter) + len(cut) + len(before)) + click.style(mark, fg="red", bold=True)
