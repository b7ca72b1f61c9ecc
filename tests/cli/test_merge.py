"""wftools merge, conflicts and resolve, as processes."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from functools import partial
from typing import Any

import pytest

from tests.cli.process import wftools
from tests.test_samples import FOLDER
from wftools.schemas import violations

# A job in the background ignores Ctrl-C, and so would the commands that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

merge, conflicts, resolve = (partial(wftools, name) for name in ("merge", "conflicts", "resolve"))


@pytest.fixture
def folder(tmp_path):
    """base.json, ours.json (steps 30, another prompt), theirs.json (steps 40, another title)."""
    base = json.loads((FOLDER / "txt2img.json").read_text("utf-8"))
    for name, steps, place, key, value in (
        ("base", 20, 2, "title", "Prompt"),
        ("ours", 30, 2, "widgets_values", ["a cow"]),
        ("theirs", 40, 2, "title", "What to paint"),
    ):
        base["nodes"][4]["widgets_values"][2] = steps
        node = dict(base["nodes"][place])
        tree = {**base, "nodes": [*base["nodes"][:place], {**node, key: value}, *base["nodes"][place + 1 :]]}
        (tmp_path / f"{name}.json").write_text(json.dumps(tree, indent=2) + "\n", "utf-8")
    return tmp_path


@pytest.fixture
def conflicted(folder):
    merge("base.json", "ours.json", "theirs.json", "-o", "merged.json", cwd=folder)
    return folder


def _steps(text):
    return json.loads(text)["nodes"][4]["widgets_values"][2]


def test_the_merged_file_goes_to_standard_output_and_what_is_told_to_standard_error(folder):
    done = merge("base.json", "ours.json", "theirs.json", "--labels", "base", "main", "feature", cwd=folder)

    tree = json.loads(done.stdout)
    assert done.returncode == 1
    assert tree["nodes"][2]["widgets_values"] == ["a cow"]
    assert tree["nodes"][2]["title"] == "What to paint"
    assert _steps(done.stdout) == 30
    assert "CONFLICT c1 (widget): KSampler #5: steps: base 20, main 30, feature 40" in done.stderr


@pytest.mark.parametrize(("favor", "steps"), [("ours", 30), ("theirs", 40)])
def test_a_favoured_side_leaves_no_conflict(folder, favor, steps):
    done = merge("base.json", "ours.json", "theirs.json", "--favor", favor, cwd=folder)

    assert done.returncode == 0
    assert _steps(done.stdout) == steps
    assert "wftools" not in json.loads(done.stdout)["extra"]


def test_decisions_are_json_as_its_schema_says(folder):
    done = merge("base.json", "ours.json", "theirs.json", "-o", "merged.json", "--output-format", "json", cwd=folder)

    (folder / "decisions.json").write_text(done.stdout)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert [each["id"] for each in report["conflicts"]] == ["c1"]
    assert {"widget"} <= {each["key"][0] for each in report["decisions"] if each["key"]}
    assert [*violations("merge-decisions", str(folder / "decisions.json"))] == []


@pytest.mark.parametrize("base", ["empty.json", "/dev/null"])
def test_both_sides_may_have_added_the_file(folder, base):
    (folder / "empty.json").touch()

    done = merge(base, "ours.json", "theirs.json", cwd=folder)

    assert done.returncode == 1
    assert [each["key"] for each in json.loads(done.stdout)["extra"]["wftools"]["conflicts"]] == [
        ["title"],
        ["widget", "text"],
        ["widget", "steps"],
    ] or len(json.loads(done.stdout)["nodes"]) == 8


@pytest.mark.parametrize(
    ("ours", "theirs", "status"), [("a\nx\nc\n", "a\nb\nc\nd\n", 0), ("a\nx\nc\n", "a\ny\nc\n", 1), ("a\nb\n", "{", 1)]
)
def test_what_is_no_workflow_is_merged_as_git_does_it(folder, ours, theirs, status):
    for name, text in (("base", "a\nb\nc\n"), ("ours", ours), ("theirs", theirs)):
        (folder / f"{name}.txt").write_text(text)
    git = ["git", "merge-file", "-p", "-L", "ours", "-L", "base", "-L", "theirs", "ours.txt", "base.txt", "theirs.txt"]
    expected = subprocess.run(git, cwd=folder, capture_output=True, text=True, check=False)

    done = merge("base.txt", "ours.txt", "theirs.txt", cwd=folder)

    assert (done.returncode, done.stdout) == (expected.returncode, expected.stdout)
    assert done.returncode == status
    assert f"merged line by line, as one is no workflow: {status} conflict{'' if status == 1 else 's'}" in done.stderr


def test_standard_input_is_one_version_only(folder):
    done = merge("base.json", "-", "-", cwd=folder, stdin="{}")

    assert (done.returncode, done.stdout) == (2, "")
    assert "standard input cannot be two files" in done.stderr


def test_a_workflow_and_a_prompt_are_never_called_merged(folder):
    (folder / "prompt.json").write_text('{"1": {"class_type": "A", "inputs": {}}}')

    done = merge("base.json", "ours.json", "prompt.json", cwd=folder)

    assert done.returncode > 0
    assert "merged as text" in done.stderr


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_file_that_cannot_be_read_is_an_error_and_nothing_is_written(folder, missing):
    names = ["base.json", "ours.json", "theirs.json"]
    names[missing] = "nowhere.json"

    done = merge(*names, "-o", "merged.json", cwd=folder)

    assert done.returncode == 2
    assert "nowhere.json" in done.stderr
    assert not (folder / "merged.json").exists()


def test_an_output_that_cannot_be_written_is_an_error(folder):
    done = merge("base.json", "ours.json", "theirs.json", "-o", "nowhere/merged.json", cwd=folder)

    assert done.returncode == 2
    assert done.stderr.startswith("error: nowhere/merged.json: ")


def test_conflicts_are_shown_with_what_each_side_wants(conflicted):
    done = conflicts("merged.json", "ours.json", cwd=conflicted)

    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "merged.json: 1 open conflict",
        "  c1 KSampler #5: steps (widget)",
        "     base    20",
        "     ours    30  <- for now",
        "     theirs  40",
    ]


def test_files_without_conflicts_are_not_shown(conflicted):
    done = conflicts("ours.json", cwd=conflicted)

    assert (done.returncode, done.stdout) == (0, "")


def test_conflicts_are_json_as_its_schema_says(conflicted):
    done = conflicts(".", "--output-format", "json", cwd=conflicted)

    (conflicted / "conflicts.txt").write_text(done.stdout)
    assert done.returncode == 1
    assert [*violations("report-conflicts", str(conflicted / "conflicts.txt"))] == []
    assert [len(each["conflicts"]) for each in json.loads(done.stdout)["files"]] == [0, 1, 0, 0]


@pytest.mark.parametrize("record", [7, [7], [{"id": "c1"}], [{"id": "c1", "kind": "x"}]])
def test_a_record_that_is_none_is_one_clear_error(conflicted, record):
    tree = json.loads((conflicted / "merged.json").read_text())
    tree["extra"]["wftools"]["conflicts"] = record
    (conflicted / "merged.json").write_text(json.dumps(tree))

    done = conflicts("merged.json", cwd=conflicted)

    assert done.returncode == (0 if record == 7 else 2)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "steps"),
    [
        (["c1", "--take", "theirs"], 40),
        (["c1", "--take", "base"], 20),
        (["c1", "--take", "35"], 35),
        (["c1", "--take", "NaN"], "NaN"),
        (["c1", "--take", "1e999"], "1e999"),
        (["--all", "ours"], 30),
        (["--from", "choices.json"], 33),
    ],
)
def test_a_resolved_file_has_the_choice_and_no_record(conflicted, arguments, steps):
    (conflicted / "choices.json").write_text('{"c1": {"value": 33}}')

    done = resolve("merged.json", *arguments, cwd=conflicted)

    text = (conflicted / "merged.json").read_text()
    assert done.returncode == 0
    assert _steps(text) == steps
    assert "wftools" not in json.loads(text)["extra"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["c7", "--take", "theirs"], "no open conflict is called 'c7'"),
        (["c1", "--take", "both"], "only what both put in between"),
        (["--from", "bad.json"], "not a file of choices"),
        (["--from", "nan.json"], "c1 has a value that JSON has not"),
        (["--take", "ours"], "--take needs the ids"),
        (["c1", "--all", "ours"], "ids are for --take"),
        (["c7"], "no open conflict is called 'c7'"),
    ],
)
def test_a_choice_that_cannot_be_made_leaves_the_file_as_it_was(conflicted, arguments, message):
    (conflicted / "bad.json").write_text('{"c1": {"take": "mine"}}')
    (conflicted / "nan.json").write_text('{"c1": {"value": [NaN]}}')
    before = (conflicted / "merged.json").read_bytes()

    done = resolve("merged.json", *arguments, cwd=conflicted)

    assert done.returncode == 2
    assert message in done.stderr
    assert (conflicted / "merged.json").read_bytes() == before


@pytest.mark.parametrize(
    ("answers", "status", "steps"),
    [
        ("t\n", 0, 40),
        ("what\nb\n", 0, 20),
        ("v\n25\n", 0, 25),
        ("s\n", 1, 30),
        ("q\n", 1, 30),
        ("", 1, 30),
        ("v\n", 1, 30),
    ],
)
def test_it_asks_about_each_conflict(conflicted, answers, status, steps):
    done = resolve("merged.json", cwd=conflicted, stdin=answers)

    text = (conflicted / "merged.json").read_text()
    assert done.returncode == status
    assert _steps(text) == steps
    assert ("wftools" in json.loads(text)["extra"]) == bool(status)
    assert "c1 KSampler #5: steps" in done.stderr


def test_what_was_answered_before_quitting_is_kept(folder):
    for name in ("ours", "theirs"):
        tree = json.loads((folder / f"{name}.json").read_text())
        tree["nodes"][0]["title"] = name
        (folder / f"{name}.json").write_text(json.dumps(tree, indent=2))
    merge("base.json", "ours.json", "theirs.json", "-o", "merged.json", cwd=folder)

    first = resolve("merged.json", cwd=folder, stdin="theirs\nq\n")
    second = resolve("merged.json", cwd=folder, stdin="t\n")

    tree = json.loads((folder / "merged.json").read_text())
    assert (first.returncode, second.returncode) == (1, 0)
    assert "Conflict 1 of 1" in second.stderr
    assert (tree["nodes"][0]["title"], tree["nodes"][4]["widgets_values"][2]) == ("theirs", 40)


def test_ctrl_c_leaves_the_file_as_it_was(conflicted):
    before = (conflicted / "merged.json").read_bytes()
    command = [sys.executable, "-m", "wftools", "resolve", "merged.json"]
    with subprocess.Popen(command, cwd=conflicted, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        heard = ""
        while not heard.endswith("quit: "):
            letter = process.stderr.read(1)
            assert letter, heard
            heard += letter
        process.send_signal(signal.SIGINT)
        status = process.wait(60)

    assert status == 130
    assert (conflicted / "merged.json").read_bytes() == before


def test_lint_refuses_open_conflicts(conflicted):
    done = wftools("lint", "merged.json", cwd=conflicted)

    assert done.returncode == 1
    assert "P010" in done.stdout
    assert "wftools resolve" in done.stdout


@pytest.mark.parametrize(
    "command", [["convert", "merged.json", "--to", "api", "-o", "out.json"], ["fmt", "merged.json"]]
)
def test_other_commands_pass_over_the_record(conflicted, command):
    assert wftools(*command, cwd=conflicted).returncode == 0
    if command[0] == "fmt":
        assert conflicts("merged.json", cwd=conflicted).returncode == 1


def test_a_prompt_with_a_record_still_runs(folder):
    prompt: dict[str, Any] = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}}
    }
    prompt["2"] = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "a"}}
    for name, width in (("base", 64), ("ours", 32), ("theirs", 16)):
        prompt["1"]["inputs"]["width"] = width
        (folder / f"{name}.json").write_text(json.dumps(prompt))
    merge("base.json", "ours.json", "theirs.json", "-o", "merged.json", cwd=folder)

    ran = wftools("run", "merged.json", "--dry-run", cwd=folder)

    tree = json.loads((folder / "merged.json").read_text())
    assert ran.returncode == 0, ran.stderr
    assert [each["key"] for each in tree["1"]["_meta"]["wftools"]["conflicts"]] == [["widget", "width"]]
    assert resolve("merged.json", "--all", "theirs", cwd=folder).returncode == 0
    assert json.loads((folder / "merged.json").read_text()) == json.loads((folder / "theirs.json").read_text())


def test_a_picture_is_no_place_for_a_merge(folder):
    shutil.copy(FOLDER / "pictures" / "prompts.png", folder / "ours.png")

    done = merge("ours.png", "ours.png", "theirs.json", "-o", "merged.json", cwd=folder)

    assert done.returncode == 2
    assert not (folder / "merged.json").exists()
