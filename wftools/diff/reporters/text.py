"""For people: what was done to each file, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.diff.reporters._lines import lines, shown
from wftools.diff.reporters._tally import remark, tally
from wftools.diff.story import Telling
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.diff.report import FileDiff, Report

_IN_SUBGRAPH: Final = "  "


def render(report: Report) -> str:
    """The story of each file that differs at all; the name of the file above it, where there are several."""
    told = ["\n".join(_file(file, report)) for file in report.files]
    blocks = [block for block in told if block]
    return "\n\n".join(blocks) if len(report.files) > 1 else "\n".join(blocks)


def _file(file: FileDiff, report: Report) -> Iterator[str]:
    body = [*_body(file, report)]
    if body and len(report.files) > 1:
        yield click.style(printable(file.name), bold=True)
    yield from body


def _body(file: FileDiff, report: Report) -> Iterator[str]:
    if file.comparison is None:
        if file.error is None:
            yield remark(file)
        return
    if file.is_mixed:
        yield click.style(remark(file), dim=True)
    story = file.story(Telling(is_full=report.options.is_full))
    for chapter in story.chapters:
        if chapter.title:
            yield f"{shown(chapter.title)}:"
        indent = _IN_SUBGRAPH if chapter.title else ""
        for entry in chapter.entries:
            yield from (indent + line for line in lines(entry))
    last = tally(file, story)
    if last:
        yield click.style(last, dim=True)
