"""wftools diff, as a process."""

from __future__ import annotations

import json
import os
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from tests.cli.process import wftools
from tests.document.containers.files import png_chunk

SAMPLE = (Path(__file__).parents[2] / "sample_workflows" / "txt2img.json").read_text("utf-8")
diff = partial(wftools, "diff")


@pytest.fixture
def folder(tmp_path):
    """An old and a new version: another sampler, and a node that was moved."""
    (tmp_path / "old.json").write_text(SAMPLE, "utf-8")
    (tmp_path / "new.json").write_text(SAMPLE.replace('"euler"', '"heun"').replace("[40, 400]", "[40, 460]"), "utf-8")
    (tmp_path / "moved.json").write_text(SAMPLE.replace("[40, 400]", "[40, 460]"), "utf-8")
    return tmp_path


def test_changes_are_told_in_words_and_by_the_exit_status(folder):
    result = diff("old.json", "new.json", cwd=folder)

    assert result.returncode == 1
    assert result.stdout.splitlines() == ["~ KSampler #5: sampler_name euler → heun", "layout: 1 moved"]
    assert result.stderr == ""


@pytest.mark.parametrize(("level", "status"), [("exec", 0), ("semantic", 0), ("layout", 1), ("all", 1)], ids=str)
def test_the_level_decides_what_counts(folder, level, status):
    assert diff("old.json", "moved.json", "--level", level, "--quiet", cwd=folder).returncode == status


def test_a_file_that_differs_is_never_passed_over_in_silence(folder):
    (folder / "spelled.json").write_text(json.dumps(json.loads(SAMPLE)), "utf-8")

    spelled = diff("old.json", "spelled.json", cwd=folder)
    moved = diff("old.json", "moved.json", cwd=folder)
    same = diff("old.json", "old.json", cwd=folder)

    assert (spelled.returncode, spelled.stdout) == (0, "no change of meaning; only formatting differs\n")
    assert (moved.returncode, moved.stdout) == (0, "no change of meaning; layout: 1 moved\n")
    assert (same.returncode, same.stdout) == (0, "")


def test_at_the_level_of_the_server_the_rest_is_said_to_differ(folder):
    result = diff("old.json", "moved.json", "--level", "exec", cwd=folder)

    assert result.stdout == "no change of what the server would run; the rest of the files differs\n"
    assert result.returncode == 0


def test_pictures_are_compared_by_the_workflows_in_them(folder):
    """And by what else is in the files, if the workflows are the same."""
    painted = Path(__file__).parents[2] / "sample_workflows" / "input" / "red_circle.png"
    assert wftools("convert", "old.json", "--embed", str(painted), "-o", "with-a.png", cwd=folder).returncode == 0
    data = (folder / "with-a.png").read_bytes()
    behind_header = len(b"\x89PNG\r\n\x1a\n") + 25
    comment = png_chunk(b"tEXt", b"Comment\x00another")
    (folder / "with-b.png").write_bytes(data[:behind_header] + comment + data[behind_header:])

    same = diff("with-a.png", "with-b.png", cwd=folder)
    other = diff("with-a.png", "new.json", cwd=folder)

    assert (same.returncode, same.stdout) == (0, "no change of meaning; only the file around the workflow differs\n")
    assert (other.returncode, other.stdout.splitlines()[0]) == (1, "~ KSampler #5: sampler_name euler → heun")


def test_a_workflow_is_compared_with_a_prompt_by_what_the_server_would_run(folder):
    wftools("convert", "new.json", "--to", "api", "-o", "prompt.json", cwd=folder)

    result = diff("old.json", "prompt.json", cwd=folder)

    assert result.returncode == 1
    assert result.stdout.splitlines() == [
        "one is a workflow, the other a prompt: compared is what the server would run",
        "~ KSampler #5: sampler_name euler → heun",
    ]


