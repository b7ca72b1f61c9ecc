"""wftools set, as a process."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.cli.process import wftools
from tests.conftest import DATA
from wftools.convert.to_api import to_api
from wftools.document import read
from wftools.graph import build

SAMPLES = Path(__file__).parents[2] / "sample_workflows"
PICTURE = DATA / "containers" / "png_00001_.png"

change = partial(wftools, "set")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "flow.json").write_bytes((SAMPLES / "txt2img.json").read_bytes())
    wftools("convert", "flow.json", "--embed", str(PICTURE), "-o", "a.png", cwd=tmp_path)
    return tmp_path


def git(*arguments, cwd):
    return subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout


def test_git_shows_the_value_and_nothing_else(folder):
    """Two lines, since the file holds the value twice: in its place, and with its name."""
    git("init", "-q", cwd=folder)
    git("add", ".", cwd=folder)

    result = change("flow.json", "KSampler.seed=8", cwd=folder)

    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "flow.json: 5 (KSampler) seed: 7 -> 8\n"
    assert git("diff", "--numstat", cwd=folder) == "2\t2\tflow.json\n"


def test_a_run_sees_what_was_set(folder):
    change("flow.json", "5.steps=3", "Prompt.text=1.50", cwd=folder)

    prompt = json.loads(wftools("convert", "flow.json", "--to", "api", cwd=folder).stdout)
    assert prompt["5"]["inputs"]["steps"] == 3
    assert [node["inputs"]["text"] for node in prompt.values() if node["_meta"]["title"] == "Prompt"] == ["1.50"]


def test_what_stands_already_is_not_written(folder):
    before = (folder / "flow.json").stat()

    result = change("flow.json", "5.seed=7", cwd=folder)

    after = (folder / "flow.json").stat()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_another_file_or_standard_output_leaves_the_source(folder):
    source = (folder / "flow.json").read_text("utf-8")

    change("flow.json", "5.seed=8", "-o", "other.json", cwd=folder)
    printed = change("flow.json", "5.seed=8", "-o", "-", cwd=folder).stdout

    assert (folder / "flow.json").read_text("utf-8") == source
    assert (folder / "other.json").read_text("utf-8") == printed
    assert printed == change("-", "5.seed=8", cwd=folder, stdin=source).stdout != source


def test_an_unchanged_file_is_still_written_elsewhere(folder):
    change("flow.json", "5.seed=7", "-o", "other.json", cwd=folder)
    change("a.png", "5.seed=7", "-o", "b.png", cwd=folder)

    assert (folder / "other.json").read_bytes() == (folder / "flow.json").read_bytes()
    assert (folder / "b.png").read_bytes() == (folder / "a.png").read_bytes()


def test_all_is_set_or_nothing(folder):
    source = (folder / "flow.json").read_bytes()

    result = change("flow.json", "5.seed=8", "5.sampler_name=eular", cwd=folder)

    assert result.returncode == 2
    assert result.stderr == (
        "error: flow.json: 5.sampler_name: sampler_name does not offer 'eular'\nhint: did you mean 'euler'?\n"
    )
    assert (folder / "flow.json").read_bytes() == source


def test_the_diff_can_be_applied(folder):
    source = (folder / "flow.json").read_bytes()

    wanted = ("5.seed=8", "--bypass", "KSampler")
    result = change("flow.json", *wanted, "--diff", cwd=folder)
    assert (folder / "flow.json").read_bytes() == source
    (folder / "change.patch").write_text(result.stdout, "utf-8")
    git("apply", "change.patch", cwd=folder)

    assert result.returncode == 0
    assert (folder / "flow.json").read_text("utf-8") == change("-", *wanted, cwd=folder, stdin=source.decode()).stdout


def test_workflow_and_prompt_of_a_picture_stay_in_agreement(folder):
    source = (folder / "a.png").read_bytes()

    result = change("a.png", "5.seed=8", "Prompt.text=größer", "-o", "b.png", cwd=folder)

    assert (result.returncode, result.stdout) == (0, "")
    changed = read(folder / "b.png")
    assert changed.companion.tree == to_api(build(changed)).prompt
    assert changed.companion.tree["5"]["inputs"]["seed"] == 8
    assert changed.text.isascii()  # which some readers of pictures expect
    assert (folder / "a.png").read_bytes() == source


def test_a_picture_is_changed_in_its_place(folder):
    result = change("a.png", "5.seed=8", cwd=folder)

    assert result.returncode == 0
    assert read(folder / "a.png").companion.tree["5"]["inputs"]["seed"] == 8


def test_what_would_part_workflow_and_prompt_is_refused(folder):
    source = (folder / "a.png").read_bytes()

    result = change("a.png", "--mute", "SaveImage", cwd=folder)

    assert result.returncode == 2
    assert "the file holds the workflow's prompt as well" in result.stderr
    assert (folder / "a.png").read_bytes() == source


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["flow.json"], "say what to set"),
        (["flow.json", "seed=5"], "'seed=5' is not of the form NODE.INPUT=VALUE"),
        (["missing.json", "5.seed=8"], "missing.json: cannot be read"),
        (["flow.json", "5.seed=8", "-o", "no/such/folder.json"], "no/such/folder.json: cannot be written"),
        (["flow.json", "5.seed=8", "-o", "."], "cannot be written"),
        (["package.json", "5.seed=8"], "package.json"),
    ],
)
def test_wrong_usage_is_one_clear_error(folder, arguments, message):
    (folder / "package.json").write_text('{"name": "x"}')

    result = change(*arguments, cwd=folder)

    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_strange_values_are_shown_escaped(folder):
    result = change("flow.json", "Prompt.text=\x1b[2J", cwd=folder)

    assert result.returncode == 0
    assert "\x1b" not in result.stderr
