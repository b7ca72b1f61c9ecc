"""Merges by real git, with the driver installed."""

from __future__ import annotations

import json
import os
import sys

import pytest

from tests.cli.process import wftools
from tests.git.flows import FLOW, flow, sampler_of, titles_of
from wftools.document import read
from wftools.document.unmerged import open_conflicts
from wftools.git.driver import drive
from wftools.git.repository import repository
from wftools.git.setup import installing

PATH = "workflows/a b.json"


def labels_of(path):
    """What the sides are called in the record of the one conflict that a file has."""
    _, (entry,) = open_conflicts(read(path)) or ("", [])
    assert isinstance(entry, dict)
    return entry["labels"]


@pytest.fixture
def installed(repo):
    """A repository with the drivers, and a commit of a workflow."""
    for change in installing("local", repository()):
        change.write()
    repo.commit_files("base", {PATH: flow(), "workflows/other.json": '{\n  "a": 1,\n  "b": 1,\n  "c": 1\n}\n'})
    return repo


def diverged(repo, ours: dict[str, str | bytes | None], theirs: dict[str, str | bytes | None]):
    """Commits of two sides: of `main`, which is checked out, and of `side`."""
    repo("checkout", "--quiet", "-b", "side")
    repo.commit_files("theirs", theirs)
    repo("checkout", "--quiet", "main")
    repo.commit_files("ours", ours)
    return repo


def text_of(repo, path: str = PATH):
    return (repo.folder / path).read_text("utf-8")


