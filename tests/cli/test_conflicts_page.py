"""wftools conflicts --html, as a process."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.cli.process import wftools

SAMPLE = Path(__file__).parents[2] / "sample_workflows" / "txt2img.json"
conflicts = partial(wftools, "conflicts")


@pytest.fixture
def folder(tmp_path):
    """A merged file with a conflict."""
    shutil.copy(SAMPLE, tmp_path / "base.json")
    for name, steps in (("ours", 30), ("theirs", 8)):
        wftools("set", "base.json", f"KSampler.steps={steps}", "-o", f"{name}.json", cwd=tmp_path)
    wftools("merge", "base.json", "ours.json", "theirs.json", "-o", "merged.json", cwd=tmp_path)
    return tmp_path


def test_the_page_goes_to_a_file_or_to_standard_output(folder):
    to_file = conflicts("merged.json", "--html", "-o", "page.html", cwd=folder)
    by_name = conflicts("merged.json", "-o", "named.html", cwd=folder)
    printed = conflicts("merged.json", "--output-format", "html", cwd=folder)

    assert (to_file.returncode, to_file.stdout, to_file.stderr) == (1, "", "")
    assert by_name.returncode == 1
    assert printed.stdout == (folder / "page.html").read_text("utf-8") == (folder / "named.html").read_text("utf-8")
    assert printed.stdout.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["merged.json", "base.json", "--html"], "Error: a page shows the conflicts of one file"),
        (["nowhere.json", "--html"], "error: nowhere.json: cannot be read"),
        (["merged.json", "--html", "-o", "no/page.html"], "error: no/page.html: cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_error(folder, arguments, message):
    done = conflicts(*arguments, cwd=folder)

    assert done.returncode == 2
    assert message in done.stderr
    assert "<" not in done.stdout


def test_a_file_without_conflicts_has_a_page_that_says_so(folder):
    done = conflicts("base.json", "--html", cwd=folder)

    assert done.returncode == 0
    assert done.stdout.startswith("<!DOCTYPE html>")
