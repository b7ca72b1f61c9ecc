"""The GitHub Action: its scripts, run as the runner runs them, on real repositories."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.process import wftools
from tests.git.conftest import Git
from tests.git.flows import flow
from wftools.git.review import FAULTS, MARKER, Objection, annotated, review

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"] if "name" in step}
PATH = "workflows/a.json"

# It keeps what it was called with, and answers with the id of an earlier comment if there is one.
GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$GH_CALLS"
case "$*" in
  *--paginate*) cat "$GH_COMMENTS" ;;
  *) [ -z "$GH_FAILS" ] ;;
esac
"""


@pytest.fixture
def runner(tmp_path, monkeypatch):
    """A folder of the runner, with its files, a `gh`, and this Python in place of the one that is installed there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "gh").write_text(GH)
    (programs / "gh").chmod(0o755)
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GH_CALLS", "GH_COMMENTS"):
        (tmp_path / name).write_text("")
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path / "temp"))
    monkeypatch.setenv("GITHUB_REPOSITORY", "me/flows")
    monkeypatch.setenv("GH_FAILS", "")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTHON", sys.executable)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def run(step: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A step of the action, with values for the variables that it takes from inputs."""
    assert set(environment) == set(STEPS[step].get("env", {})) - {"GH_TOKEN", "PYTHON"}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[step]["run"]],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def pull_request(repo):
    """A branch that was taken from main, and main, which went on meanwhile."""
    repo.commit_files("base", {PATH: flow(), "other.py": "1"})
    repo("checkout", "--quiet", "-b", "feature")
    repo.commit_files("feature", {PATH: flow(steps=31), "other.py": "2"})
    repo("checkout", "--quiet", "main")
    repo.commit_files("main", {"workflows/b.json": flow()})
    repo("checkout", "--quiet", "feature")
    return repo


def outputs(runner: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (runner / "GITHUB_OUTPUT").read_text().splitlines())


def test_a_shallow_checkout_is_deepened_to_where_the_branches_parted(pull_request, runner):
    """As actions/checkout makes it: one commit, of a merge of the branch with its target."""
    for number in range(15):
        pull_request.commit_files(f"more {number}", {"other.py": str(number)})
    pull_request("checkout", "--quiet", "--detach", "main")
    pull_request("merge", "--quiet", "--no-edit", "feature")
    base, merged = (pull_request("rev-parse", each).strip() for each in ("main", "HEAD"))
    checkout = Git(runner / "checkout")
    checkout("remote", "add", "origin", f"file://{pull_request.folder}")
    checkout("fetch", "--quiet", "--no-tags", "--depth=1", "origin", merged)
    checkout("checkout", "--quiet", "--detach", "FETCH_HEAD")

    fetched = run("Fetch what is compared with", checkout.folder, BASE=base)
    reviewed = run("Review", checkout.folder, BASE=base, PATHS="", FAIL_ON="conflict-record,broken-graph")

    assert (fetched.returncode, reviewed.returncode) == (0, 0), fetched.stderr + reviewed.stderr
    assert outputs(runner)["changed"] == "true"
    comment = Path(outputs(runner)["folder"], "comment.md").read_text("utf-8")
    assert "steps" in comment
    assert "b.json" not in comment  # which only main has changed


@pytest.mark.slow
def test_the_base_may_be_a_branch_that_the_checkout_does_not_have(pull_request, runner):
    pull_request("checkout", "--quiet", "--detach", "feature")
    checkout = Git(runner / "checkout")
    checkout("remote", "add", "origin", f"file://{pull_request.folder}")
    checkout("fetch", "--quiet", "--no-tags", "--depth=1", "origin", "feature")
    checkout("checkout", "--quiet", "--detach", "FETCH_HEAD")

    fetched = run("Fetch what is compared with", checkout.folder, BASE="main")
    reviewed = run("Review", checkout.folder, BASE=outputs(runner)["base"], PATHS="", FAIL_ON="")

    assert (fetched.returncode, reviewed.returncode) == (0, 0), fetched.stderr + reviewed.stderr
    assert outputs(runner)["changed"] == "true"


@pytest.mark.slow
def test_branches_that_have_nothing_in_common_are_one_error(pull_request, runner):
    pull_request("checkout", "--quiet", "--orphan", "other")
    pull_request.commit_files("other", {PATH: flow(steps=8)})

    fetched = run("Fetch what is compared with", pull_request.folder, BASE="main")
    reviewed = run("Review", pull_request.folder, BASE=outputs(runner)["base"], PATHS="", FAIL_ON="")

    assert fetched.returncode == 0, fetched.stderr
    assert reviewed.returncode == 2
    assert "have no commit in common" in reviewed.stderr


@pytest.mark.slow
def test_without_a_base_it_says_what_is_missing(pull_request, runner):
    result = run("Fetch what is compared with", pull_request.folder, BASE="")

    assert result.returncode == 2
    assert "::error::" in result.stdout


@pytest.mark.slow
def test_the_review_has_a_comment_a_summary_and_pages(pull_request, runner):
    result = run("Review", pull_request.folder, BASE="main", PATHS="workflows\n", FAIL_ON="")

    folder = Path(outputs(runner)["folder"])
    assert result.returncode == 0, result.stderr
    assert outputs(runner)["status"] == "0"
    assert (folder / "comment.md").read_text("utf-8").startswith(MARKER)
    assert (runner / "GITHUB_STEP_SUMMARY").read_text("utf-8") == (folder / "comment.md").read_text("utf-8")
    assert [page.name for page in (folder / "pages").iterdir()] == ["001-a.html"]


