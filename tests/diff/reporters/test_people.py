"""What terminals are shown: lines of one width, bars, names."""

from __future__ import annotations

from typing import Any

import click
import pytest

from tests.diff.reporters.test_reporters import prompt, report
from tests.versions import Item, pairs
from wftools.diff import FileDiff, Options, Report, compared
from wftools.diff.reporters import names, stat, text
from wftools.diff.reporters._lines import WIDTH, lines
from wftools.errors import InputError


@pytest.mark.parametrize("item", pairs(), ids=str)
def test_lines_are_broken_between_words(item: Item) -> None:
    """But for words that are longer than a line."""
    (file,) = report((item.id, item.tree("old"), item.tree("new"))).files

    shown = [click.unstyle(line) for entry in file.story().entries for line in lines(entry)]

    assert all(len(line) <= WIDTH or " " not in line.strip()[2:] for line in shown)


def flow(*nodes: str, **inputs: Any) -> dict[str, Any]:
    return {id_: {"class_type": "Node", "inputs": inputs} for id_ in nodes}


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        (flow("1", "2"), flow("1", "2", a=1), "f |   2 ~~"),
        (flow("1"), {**flow("1"), "2": {"class_type": "Other", "inputs": {}}}, "f |   1 +"),
        (flow("1", a=1), {}, "f |   1 -"),
    ],
)
def test_a_bar_says_how_much_came_went_and_changed(old: Any, new: Any, row: str) -> None:
    shown = click.unstyle(stat.render(report(("f", old, new))))

    assert shown.splitlines()[0].strip() == row


def test_a_bar_has_an_end() -> None:
    ids = [str(index) for index in range(500)]
    shown = click.unstyle(stat.render(report(("f", flow(*ids), flow(*ids, a=1)), ("g", flow("1"), flow("1", a=1)))))

    first, second, total = shown.splitlines()
    assert first.count("~") == 40
    assert second.count("~") == 1
    assert total == " 2 files changed: 0 added, 0 removed, 501 changed"


def test_files_that_are_the_same_are_not_listed() -> None:
    made = report(("same", prompt(a=1), prompt(a=1.0)), ("other", prompt(a=1), prompt(a=2)))

    assert names.render(made) == "other"
    assert stat.render(made).splitlines()[-1] == " 1 file changed: 0 added, 0 removed, 1 changed"


def test_a_file_that_could_not_be_compared_is_not_counted_as_changed() -> None:
    changed = report(("f", prompt(a=1), prompt(a=2)))
    failed = FileDiff("g", error=InputError("not JSON"))

    total = stat.render(Report((*changed.files, failed), Options())).splitlines()[-1]

    assert total == " 1 file changed: 0 added, 0 removed, 1 changed; 1 file could not be compared"


def test_nothing_is_printed_of_what_is_the_same_to_the_byte() -> None:
    (file,) = report(("same", prompt(a=1), prompt(a=1))).files
    assert file.old is not None
    identical = FileDiff("same", file.old, file.old, compared(file.old, file.old), is_identical=True)

    assert text.render(Report((identical,), Options())) == ""
    assert stat.render(Report((identical,), Options())) == ""
