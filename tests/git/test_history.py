"""The history of one file."""

from __future__ import annotations

import pytest

from wftools.errors import InputError
from wftools.git import history, last_change, repository_of

LINES = "".join(f"{number}\n" for number in range(40))


def told(name, *revisions, **dates):
    return [
        (each.commit.subject, each.file and each.file.path, [before and before.path for before in each.parents])
        for each in history(*repository_of(name), revisions, **dates)
    ]


def test_renames_are_followed(repo):
    repo.commit_files("added", {"old name.json": LINES})
    repo.commit_files("elsewhere", {"other.json": "1"})
    repo.commit_files("edited", {"old name.json": LINES + "more\n"})
    (repo.folder / "sub").mkdir()
    repo("mv", "old name.json", "sub/new.json")
    repo.commit("renamed")
    repo.commit_files("edited again", {"sub/new.json": LINES + "less\n"})

    assert told("sub/new.json") == [
        ("edited again", "sub/new.json", ["sub/new.json"]),
        ("renamed", "sub/new.json", ["old name.json"]),
        ("edited", "old name.json", ["old name.json"]),
        ("added", "old name.json", []),
    ]


def test_a_file_that_was_removed_and_came_again_has_both_lives(repo):
    repo.commit_files("added", {"a.json": LINES})
    repo.commit_files("removed", {"a.json": None})
    repo.commit_files("again", {"a.json": LINES})

    assert told("a.json") == [
        ("again", "a.json", [None]),
        ("removed", None, ["a.json"]),
        ("added", "a.json", []),
    ]


def test_a_file_that_is_gone_has_a_history(repo):
    repo.commit_files("added", {"sub/a.json": LINES, "b": "1"})
    repo.commit_files("removed", {"sub/a.json": None})

    assert [subject for subject, _, _ in told("sub/a.json")] == ["removed", "added"]


@pytest.fixture
def merged(repo):
    """Two branches that both edit the file, and a merge of them."""
    repo.commit_files("base", {"a.json": LINES})
    repo("checkout", "--quiet", "-b", "side")
    repo.commit_files("side", {"a.json": "first\n" + LINES})
    repo("checkout", "--quiet", "main")
    repo.commit_files("main", {"a.json": LINES + "last\n"})
    repo("merge", "--quiet", "--no-edit", "-m", "merge", "side")
    return repo


def test_a_merge_of_two_edits_has_both_as_parents(merged):
    first, *rest = told("a.json")

    assert first == ("merge", "a.json", ["a.json", "a.json"])
    assert sorted(subject for subject, _, _ in rest[:2]) == ["main", "side"]
    assert rest[2] == ("base", "a.json", [])


def test_what_changed_a_version_last_is_known(merged):
    merged.commit_files("elsewhere", {"b.json": "1"})
    merged.commit_files("edited", {"a.json": "new"})

    edited, merge = list(history(*repository_of("a.json")))[:2]

    (before,) = edited.parents
    assert before is not None
    assert last_change(before) == merge.commit.id


def test_a_rename_on_one_branch_meets_an_edit_on_the_other(repo):
    repo.commit_files("base", {"a.json": LINES})
    repo("checkout", "--quiet", "-b", "side")
    repo.commit_files("side", {"a.json": "first\n" + LINES})
    repo("checkout", "--quiet", "main")
    repo("mv", "a.json", "b.json")
    repo.commit("renamed")
    repo("merge", "--quiet", "--no-edit", "-m", "merge", "side")

    assert [(subject, parents) for subject, _, parents in told("b.json")] == [
        ("merge", ["b.json", "a.json"]),
        ("renamed", ["a.json"]),
        ("side", ["a.json"]),
        ("base", []),
    ]


def test_a_name_that_was_given_away_and_came_back_is_one_history(repo):
    repo.commit_files("added", {"a.json": LINES})
    repo("mv", "a.json", "b.json")
    repo.commit("away")
    repo.commit_files("edited", {"b.json": LINES + "more\n"})
    repo("mv", "b.json", "a.json")
    repo.commit("back")

    assert told("a.json") == [
        ("back", "a.json", ["b.json"]),
        ("edited", "b.json", ["b.json"]),
        ("away", "b.json", ["a.json"]),
        ("added", "a.json", []),
    ]


@pytest.mark.parametrize(
    ("revisions", "expected"),
    [
        (["HEAD~1"], ["two", "one"]),
        (["HEAD~2..HEAD"], ["three", "two"]),
        (["HEAD", "^HEAD~1"], ["three"]),
        (["HEAD~1.."], ["three"]),
    ],
)
def test_a_range_narrows_a_history(repo, revisions, expected):
    for subject in ("one", "two", "three"):
        repo.commit_files(subject, {"a.json": subject})

    assert [subject for subject, _, _ in told("a.json", *revisions)] == expected


def test_a_date_narrows_a_history(repo, monkeypatch):
    for year in ("2001", "2005"):
        monkeypatch.setenv("GIT_AUTHOR_DATE", f"{year}-01-01T00:00:00+0200")
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{year}-01-01T00:00:00+0200")
        repo.commit_files(year, {"a.json": year})

    assert told("a.json", since="2003-01-01") == [("2005", "a.json", ["a.json"])]
    assert [subject for subject, _, _ in told("a.json", until="2003-01-01")] == ["2001"]


@pytest.mark.parametrize("revision", ["nope", "nope..HEAD", "--output=x"])
def test_an_unknown_revision_is_an_error(repo, revision):
    repo.commit_files("one", {"a.json": "1"})

    with pytest.raises(InputError, match="git knows no"):
        told("a.json", revision)


def test_a_commit_says_who_and_when_and_what(repo, monkeypatch):
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Åse Ünal")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2020-01-02T03:04:05+0530")
    id_ = repo.commit_files("Add a flow: first\nsecond\n\nbody", {"a.json": "1"})

    (each,) = history(*repository_of("a.json"))

    assert (each.commit.id, each.commit.author, each.commit.email) == (id_, "Åse Ünal", "ada@example.com")
    assert each.commit.date.isoformat() == "2020-01-02T03:04:05+05:30"
    assert each.commit.subject == "Add a flow: first second"
