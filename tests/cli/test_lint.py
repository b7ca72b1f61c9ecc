"""wftools lint, as a process and as a function."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "--select", "Z9"], "no rule is called 'Z9'"),
        (["-", "--target", "comfyui==7"], "ComfyUI '7' is not known"),
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
