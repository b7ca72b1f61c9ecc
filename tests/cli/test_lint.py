"""wftools lint, as a process and as a function."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from tests.cli.process import in_terminal
from wftools.cli import COMMANDS
from wftools.lint.examples import api_node, picture

BROKEN = json.dumps(picture(n2=api_node("SaveImage", images=["9", 0], filename_prefix="a")))
WARNED = json.dumps(picture(n2=api_node("SaveImage", images=["1", 0], filename_prefix="a", quality=9)))
WFTOOLS = (sys.executable, "-m", "wftools")
FINE = json.dumps(picture())


def lint(*arguments, stdin=None):
    return CliRunner().invoke(COMMANDS.load("lint").command, list(arguments), input=stdin)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "broken.json").write_text(BROKEN)
    (tmp_path / "warned.json").write_text(WARNED)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "fine.json").write_text(FINE)
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "broken.json").write_text(BROKEN)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "options", "status"),
    [
        (FINE, [], 0),
        (WARNED, [], 0),
        (WARNED, ["--fail-on", "warning"], 1),
        (BROKEN, [], 1),
        (BROKEN, ["--fail-on", "never"], 0),
        (BROKEN, ["--ignore", "L204"], 0),
        ("{", [], 1),
        ("[1]", [], 1),
        ("[1]", ["--skip-unknown"], 0),
    ],
)
def test_the_exit_status_says_whether_something_was_found(text, options, status):
    assert lint("-", *options, stdin=text).exit_code == status


def test_a_folder_is_searched_and_what_is_no_workflow_in_it_is_passed_over(folder):
    result = lint(str(folder), "--output-format", "json")

    report = json.loads(result.stdout)
    assert report["files"] == 3
    assert [finding["code"] for finding in report["findings"]] == ["L204", "N104"]


def test_a_named_file_that_is_no_workflow_is_a_finding(folder):
    result = lint(str(folder / "package.json"))

    assert result.exit_code == 1
    assert "P004" in result.stdout


def test_a_missing_file_is_a_finding(tmp_path):
    result = lint(str(tmp_path / "none.json"))

    assert result.exit_code == 1
    assert "none.json: P001 error: cannot be read: No such file or directory" in result.stdout


def test_a_folder_without_workflows_is_told(tmp_path):
    result = lint(str(tmp_path))

    assert result.exit_code == 0
    assert "no workflow files found" in result.stderr


def test_standard_input_can_be_given_a_name():
    result = lint("-", "--stdin-filename", "flow.json", "--output-format", "concise", stdin=BROKEN)

    assert result.stdout.startswith("flow.json:1:")


def test_without_a_path_the_current_folder_is_looked_through(tmp_path):
    (tmp_path / "flow.json").write_text(BROKEN)

    process = subprocess.run(
        [*WFTOOLS, "lint", "--output-format", "concise"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert process.returncode == 1
    assert process.stdout.startswith("flow.json:1:")


def test_a_rule_is_explained_by_code_or_name():
    assert lint("--explain", "L204").stdout == lint("--explain", "dangling-link").stdout
    assert "A link starts at a node that is not there." in lint("--explain", "L204").stdout
    assert "L204" in lint("--rules").stdout


def test_a_version_that_is_not_known_is_answered_with_the_nearest():
    result = lint("-", "--target", "comfyui==0.3.40", "--output-format", "json", stdin=FINE)

    assert result.exit_code == 0
    assert json.loads(result.stdout)["target"] == "0.3.64"
    assert "ComfyUI 0.3.40 is not known; the nearest that is, 0.3.64, stands for it" in result.stderr


def test_without_a_target_the_report_names_none():
    assert json.loads(lint("-", "--output-format", "json", stdin=FINE).stdout)["target"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "--select", "Z9"], "no rule is called 'Z9'"),
        (["-", "--target", "comfyui==new"], "ComfyUI 'new' is not known"),
        (["-", "--object-info", "/no/such/file"], "cannot be read"),
        (["-", "--explain", "nothing"], "no rule is called 'nothing'"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_clear_message(arguments, message):
    process = subprocess.run(
        [*WFTOOLS, "lint", *arguments], input=FINE, capture_output=True, text=True, timeout=60, check=False
    )

    assert process.returncode == 2
    assert message in process.stderr
    assert "Traceback" not in process.stderr
    assert process.stdout == ""


def test_a_reader_that_leaves_early_is_no_error(folder):
    for index in range(300):
        (folder / f"{index}.json").write_text(BROKEN)

    process = subprocess.Popen(
        [*WFTOOLS, "lint", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.readline()
    process.stdout.close()
    process.wait(timeout=60)

    assert process.stderr.read() == ""
    process.stderr.close()


def test_findings_are_told_while_other_files_are_still_to_be_read(folder):
    process = subprocess.Popen(
        [*WFTOOLS, "lint", "broken.json", "-", "--output-format", "concise"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    first = process.stdout.readline()  # standard input is still open
    rest, _ = process.communicate(WARNED, timeout=60)

    assert first.startswith("broken.json:1:")
    assert rest.startswith("<stdin>:1:")
    assert rest.endswith("Found 1 error and 1 warning in 2 files.\n")


def test_a_terminal_shows_how_far_a_large_folder_is_and_the_report_whole(tmp_path):
    for index in range(12):
        (tmp_path / f"{index:02}.json").write_text(BROKEN)

    shown = in_terminal("lint", "--output-format", "concise", cwd=tmp_path)

    report = [line.rpartition("\r")[2] for line in shown.split("\r\n")]  # what is left of each line
    assert "/12" in shown  # of the bar
    findings = [line for line in map(_plain, report) if ".json:1:" in line]
    assert [line[:7] for line in findings] == [f"{index:02}.json" for index in range(12)]
    assert "Found 12 errors in 12 files." in _plain(shown)


def _plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")


COLOUR = "\x1b[31m"


@pytest.mark.parametrize(
    ("env", "piped", "terminal"),
    [
        ({}, False, True),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, False, True),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
    ],
)
@pytest.mark.parametrize("arguments", [("lint", "broken.json"), ("fmt", "none.json")])
def test_colours_are_for_terminals_unless_the_environment_says_otherwise(folder, arguments, env, piped, terminal):
    process = subprocess.run(
        [*WFTOOLS, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**{k: v for k, v in os.environ.items() if "COLOR" not in k}, **env},
        timeout=60,
        check=False,
    )

    assert (COLOUR in process.stdout + process.stderr) == piped
    assert (COLOUR in in_terminal(*arguments, cwd=folder, env={"FORCE_COLOR": "", "NO_COLOR": "", **env})) == terminal