WAYS = [
    pytest.param(["merge", "--no-edit", "side"], id="merge"),
    pytest.param(["rebase", "side"], id="rebase", marks=pytest.mark.slow),
    pytest.param(["cherry-pick", "side"], id="cherry-pick", marks=pytest.mark.slow),
    pytest.param(["merge", "--squash", "side"], id="squash", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("way", WAYS)
def test_edits_of_two_sides_go_together(installed, way):
    diverged(installed, {PATH: flow(steps=31, title="Ours")}, {PATH: flow(cfg=7.5, title="Theirs")})

    installed(*way)

    values = sampler_of(text_of(installed))
    assert (values["steps"], values["cfg"]) == (31, 7.5)
    assert {"Ours", "Theirs"} <= titles_of(text_of(installed))
    assert len({node["id"] for node in json.loads(text_of(installed))["nodes"]}) == len(FLOW["nodes"]) + 2


def test_a_stash_goes_on_what_was_committed_meanwhile(installed):
    installed.write(PATH, flow(cfg=7.5))
    installed("stash")
    installed.commit_files("ours", {PATH: flow(steps=31)})

    installed("stash", "pop")

    assert sampler_of(text_of(installed)).items() >= {"steps": 31, "cfg": 7.5}.items()


@pytest.mark.parametrize("way", WAYS)
def test_a_conflict_stops_git_with_a_file_that_loads(installed, way):
    diverged(installed, {PATH: flow(steps=31)}, {PATH: flow(steps=32)})

    told = installed(*way, status=1)

    assert "CONFLICT (content)" in told
    assert f"{PATH}: 1 conflict; to resolve: wftools resolve '{PATH}'" in told
    assert installed("ls-files", "--unmerged", "-z").count(PATH) == 3
    document = read((installed.folder / PATH).read_bytes(), PATH)
    assert open_conflicts(document) is not None
    assert sampler_of(text_of(installed))["steps"] in (31, 32)


@pytest.mark.slow
def test_a_stash_with_a_conflict_is_kept(installed):
    installed.write(PATH, flow(steps=32))
    installed("stash")
    installed.commit_files("ours", {PATH: flow(steps=31)})

    installed("stash", "pop", status=1)

    assert installed("stash", "list") != ""
    assert open_conflicts(read((installed.folder / PATH).read_bytes(), PATH)) is not None


def test_both_sides_may_add_the_file(installed):
    diverged(
        installed,
        {"workflows/new.json": flow(steps=31)},
        {"workflows/new.json": flow(steps=31, title="Theirs")},
    )

    told = installed("merge", "--no-edit", "side", status=None)

    assert "Theirs" in titles_of(text_of(installed, "workflows/new.json"))
    assert "Traceback" not in told


def test_a_file_that_one_side_renamed_is_merged_where_it_is_now(installed):
    installed("checkout", "--quiet", "-b", "side")
    installed.commit_files("theirs", {PATH: flow(cfg=7.5)})
    installed("checkout", "--quiet", "main")
    installed("mv", PATH, "workflows/moved.json")
    installed.commit_files("ours", {"workflows/moved.json": flow(steps=31)})

    installed("merge", "--no-edit", "side")

    assert sampler_of(text_of(installed, "workflows/moved.json")).items() >= {"steps": 31, "cfg": 7.5}.items()


@pytest.mark.slow
def test_a_criss_cross_is_merged(installed):
    """Two merges of the same two commits, each the other way round, and then a merge of these."""
    diverged(installed, {PATH: flow(steps=31)}, {PATH: flow(cfg=7.5)})
    ours, theirs = installed("rev-parse", "main").strip(), installed("rev-parse", "side").strip()
    installed("merge", "--no-edit", theirs)
    installed.commit_files("ours again", {PATH: flow(steps=31, cfg=7.5, sampler_name="heun")})
    installed("checkout", "--quiet", "side")
    installed("merge", "--no-edit", ours)
    installed.commit_files("theirs again", {PATH: flow(steps=31, cfg=7.5, scheduler="karras")})
    installed("checkout", "--quiet", "main")

    told = installed("merge", "--no-edit", "side", status=None)

    assert "Traceback" not in told
    assert sampler_of(text_of(installed)).items() >= {"sampler_name": "heun", "scheduler": "karras"}.items()


@pytest.mark.slow
def test_a_criss_cross_of_conflicts_is_a_workflow(installed):
    """git first merges the two bases; what that leaves must not be taken for a workflow with a record."""
    diverged(installed, {PATH: flow(steps=31)}, {PATH: flow(steps=32)})
    ours, theirs = installed("rev-parse", "main").strip(), installed("rev-parse", "side").strip()
    for branch, other, steps in (("main", theirs, 31), ("side", ours, 32)):
        installed("checkout", "--quiet", branch)
        installed("merge", "--no-edit", other, status=1)
        installed.commit_files("resolved", {PATH: flow(steps=steps)})
    installed("checkout", "--quiet", "main")

    told = installed("merge", "--no-edit", "side", status=None)

    assert "Traceback" not in told
    assert sampler_of(text_of(installed))["steps"] in (31, 32)


@pytest.mark.slow
@pytest.mark.parametrize("autocrlf", ["true", "input", "false"])
def test_line_ends_of_another_system_are_no_difference(installed, autocrlf):
    installed("config", "core.autocrlf", autocrlf)
    crlf = flow(steps=31).replace("\n", "\r\n")
    diverged(installed, {PATH: crlf.encode()}, {PATH: flow(cfg=7.5)})

    installed("merge", "--no-edit", "side")

    assert sampler_of(text_of(installed)).items() >= {"steps": 31, "cfg": 7.5}.items()


def test_other_json_is_merged_as_without_us(installed):
    base = {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}
    installed.commit_files("other", {"workflows/other.json": json.dumps(base, indent=2) + "\n"})
    diverged(
        installed,
        {"workflows/other.json": json.dumps(base | {"a": 2}, indent=2) + "\n"},
        {"workflows/other.json": json.dumps(base | {"e": 2}, indent=2) + "\n"},
    )

    installed("merge", "--no-edit", "side")

    assert json.loads(text_of(installed, "workflows/other.json")) == base | {"a": 2, "e": 2}


@pytest.mark.slow
@pytest.mark.parametrize("odd", ['{"nodes": [', "", "<html>", '{"a": 2}'])
def test_a_side_that_is_no_workflow_is_merged_line_by_line(installed, odd):
    """With git's own markers, and git's own exit status."""
    diverged(installed, {PATH: flow(steps=31)}, {PATH: odd})

    told = installed("merge", "--no-edit", "side", status=1)

    assert "CONFLICT (content)" in told
    assert "<<<<<<<" in text_of(installed)
    assert "31" in text_of(installed)


def test_a_conflict_is_resolved_and_committed(installed):
    """By wftools resolve; the commit has no trace of it."""
    diverged(installed, {PATH: flow(steps=31)}, {PATH: flow(steps=32, cfg=7.5)})
    installed("merge", "--no-edit", "side", status=1)

    result = wftools("resolve", PATH, "--all", "theirs", cwd=installed.folder)
    installed("commit", "--all", "--no-edit")

    assert result.returncode == 0
    assert sampler_of(text_of(installed)).items() >= {"steps": 32, "cfg": 7.5}.items()
    assert "wftools" not in json.loads(text_of(installed)).get("extra", {})
    assert installed("diff", "side", "HEAD", "--", PATH) == ""


@pytest.mark.slow
@pytest.mark.parametrize("is_by_driver", [True, False])
def test_the_mergetool_asks_and_git_takes_the_answers(installed, is_by_driver):
    """Also where git had merged the file as text, since the driver was not there yet."""
    installed("config", "mergetool.keepBackup", "false")
    diverged(installed, {PATH: flow(steps=31)}, {PATH: flow(steps=32, cfg=7.5)})
    options = [] if is_by_driver else ["-c", "merge.wftools.driver=git merge-file %A %O %B"]
    installed(*options, "merge", "--no-edit", "side", status=1)

    installed("mergetool", "--tool=wftools", "--no-prompt", stdin="t\n")

    assert installed("ls-files", "--unmerged") == ""
    assert sampler_of(text_of(installed)).items() >= {"steps": 32, "cfg": 7.5}.items()
    installed("commit", "--no-edit")
    assert installed("status", "--porcelain") == ""


@pytest.mark.slow
def test_the_mergetool_keeps_what_is_resolved_already(installed):
    """By wftools resolve or by hand, and not added yet."""
    installed("config", "mergetool.keepBackup", "false")
    diverged(installed, {PATH: flow(steps=31)}, {PATH: flow(steps=32)})
    installed("merge", "--no-edit", "side", status=1)
    wftools("resolve", PATH, "--take", "33", "c1", cwd=installed.folder)

    installed("mergetool", "--tool=wftools", "--no-prompt", stdin="t\n")

    assert sampler_of(text_of(installed))["steps"] == 33
    assert installed("ls-files", "--unmerged") == ""


@pytest.mark.slow
def test_the_mergetool_merges_what_git_was_told_not_to_merge(installed):
    installed("config", "mergetool.keepBackup", "false")
    installed.write(".git/info/attributes", "*.json -merge\n")
    diverged(installed, {PATH: flow(steps=31)}, {PATH: flow(steps=32, cfg=7.5)})
    installed("merge", "--no-edit", "side", status=1)

    installed("mergetool", "--tool=wftools", "--no-prompt", stdin="t\n")

    assert sampler_of(text_of(installed)).items() >= {"steps": 32, "cfg": 7.5}.items()


@pytest.mark.slow
def test_what_is_left_open_stays_unmerged(installed):
    installed("config", "mergetool.keepBackup", "false")
    diverged(installed, {PATH: flow(steps=31)}, {PATH: flow(steps=32)})
    installed("merge", "--no-edit", "side", status=1)

    installed("mergetool", "--tool=wftools", "--no-prompt", stdin="s\nn\n", status=1)

    assert installed("ls-files", "--unmerged") != ""


def test_the_difftool_opens_a_page_with_both_versions(installed, tmp_path, monkeypatch):
    """In the browser of the system, which here is a program that keeps what it is given."""
    viewer = tmp_path / "bin" / "xdg-open"
    viewer.parent.mkdir()
    viewer.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/page.html\n')
    viewer.chmod(0o755)
    monkeypatch.setenv("PATH", f"{viewer.parent}{os.pathsep}{os.environ['PATH']}")
    installed.write(PATH, flow(steps=31))

    installed("difftool", "--tool=wftools", "--no-prompt", "--trust-exit-code")

    assert "<html" in (tmp_path / "page.html").read_text("utf-8")


@pytest.mark.slow
def test_a_driver_that_does_not_start_loses_nothing(installed, monkeypatch):
    with monkeypatch.context() as context:
        context.setattr(sys, "executable", "/gone/python")
        for change in installing("local", repository()):
            change.write()
    diverged(installed, {PATH: flow(steps=31)}, {PATH: flow(cfg=7.5)})

    installed("merge", "--no-edit", "side", status=None)

    assert sampler_of(text_of(installed))["steps"] == 31
    assert installed("cat-file", "-e", f"side:{PATH}") == ""


# The driver alone


@pytest.fixture
def three(tmp_path):
    """Three files as git makes them."""

    def made(base: str, ours: str, theirs: str):
        for name, text in {"O": base, "A": ours, "B": theirs}.items():
            (tmp_path / name).write_text(text, "utf-8")
        return [str(tmp_path / name) for name in "OAB"]

    return made


def test_what_cannot_be_written_leaves_the_file(three, tmp_path):
    names = three(flow(), flow(steps=31), flow(cfg=7.5))
    (tmp_path / "A").chmod(0o400)

    result = wftools("merge-driver", "--", *names, "7", "a.json", "%S", "%X", "%Y", cwd=tmp_path)

    if os.geteuid() != 0:  # to whom nothing is read-only
        assert result.returncode == 129
        assert (tmp_path / "A").read_text("utf-8") == flow(steps=31)


def test_a_file_that_is_gone_is_no_merge(three, tmp_path):
    names = three(flow(), flow(steps=31), flow(cfg=7.5))
    (tmp_path / "B").unlink()

    result = wftools("merge-driver", "--", *names, "7", "-a.json", cwd=tmp_path)

    assert result.returncode == 129
    assert "cannot be read" in result.stderr
    assert (tmp_path / "A").read_text("utf-8") == flow(steps=31)


def test_two_forms_are_merged_as_text_and_never_called_clean(three, tmp_path):
    api = json.dumps({"1": {"class_type": "A", "inputs": {}}})
    names = three(flow(), flow(steps=31), api)

    driven = drive(names[0], names[1], names[2], "a.json")

    assert driven.status >= 1
    assert "31" in (tmp_path / "A").read_text("utf-8")


def test_labels_of_git_are_in_the_record(three, tmp_path):
    names = three(flow(), flow(steps=31), flow(steps=32))

    wftools("merge-driver", "--", *names, "7", "a.json", "base", "HEAD", "a feature", cwd=tmp_path)

    assert labels_of(tmp_path / "A") == {"base": "base", "ours": "HEAD", "theirs": "a feature"}


def test_an_old_git_gives_no_labels(three, tmp_path):
    names = three(flow(), flow(steps=31), flow(steps=32))

    wftools("merge-driver", "--", *names, "7", "a.json", "%S", "%X", "%Y", cwd=tmp_path)

    assert labels_of(tmp_path / "A") == {"base": "base", "ours": "ours", "theirs": "theirs"}