def test_folders_are_compared_file_by_file(folder):
    for name, files in {"a": ("same", "changed", "gone"), "b": ("same", "changed", "come")}.items():
        (folder / name).mkdir()
        for file in files:
            text = SAMPLE.replace('"euler"', '"heun"') if (name, file) == ("b", "changed") else SAMPLE
            (folder / name / f"{file}.json").write_text(text, "utf-8")
        (folder / name / "package.json").write_text("{}", "utf-8")

    told = diff("a", "b", cwd=folder)
    names = diff("a", "b", "--name-only", cwd=folder)
    stat = diff("a", "b", "--stat", cwd=folder)

    assert told.stdout.split("\n\n") == [
        "changed.json\n~ KSampler #5: sampler_name euler → heun",
        "come.json\nadded: 8 nodes",
        "gone.json\nremoved: 8 nodes\n",
    ]
    assert names.stdout.splitlines() == ["changed.json", "come.json", "gone.json"]
    assert stat.stdout.splitlines()[-1] == " 3 files changed: 0 added, 0 removed, 1 changed"
    assert told.returncode == names.returncode == stat.returncode == 1


def test_a_workflow_that_is_none_any_more_is_not_passed_over(folder):
    for name, text in (("a", SAMPLE), ("b", "{}")):
        (folder / name).mkdir()
        (folder / name / "flow.json").write_text(text, "utf-8")

    result = diff("a", "b", cwd=folder)

    assert result.returncode == 2
    assert "flow.json" in result.stderr
    assert "is not a ComfyUI workflow" in result.stderr


@pytest.fixture
def strangers(folder):
    """Two folders in which files differ that are no workflows, one of them not even JSON."""
    for name, value in (("a", "1"), ("b", "2")):
        (folder / name).mkdir()
        (folder / name / "tsconfig.json").write_text(f'{{ // a comment\n  "strict": {value} }}', "utf-8")
        (folder / name / "package.json").write_text(f'{{ "version": {value} }}', "utf-8")
    return folder


def test_what_nobody_named_and_is_no_workflow_is_passed_over(strangers):
    result = diff("a", "b", cwd=strangers)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_workflow_that_was_never_readable_is_not_passed_over(strangers):
    """A file that came with conflict markers in it, say."""
    (strangers / "b" / "flow.json").write_text("<<<<<<< HEAD\n" + SAMPLE, "utf-8")

    result = diff("a", "b", cwd=strangers)

    assert result.returncode == 2
    assert "flow.json" in result.stderr
    assert "tsconfig" not in result.stderr


def test_verbose_tells_what_does_not_count(folder):
    result = diff("old.json", "moved.json", "-v", cwd=folder)

    assert result.returncode == 0
    assert result.stdout.splitlines() == [
        "layout and noise:",
        '~ EmptyLatentImage #2 "Size": moved: pos [40, 400] → [40, 460]',
        "no change of meaning; layout: 1 moved",
    ]


def test_a_reroute_in_a_link_is_layout_if_wanted(folder):
    tree = json.loads(SAMPLE)
    slot = {"name": "", "type": "*", "link": 20}
    tree["nodes"].append({"id": 9, "type": "Reroute", "inputs": [slot], "outputs": [{"name": "", "type": "IMAGE"}]})
    tree["links"] = [row for row in tree["links"] if row[0] != 9] + [[20, 6, 0, 9, 0, "*"], [9, 9, 0, 7, 0, "IMAGE"]]
    (folder / "rerouted.json").write_text(json.dumps(tree), "utf-8")

    plain = diff("old.json", "rerouted.json", cwd=folder)
    through = diff("old.json", "rerouted.json", "--through-reroutes", cwd=folder)

    assert plain.stdout.startswith("+ Reroute #9 between #6.IMAGE and #7.images\n")
    assert plain.returncode == 1
    assert (through.returncode, through.stdout) == (0, "no change of meaning; layout: 1 rerouted\n")


def test_packs_are_told_if_wanted(folder):
    packed = SAMPLE.replace('"Node name for S&R": "KSampler"', '"cnr_id": "some-pack", "ver": "1.2.0"')
    (folder / "packed.json").write_text(packed, "utf-8")

    assert "pack + some-pack 1.2.0\n" in diff("old.json", "packed.json", "--packs", cwd=folder).stdout
    assert "some-pack" not in diff("old.json", "packed.json", cwd=folder).stdout


def test_machines_get_json_that_fits_its_schema(folder):
    result = diff("old.json", "new.json", "--output-format", "json", "-o", "report.json", cwd=folder)

    assert result.returncode == 1
    assert json.loads((folder / "report.json").read_text("utf-8"))["files"][0]["status"] == "changed"
    assert wftools("schema", "report-diff", "report.json", cwd=folder).returncode == 0


