"""For people: each finding with the line that it points at, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.escaping import printable
from wftools.lint.reporters._text import headline, summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.lint.finding import Finding
    from wftools.lint.report import Linted, Report

__all__ = ["of_file", "render", "summary"]

WIDTH: Final = 100  # of a shown line; a file that is one long line shows the part around the place
_BEFORE: Final = 40


def of_file(file: Linted) -> str:
    """The findings of one file, each with an empty line behind it."""
    return "".join("\n".join(_block(finding, file.lines)) + "\n\n" for finding in file.findings)[:-1]


def render(report: Report) -> str:
    """The findings, and how many there are."""
    return "\n".join([*filter(None, map(of_file, report.files)), summary(report)])


def _block(finding: Finding, lines: Mapping[int, str]) -> Iterator[str]:
    yield headline(finding)
    is_of_whole = finding.place.pointer is not None and finding.end is None  # which no line of it shows
    if finding.line is not None and finding.column is not None and finding.line in lines and not is_of_whole:
        line = lines[finding.line]
        if finding.excerpt is not None:
            line, width = line[: finding.column - 1] + finding.excerpt, len(finding.excerpt)
        else:
            end_line, end_column = finding.end or (None, None)
            width = end_column - finding.column if end_column is not None and end_line == finding.line else 1
        yield from _excerpt(line, finding.line, finding.column, width)
    if finding.hint:
        yield click.style("   hint: ", fg="cyan") + printable(finding.hint)


def _excerpt(line: str, number: int, column: int, width: int) -> Iterator[str]:
    line, blanks = line.lstrip(), len(line) - len(line.lstrip())
    place = max(0, column - 1 - blanks)
    start = max(0, place - _BEFORE) if len(line) > WIDTH else 0
    place -= start
    shown = line[start : start + WIDTH].rstrip()
    before, marked = printable(shown[:place]), printable(shown[place : place + width])
    gutter = f"{number:>5} | "
    cut, rest = "… " if start else "", " …" if start + WIDTH < len(line) else ""
    yield click.style(gutter, dim=True) + cut + before + marked + printable(shown[place + width :]) + rest
    mark = "^" * max(1, len(marked))
    yield " " * (len(gutter) + len(cut) + len(before)) + click.style(mark, fg="red", bold=True)
