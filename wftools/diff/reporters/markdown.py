"""A comment for a pull request: a table of the files, their changes folded, and which outputs lie downstream."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from wftools.diff.downstream import Downstream
from wftools.diff.inventory import needs
from wftools.diff.reporters._tally import pack_changes, remark, tally
from wftools.diff.story import Telling, plain
from wftools.diff.story.names import Names
from wftools.errors import counted, listed
from wftools.escaping import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.diff.changes import Subject
    from wftools.diff.report import FileDiff, Report
    from wftools.diff.story import Entry, Sign, Story

MAX_CHARACTERS: Final = 65_000  # GitHub takes 65,536 in a comment
_FOR_TABLE: Final = 20_000  # of these
_RESERVE: Final = 400  # for what is said of what was left out
_MAX_LINE: Final = 1_000  # characters of a line
_MOST_NAMES: Final = 8  # of outputs, models and packs

_MARKS: Final[Mapping[Sign, str]] = {"+": "+", "-": "-", "~": "!"}  # as the colours of a diff have it
_WORDS: Final[Mapping[Sign, str]] = {"+": "added", "-": "removed", "~": "changed"}
_TITLE: Final = "### Workflow changes"
_HEAD: Final = ("| File | Changes | Outputs downstream |", "| --- | --- | --- |")


def render(report: Report) -> str:
    """The comment, of at most MAX_CHARACTERS; what was left out is said. Values that are secret are not told."""
    files = [file for file in report.files if not file.is_identical or file.former is not None]
    if not files:
        return f"{_TITLE}\n\nNo workflow has changed."
    told = [_Told(file) for file in files]
    lines = [_TITLE, "", *_HEAD]
    size = sum(len(line) + 1 for line in lines)
    rows = [each.row() for each in told]
    shown = _fitting(rows, _FOR_TABLE)
    lines += rows[:shown]
    size += sum(len(row) + 1 for row in rows[:shown])
    left_out = [f"{counted(len(rows) - shown, 'file')} more"] if shown < len(rows) else []
    for each in told[:shown]:
        section = [*each.section(MAX_CHARACTERS - _RESERVE - size)]
        lines += section
        size += sum(len(line) + 1 for line in section)
    hidden = sum(each.has_section and not each.is_shown for each in told[:shown])
    left_out += [f"the changes of {counted(hidden, 'file')}"] if hidden else []
    if left_out:
        lines += ["", f"_Left out, since a comment has an end: {' and '.join(left_out)}._"]
    return "\n".join(lines)


def _fitting(lines: Sequence[str], most: int) -> int:
    """How many of some lines have no more characters than that in all."""
    size = 0
    for index, line in enumerate(lines):
        size += len(line) + 1
        if size > most:
            return index
    return len(lines)


class _Told:
    """What is told of one file."""

    def __init__(self, file: FileDiff) -> None:
        self._file = file
        self.is_shown = False
        self._story: Story | None = None
        self._outputs: dict[int, tuple[Subject, ...]] = {}  # by the identity of entries
        if file.comparison is not None:
            self._story = file.story(Telling(redacts=True))
            downstream = Downstream(file.comparison)
            self._outputs = {id(entry): downstream.of(entry.changes) for entry in self._story.entries}
            self._names = Names(file.comparison)

    @property
    def has_section(self) -> bool:
        """Whether there is more to tell than the row of the table."""
        return self._story is not None and bool(self._story.chapters)

    def row(self) -> str:
        """The file's row of the table."""
        file, what, outputs = self._file, "", ""
        if file.error is not None:
            what = f"could not be compared: {code(file.error.message)}"
        elif self._story is None:
            what = remark(file)
        elif not self._story.chapters:
            what = tally(file, self._story, hint="")
        else:
            counts = Counter(entry.sign for entry in self._story.entries for _ in entry.subjects)
            what = ", ".join(f"{counts[sign]} {word}" for sign, word in _WORDS.items() if counts[sign])
            reached = dict.fromkeys(each for found in self._outputs.values() for each in found)
            outputs = listed([code(self._output(each)) for each in reached], _MOST_NAMES)
        name = code(file.name) + (f" (was {code(file.former)})" if file.former is not None else "")
        cells = (each.replace("|", "\\|") for each in (name, what, outputs))
        return f"| {' | '.join(cells)} |"

    def section(self, most: int) -> Iterator[str]:
        """The changes, folded, in at most so many characters; nothing if there is no room for any."""
        if self._story is None or not self._story.chapters:
            return
        head = ["", f"<details><summary><code>{_in_html(self._file.name)}</code></summary>", ""]
        last = tally(self._file, self._story, hint="")
        tail = [*self._needs(), *(["", f"<sub>{_in_html(last)}</sub>"] if last else []), "", "</details>"]
        body = [*self._changes()]
        fence = "`" * max(3, 1 + max((len(run) for line in body for run in re.findall("`+", line)), default=0))
        room = most - sum(len(line) + 1 for line in (*head, *tail)) - 2 * len(fence) - 60
        shown = _fitting(body, room)
        if not shown:
            return
        self.is_shown = True
        yield from head
        if self._file.is_mixed:
            yield from (remark(self._file), "")
        yield fence + "diff"
        yield from body[:shown]
        if shown < len(body):
            yield f"@@ {len(body) - shown} more left out @@"
        yield fence
        yield from tail

    def _changes(self) -> Iterator[str]:
        assert self._story is not None
        reached = {found for found in self._outputs.values() if found}
        for chapter in self._story.chapters:
            if chapter.title:
                yield f"@@ {printable(plain(chapter.title))} @@"
            for entry in chapter.entries:
                yield self._line(entry, with_outputs=len(reached) > 1)

    def _line(self, entry: Entry, *, with_outputs: bool) -> str:
        outputs = [self._output(each) for each in self._outputs[id(entry)]] if with_outputs else []
        reaches = f"  ⇒ {listed(outputs, _MOST_NAMES)}" if outputs else ""
        text = printable(plain(entry.sentence))
        cut = text if len(text) <= _MAX_LINE else f"{text[: _MAX_LINE - 1]}…"
        return f"{_MARKS[entry.sign]} {cut}{reaches}"

    def _output(self, new: Subject) -> str:
        assert self._file.comparison is not None
        known = self._file.comparison.matching.known_as(new, self._file.comparison.old)
        return printable(f"{self._names.type_of(known)} {plain(self._names.which(known))}")

    def _needs(self) -> list[str]:
        """The models and packs that are needed now, or no longer."""
        assert self._file.comparison is not None
        need = needs(self._file.comparison)
        told = {
            "Models needed now": need.models_added,
            "Models no longer needed": need.models_removed,
            "Packs of custom nodes": [*map(plain, pack_changes(need))],
        }
        lines = [f"{label}: {listed([*map(code, items)], _MOST_NAMES)}" for label, items in told.items() if items]
        return ["", *(f"- {line}" for line in lines)] if lines else []


def code(text: str) -> str:
    """Text as code, on one line and whole."""
    shown = printable(text)
    if not shown.strip():
        return "` `"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _in_html(text: str) -> str:
    return html.escape(printable(text))
