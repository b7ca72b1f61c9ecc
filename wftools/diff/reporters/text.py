"""For people: what was done to each file, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from wftools.diff.inventory import needs
from wftools.diff.reporters._lines import lines, shown
from wftools.diff.reporters._tally import pack_changes, remark, tally
from wftools.diff.story import Telling, rest
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.diff.report import FileDiff, Report
    from wftools.diff.story import Chapter

_IN_SUBGRAPH: Final = "  "


def render(report: Report) -> str:
    """The story of each file that differs at all; the name of the file above it, where there are several."""
    told = ["\n".join(_file(file, report)) for file in report.files]
    blocks = [block for block in told if block]
    return "\n\n".join(blocks) if len(report.files) > 1 else "\n".join(blocks)


def _file(file: FileDiff, report: Report) -> Iterator[str]:
    body = [*_body(file, report)]
    if file.former is not None or (body and len(report.files) > 1):
        was = f" (was {printable(file.former)})" if file.former is not None else ""
        yield click.style(printable(file.name) + was, bold=True)
    yield from body


def _body(file: FileDiff, report: Report) -> Iterator[str]:
    if file.comparison is None:
        if file.error is None:
            yield remark(file)
        return
    if file.is_mixed:
        yield click.style(remark(file), dim=True)
    telling = Telling(is_full=report.options.is_full)
    story = file.story(telling)
    yield from _chapters(story.chapters)
    if report.options.is_full:
        others = [*_chapters(rest(file.comparison, file.level, telling))]
        yield from (click.style("layout and noise:", dim=True), *others) if others else ()
    if report.options.with_packs:
        for pack in pack_changes(needs(file.comparison)):
            yield "pack " + shown(pack)
    last = tally(file, story, "" if report.options.is_full else " hidden (-v)")
    if last:
        yield click.style(last, dim=True)


def _chapters(chapters: Iterable[Chapter]) -> Iterator[str]:
    for chapter in chapters:
        if chapter.title:
            yield f"{shown(chapter.title)}:"
        indent = _IN_SUBGRAPH if chapter.title else ""
        for entry in chapter.entries:
            yield from (indent + line for line in lines(entry))
