"""For people: each finding with the line that it points at, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.escaping import printable
from wftools.lint.reporters._text import headline, summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.lint.engine import Linted
    from wftools.lint.finding import Finding

WIDTH: Final = 100  # of a shown line; a file that is one long line shows the part around the place
_BEFORE: Final = 40


def render(linted: Sequence[Linted], target: str) -> str:  # noqa: ARG001
    """The findings of some files, and how many there are."""
    blocks = ["\n".join(_block(finding, file.text)) for file in linted for finding in file.findings]
    return "\n\n".join([*blocks, summary(linted)])


def _block(finding: Finding, text: str | None) -> Iterator[str]:
    yield headline(finding)
    if text is not None and finding.line is not None and finding.column is not None:
        yield from _excerpt(text.split("\n")[finding.line - 1], finding.line, finding.column)
    if finding.hint:
        yield click.style("   hint: ", fg="cyan") + printable(finding.hint)


def _excerpt(line: str, number: int, column: int) -> Iterator[str]:
    start = max(0, column - 1 - _BEFORE) if len(line) > WIDTH else 0
    shown = line[start : start + WIDTH]
    place = column - 1 - start
    before = printable(shown[:place].lstrip())
    gutter = f"{number:>5} | "
    cut = "… " if start else ""
    yield click.style(gutter, dim=True) + cut + before + printable(shown[place:].rstrip())
    yield " " * (len(gutter) + len(cut) + len(before)) + click.style("^", fg="red", bold=True)