def test_standard_input_is_a_version(folder):
    result = diff("-", "new.json", cwd=folder, stdin=SAMPLE)

    assert result.stdout.splitlines()[0] == "~ KSampler #5: sampler_name euler → heun"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["old.json"], "name two versions"),
        (["-", "-"], "standard input cannot be both versions"),
        (["old.json", "nope.json"], "nope.json: cannot be read"),
        (["old.json", "text.txt"], "text.txt"),
        (["HEAD:old.json", "old.json"], "is not in a git repository"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_error(folder, arguments, message):
    (folder / "text.txt").write_text("no workflow")

    result = diff(*arguments, cwd=folder)

    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.fixture
def repository(folder):
    def git(*arguments):
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    (folder / "flow.json").write_text(SAMPLE, "utf-8")
    git("init", "-q")
    git("add", "flow.json")
    git("commit", "-q", "-m", "old")
    (folder / "flow.json").write_bytes((folder / "new.json").read_bytes())
    return folder


@pytest.mark.parametrize(
    "arguments",
    [["HEAD:flow.json", "flow.json"], ["--git"], ["--git", "HEAD"], ["--git", "HEAD", "--", "flow.json"]],
    ids=" ".join,
)
def test_versions_of_git_are_compared(repository, arguments):
    result = diff(*arguments, cwd=repository)

    assert result.returncode == 1
    assert result.stdout.splitlines()[0] == "~ KSampler #5: sampler_name euler → heun"


def test_a_renamed_file_is_told_with_its_former_name(repository):
    subprocess.run(["git", "mv", "flow.json", "other.json"], cwd=repository, check=True)
    (repository / "other.json").write_text(SAMPLE, "utf-8")
    same = diff("--git", "HEAD", cwd=repository)
    (repository / "other.json").write_bytes((repository / "new.json").read_bytes())
    changed = diff("--git", "HEAD", cwd=repository)

    assert (same.returncode, same.stdout) == (0, "other.json (was flow.json)\n")
    assert changed.stdout.splitlines()[:2] == [
        "other.json (was flow.json)",
        "~ KSampler #5: sampler_name euler → heun",
    ]


def test_git_s_files_that_are_no_workflows_are_passed_over(repository):
    (repository / "tsconfig.json").write_text("{ // a comment\n}", "utf-8")
    subprocess.run(["git", "add", "tsconfig.json"], cwd=repository, check=True)

    result = diff("--git", "HEAD", cwd=repository)

    assert (result.returncode, result.stderr) == (1, "")


def test_paths_choose_among_the_files_that_git_has(repository):
    assert diff("--git", "HEAD", "--", "other.json", cwd=repository).returncode == 0


def test_the_result_is_written_to_a_file_without_colours(folder):
    result = diff("old.json", "new.json", "-o", "out.txt", "--color", "always", cwd=folder)

    assert result.stdout == ""
    assert (folder / "out.txt").read_text("utf-8").startswith("~ KSampler #5: sampler_name euler → heun\n")


def test_colours_are_a_matter_of_the_terminal_unless_told(folder):
    assert "\x1b[" not in diff("old.json", "new.json", cwd=folder).stdout
    assert "\x1b[31meuler\x1b[0m" in diff("old.json", "new.json", "--color", "always", cwd=folder).stdout


@pytest.mark.parametrize(("name", "start"), [("d.html", "<!DOCTYPE html>"), ("d.svg", "<svg "), ("d.txt", "~ ")])
def test_the_name_of_the_output_says_the_format(folder, name, start):
    done = diff("old.json", "new.json", "-o", name, cwd=folder)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert (folder / name).read_text("utf-8").startswith(start)


def test_a_page_is_opened_by_the_system_s_viewer(folder, monkeypatch):
    """As git's difftool asks for it."""
    viewer = folder / "xdg-open"
    viewer.write_text('#!/bin/sh\ncp "$1" seen.html\n')
    viewer.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(folder))

    done = diff("--html", "--open", "--", "old.json", "new.json", cwd=folder)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    seen = folder / "seen.html"
    for _ in range(100):  # it is not waited for
        if seen.exists() and seen.read_text("utf-8").endswith("</html>\n"):
            break
        time.sleep(0.1)
    assert seen.read_text("utf-8").startswith("<!DOCTYPE html>")
