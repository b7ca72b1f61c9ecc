"""`wftools apply` as a process: files in, files out, and what it says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.process import wftools

SAMPLE = Path("sample_workflows/txt2img.json").resolve()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a workflow, another version of it, and the patch between them."""
    text = SAMPLE.read_text("utf-8")
    (tmp_path / "old.json").write_text(text, "utf-8")
    (tmp_path / "new.json").write_text(text.replace('"euler"', '"heun"'), "utf-8")
    (tmp_path / "p.wfpatch").write_text(
        wftools("diff", "--patch", "old.json", "new.json", cwd=tmp_path).stdout, "utf-8"
    )
    return tmp_path


def test_a_patch_changes_its_lines_and_no_others(folder: Path) -> None:
    shutil.copy(folder / "old.json", folder / "mine.json")

    done = wftools("apply", "p.wfpatch", "mine.json", cwd=folder)

    assert (done.returncode, done.stderr) == (0, "mine.json: 1 applied\n")
    assert (folder / "mine.json").read_bytes() == (folder / "new.json").read_bytes()


def test_reverse_takes_a_patch_back(folder: Path) -> None:
    done = wftools("apply", "-R", "p.wfpatch", "new.json", cwd=folder)

    assert done.returncode == 0
    assert (folder / "new.json").read_bytes() == (folder / "old.json").read_bytes()


def test_a_patch_alone_is_made_in_the_file_that_it_names(folder: Path) -> None:
    (folder / "new.json").write_bytes((folder / "old.json").read_bytes())

    assert wftools("apply", "p.wfpatch", cwd=folder).stderr == "new.json: 1 applied\n"
    assert wftools("apply", "p.wfpatch", cwd=folder).stderr == "new.json: 0 applied, 1 there already\n"


def test_check_writes_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}

    done = wftools("apply", "--check", "p.wfpatch", "old.json", cwd=folder)

    assert done.returncode == 0
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_what_does_not_fit_is_rejected_and_kept_as_a_patch(folder: Path) -> None:
    text = SAMPLE.read_text("utf-8")
    (folder / "mine.json").write_text(text.replace('"euler"', '"lms"'), "utf-8")

    done = wftools("apply", "p.wfpatch", "mine.json", cwd=folder)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "mine.json: rejected: node 5 (KSampler), widget sampler_name: it is 'lms', not 'euler'",
        "mine.json: 0 applied, 1 rejected; mine.json.rej.json has the rejected ones",
    ]
    assert (folder / "mine.json").read_text("utf-8") == text.replace('"euler"', '"lms"')
    again = wftools("apply", "mine.json.rej.json", "old.json", cwd=folder)
    assert (again.returncode, again.stderr) == (0, "old.json: 1 applied\n")


def test_standard_input_goes_to_standard_output(folder: Path) -> None:
    done = wftools("apply", "p.wfpatch", "-", cwd=folder, stdin=(folder / "old.json").read_text("utf-8"))

    assert (done.returncode, done.stdout) == (0, (folder / "new.json").read_text("utf-8"))

    patch = wftools("diff", "--patch", "old.json", "new.json", cwd=folder).stdout
    done = wftools("apply", "-", "old.json", "-o", "-", cwd=folder, stdin=patch)
    assert (done.returncode, done.stdout) == (0, (folder / "new.json").read_text("utf-8"))


def test_an_inverted_patch_is_one_that_leads_back(folder: Path) -> None:
    (folder / "back.wfpatch").write_text(wftools("apply", "--invert", "p.wfpatch", cwd=folder).stdout, "utf-8")

    assert wftools("apply", "back.wfpatch", "new.json", cwd=folder).returncode == 0
    assert (folder / "new.json").read_bytes() == (folder / "old.json").read_bytes()


def test_several_patches_are_made_one_after_the_other(folder: Path) -> None:
    text = (folder / "new.json").read_text("utf-8").replace('"heun"', '"lms"')
    (folder / "newer.json").write_text(text, "utf-8")
    more = wftools("diff", "--patch", "new.json", "newer.json", cwd=folder).stdout
    (folder / "q.wfpatch").write_text(more, "utf-8")

    assert wftools("apply", "p.wfpatch", "q.wfpatch", "old.json", cwd=folder).returncode == 0
    assert (folder / "old.json").read_text("utf-8") == text
    assert wftools("apply", "-R", "p.wfpatch", "q.wfpatch", "old.json", cwd=folder).returncode == 0
    assert (folder / "old.json").read_bytes() == SAMPLE.read_bytes()


def test_composed_patches_do_what_they_do_one_after_the_other(folder: Path) -> None:
    (folder / "newer.json").write_text((folder / "new.json").read_text("utf-8").replace('"heun"', '"lms"'), "utf-8")
    (folder / "q.wfpatch").write_text(wftools("diff", "--patch", "new.json", "newer.json", cwd=folder).stdout, "utf-8")

    done = wftools("apply", "--compose", "p.wfpatch", "q.wfpatch", "old.json", cwd=folder)

    (change,) = json.loads(done.stdout)["files"][0]["changes"]
    assert (change["old"], change["new"]) == ("euler", "lms")


@pytest.mark.parametrize("name", ["../old.json", "/etc/hostname", "C:\\old.json", "a/../../old.json", "", "link.json"])
def test_a_patch_alone_reaches_no_file_outside_of_the_folder(folder: Path, name: str) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "link.json").symlink_to(folder / "old.json")
    patch = json.loads((folder / "p.wfpatch").read_text("utf-8"))
    patch["files"][0]["file"] = name
    before = (folder / "old.json").read_bytes()

    done = wftools("apply", "-", cwd=inner, stdin=json.dumps(patch))

    assert done.returncode == 2
    assert "error: the patch" in done.stderr
    assert (folder / "old.json").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.json:1:1: not JSON: expecting value"),
        ("[]", "p.json:1:1: expected an object, got []"),
        ('{"format": "wfpatch/9", "files": []}', "p.json:1:12: input should be 'wfpatch/1', got 'wfpatch/9'"),
        ('{"format": "wfpatch/1"}', "p.json:1:1: a patch has a member 'files' here"),
        (
            '{"format": "wfpatch/1", "files": [{"form": "ui", "changes": [{"op": "connect", "key": ["x"]}]}]}',
            "p.json:1:69: a change has an old value or a new one",
        ),
    ],
)
def test_what_is_no_patch_is_one_error_with_its_place(folder: Path, text: str, message: str) -> None:
    (folder / "p.json").write_text(text, "utf-8")

    done = wftools("apply", "p.json", "old.json", cwd=folder)

    assert (done.returncode, done.stderr.splitlines()[0]) == (2, f"error: {message}")


def test_a_patch_of_a_workflow_is_not_made_in_a_prompt(folder: Path) -> None:
    (folder / "prompt.json").write_text(wftools("convert", "old.json", "--to", "api", cwd=folder).stdout, "utf-8")

    done = wftools("apply", "p.wfpatch", "prompt.json", cwd=folder)

    assert done.returncode == 2
    assert "the patch is of a workflow of the editor, the file is a prompt" in done.stderr
