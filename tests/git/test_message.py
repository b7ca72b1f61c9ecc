"""What a commit changes in workflows, in its message."""

from __future__ import annotations

import shlex
import sys

import pytest

from tests.git.flows import flow
from wftools.git.message import HEADING, with_statistic


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Raise the steps\n", "Raise the steps\n\nChanged workflows:\n 1 file\n"),
        ("Raise\n\nbody\n\n\n", "Raise\n\nbody\n\nChanged workflows:\n 1 file\n"),
        ("\n# Please enter\n#\n", "\n\nChanged workflows:\n 1 file\n\n# Please enter\n#\n"),
        ("", "\n\nChanged workflows:\n 1 file\n"),
        ("Fix #12\n\n# comment\n", "Fix #12\n\nChanged workflows:\n 1 file\n\n# comment\n"),
    ],
)
def test_the_statistic_stands_behind_what_is_written(message, expected):
    assert with_statistic(message, " 1 file") == expected


def test_comments_may_start_otherwise():
    assert with_statistic("#1 is mine\n; a comment\n", " 1 file", ";") == (
        "#1 is mine\n\nChanged workflows:\n 1 file\n\n; a comment\n"
    )


@pytest.fixture
def hooked(repo):
    """A repository whose messages are prepared by us."""
    hook = repo.write(
        ".git/hooks/prepare-commit-msg", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m wftools git diffstat "$@"\n'
    )
    hook.chmod(0o755)
    repo.commit_files("base", {"a.json": flow(), "b.json": flow(), "other.py": "1"})
    return repo


def message(repo):
    return repo("log", "-1", "--format=%B")


def test_a_commit_says_what_it_changes_in_workflows(hooked):
    assert HEADING in message(hooked)  # the first one adds them

    hooked.write("a.json", flow(steps=31))
    hooked.write("b.json", flow(title="New"))
    hooked("add", "a.json")
    hooked("commit", "--message=Raise the steps")

    told = message(hooked)
    assert told.startswith(f"Raise the steps\n\n{HEADING}\n a.json | ")
    assert "b.json" not in told  # which is not staged
    assert "\x1b" not in told


def test_a_subject_may_start_as_a_comment_does_where_no_editor_opens(hooked):
    """git takes no comments out of such a message."""
    hooked.write("a.json", flow(steps=31))
    hooked("commit", "--all", "--message=#12 Raise the steps")

    assert message(hooked).startswith(f"#12 Raise the steps\n\n{HEADING}\n a.json | ")


@pytest.mark.slow
def test_a_commit_of_named_files_says_what_is_in_these(hooked):
    hooked.write("a.json", flow(steps=31))
    hooked.write("b.json", flow(title="New"))
    hooked("commit", "--message=Note", "b.json")

    assert "b.json" in message(hooked)
    assert "a.json" not in message(hooked)


@pytest.mark.slow
def test_a_commit_without_workflows_has_its_message_as_it_is(hooked):
    hooked.commit_files("Code", {"other.py": "2"})

    assert message(hooked).strip() == "Code"


@pytest.mark.slow
def test_an_amended_commit_keeps_its_message(hooked):
    hooked.commit_files("Steps", {"a.json": flow(steps=31)})
    before = message(hooked)
    hooked.write("a.json", flow(steps=32))

    hooked("commit", "--all", "--amend", "--no-edit")

    assert message(hooked) == before


@pytest.mark.slow
def test_a_message_in_an_editor_has_it_once(hooked):
    """And the first line is left for the author."""
    hooked.write("a.json", flow(steps=31))
    hooked("add", "a.json")

    hooked("-c", "core.editor=sed -i 1s/^/Mine/", "commit")

    assert message(hooked).startswith(f"Mine\n\n{HEADING}\n a.json | ")
    assert message(hooked).count(HEADING) == 1
