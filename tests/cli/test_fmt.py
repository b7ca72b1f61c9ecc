"""wftools fmt, as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial

import pytest

from tests.cli.process import wftools
from tests.conftest import DATA

TANGLED = (DATA / "fmt" / "ui.json").read_text("utf-8")
TIDY = (DATA / "fmt" / "ui.out").read_text("utf-8")


fmt = partial(wftools, "fmt")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "flow.json").write_text(TANGLED, "utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "tidy.json").write_text(TIDY, "utf-8")
    (tmp_path / "package.json").write_text('{"name": "x"}')
    return tmp_path


@pytest.mark.parametrize("paths", [["."], []])
def test_files_are_rewritten_in_place(folder, paths):
    result = fmt(*paths, cwd=folder)

    assert result.returncode == 0
    assert (folder / "flow.json").read_text("utf-8") == TIDY
    assert (result.stdout, result.stderr) == ("", "formatted flow.json\n")


def test_a_file_that_is_fine_is_not_touched(folder):
    before = (folder / "sub" / "tidy.json").stat()

    fmt(".", cwd=folder)

    after = (folder / "sub" / "tidy.json").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_link_stays_a_link(folder):
    (folder / "link.json").symlink_to("flow.json")

    fmt("link.json", cwd=folder)

    assert (folder / "link.json").is_symlink()
    assert (folder / "flow.json").read_text("utf-8") == TIDY


@pytest.mark.parametrize(
    ("arguments", "status", "output"),
    [
        (["--check", "flow.json"], 1, "flow.json\n"),
        (["--check", "sub/tidy.json"], 0, ""),
        (["--check", "--strip", "sub/tidy.json"], 1, "sub/tidy.json\n"),
    ],
)
def test_check_names_files_and_writes_nothing(folder, arguments, status, output):
    result = fmt(*arguments, cwd=folder)

    assert (result.returncode, result.stdout) == (status, output)
    assert result.stderr == ("1 file would change, 0 are fine\n" if status else "0 files would change, 1 is fine\n")
    assert (folder / "flow.json").read_text("utf-8") == TANGLED


def test_check_says_how_many_files_are_fine(folder):
    result = fmt("--check", ".", cwd=folder)

    assert result.stderr == "1 file would change, 1 is fine\n"


def test_the_diff_can_be_applied(folder):
    result = fmt("--diff", "flow.json", cwd=folder)
    (folder / "change.patch").write_text(result.stdout, "utf-8")

    assert result.returncode == 1
    assert (folder / "flow.json").read_text("utf-8") == TANGLED
    subprocess.run(["git", "apply", "change.patch"], cwd=folder, check=True)
    assert (folder / "flow.json").read_text("utf-8") == TIDY


@pytest.mark.parametrize("sign", ["\u2028", "\u0085", "\x1c", "\x0c", "\r"])
def test_the_diff_can_be_applied_whatever_stands_in_texts(sign, tmp_path):
    """Some programs break lines at these characters; diff and git do not."""
    text = json.dumps({"1": {"class_type": "A", "inputs": {"x": f"one{sign}two"}}}, ensure_ascii=False)
    (tmp_path / "a.json").write_text(text, "utf-8")

    patch = subprocess.run(
        [sys.executable, "-m", "wftools", "fmt", "--diff", "a.json"], cwd=tmp_path, capture_output=True, check=False
    ).stdout
    (tmp_path / "change.patch").write_bytes(patch)
    subprocess.run(["git", "apply", "change.patch"], cwd=tmp_path, check=True)

    assert fmt("--check", "a.json", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == json.loads(text)


def test_a_name_may_be_as_long_as_the_file_system_takes(tmp_path):
    path = tmp_path / ("n" * 250 + ".json")
    path.write_text(TANGLED, "utf-8")

    assert fmt(path.name, cwd=tmp_path).returncode == 0
    assert path.read_text("utf-8") == TIDY


def test_standard_input_goes_to_standard_output(folder):
    result = fmt("-", cwd=folder, stdin=TANGLED)

    assert (result.returncode, result.stdout, result.stderr) == (0, TIDY, "")


def test_each_file_that_cannot_be_read_has_one_message_and_the_others_are_done(folder):
    (folder / "broken.json").write_text("{")

    result = fmt("broken.json", "missing.json", "package.json", "flow.json", cwd=folder)

    messages = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert result.returncode == 2
    assert [message.split(": ")[1].split(":")[0] for message in messages] == [
        "broken.json",
        "missing.json",
        "package.json",
    ]
    assert (folder / "flow.json").read_text("utf-8") == TIDY


def test_other_json_is_passed_over_where_a_hook_names_it(folder):
    result = fmt("--skip-unknown", "package.json", cwd=folder)

    assert (result.returncode, result.stderr) == (0, "")


def test_pictures_are_left_as_they_are(tmp_path):
    picture = DATA / "containers" / "png_00001_.png"
    (tmp_path / "a.png").write_bytes(picture.read_bytes())

    result = fmt("a.png", cwd=tmp_path)

    assert result.returncode == 0
    assert result.stderr == "a.png: left as it is: the workflow is in a png file\n"
    assert (tmp_path / "a.png").read_bytes() == picture.read_bytes()


def test_a_text_that_is_nested_too_deeply_is_no_traceback(folder):
    (folder / "deep.json").write_text('{"nodes": [], "links": [], "x": ' + "[" * 800 + "]" * 800 + "}")

    result = fmt("deep.json", "flow.json", cwd=folder)

    assert result.returncode == 2
    assert result.stderr.startswith("error: deep.json: the JSON text is nested too deeply")
    assert (folder / "flow.json").read_text("utf-8") == TIDY