@pytest.mark.slow
def test_nothing_of_the_checkout_is_run(pull_request, runner):
    pull_request.commit_files("bad", {"json.py": "open('run', 'w')", "wftools/__init__.py": "open('run', 'w')"})

    result = run("Review", pull_request.folder, BASE="main; touch run", PATHS="$(touch run)\n", FAIL_ON="")

    assert result.returncode == 2
    assert not (pull_request.folder / "run").exists()


@pytest.mark.slow
def test_a_broken_graph_is_an_annotation_and_fails_where_it_is_to(pull_request, runner):
    tree = json.loads(flow())
    tree["links"][0][3] = 12345
    pull_request.commit_files("broken", {PATH: json.dumps(tree, indent=2)})

    result = run("Review", pull_request.folder, BASE="main", PATHS="", FAIL_ON="broken-graph, new-lint")

    assert result.returncode == 0
    assert outputs(runner)["status"] == "1"
    assert re.search(rf"^::error file={PATH},line=\d+,title=wftools%3A broken graph::L20", result.stdout, re.MULTILINE)


def test_one_comment_is_made_and_then_kept_up_to_date(pull_request, runner):
    run("Review", pull_request.folder, BASE="main", PATHS="", FAIL_ON="")
    given = {"NUMBER": "7", "FOLDER": outputs(runner)["folder"], "CHANGED": "true", "PAGES": "https://example.com/1"}

    first = run("Comment", pull_request.folder, **given)
    (runner / "GH_COMMENTS").write_text("42\n43\n")
    second = run("Comment", pull_request.folder, **given)

    calls = (runner / "GH_CALLS").read_text().splitlines()
    body = f"--field body=@{given['FOLDER']}/comment.md"
    assert (first.returncode, second.returncode) == (0, 0)
    assert calls[1] == f"api --silent repos/me/flows/issues/7/comments {body}"
    assert calls[3] == f"api --silent --method PATCH repos/me/flows/issues/comments/42 {body}"
    assert "[Pages with both graphs](https://example.com/1)" in Path(given["FOLDER"], "comment.md").read_text("utf-8")


@pytest.mark.slow
def test_where_no_workflow_changed_there_is_no_comment(pull_request, runner):
    pull_request("checkout", "--quiet", "main")
    run("Review", pull_request.folder, BASE="main", PATHS="", FAIL_ON="")

    given = {"NUMBER": "7", "FOLDER": outputs(runner)["folder"], "CHANGED": outputs(runner)["changed"], "PAGES": ""}
    run("Comment", pull_request.folder, **given)

    assert len((runner / "GH_CALLS").read_text().splitlines()) == 1  # it looked for one


@pytest.mark.slow
def test_a_comment_that_may_not_be_written_is_a_warning(pull_request, runner, monkeypatch):
    run("Review", pull_request.folder, BASE="main", PATHS="", FAIL_ON="")
    monkeypatch.setenv("GH_FAILS", "1")

    result = run("Comment", pull_request.folder, NUMBER="7", FOLDER=outputs(runner)["folder"], CHANGED="true", PAGES="")

    assert result.returncode == 0
    assert "::warning::" in result.stdout


def test_scripts_take_nothing_but_the_environment():
    """What is put into a script by ${{ }} is run, be it a stranger's branch name."""
    assert [name for name, step in STEPS.items() if "${{" in step.get("run", "")] == []


def test_the_action_offers_what_the_command_knows():
    assert set(ACTION["inputs"]["fail-on"]["default"].split(",")) <= set(FAULTS)
    assert all(fault in ACTION["inputs"]["fail-on"]["description"] for fault in FAULTS)
    assert MARKER in STEPS["Comment"]["run"]


# The review itself


def test_the_comment_is_printed_where_no_folder_is_named(pull_request):
    result = wftools("git", "review", "main...HEAD", cwd=pull_request.folder)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(MARKER)


def test_what_was_wrong_before_is_no_objection(repo):
    tree = json.loads(flow())
    tree["links"][0][3] = 12345
    repo.commit_files("broken", {PATH: json.dumps(tree, indent=2)})
    tree["nodes"][0]["pos"] = [1, 2]
    tree["nodes"].reverse()
    repo.commit_files("moved", {PATH: json.dumps(tree)})

    assert review(["HEAD~1", "HEAD"]).objections == ()
    assert [each.fault for each in review(["4b825dc642cb6eb9a060e54bf8d69288fbee4904", "HEAD"]).objections]


@pytest.mark.parametrize(("content", "fault"), [("<<<<<<< HEAD\n", "broken-graph"), ("conflicts", "conflict-record")])
def test_what_a_merge_left_open_is_an_objection(content, fault, repo):
    tree = json.loads(flow())
    tree["extra"] = {"wftools": {"conflicts": [{"id": "c1"}]}}
    repo.commit_files("base", {PATH: flow()})
    repo.commit_files("merged", {PATH: json.dumps(tree) if content == "conflicts" else content + flow()})

    assert [each.fault for each in review(["HEAD~1", "HEAD"]).objections] == [fault]


def test_no_name_and_no_message_starts_a_command_of_its_own():
    objection = Objection("new-lint", "a,b:c\n::error::x", "50%\r\n::add-mask::x", 3)

    (line,) = annotated([objection], [])

    assert line == (
        "::warning file=a%2Cb%3Ac%0A%3A%3Aerror%3A%3Ax,line=3,title=wftools%3A new lint::50%25%0D%0A::add-mask::x"
    )
