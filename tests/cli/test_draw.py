"""wftools draw, as a process."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.cli.process import wftools
from wftools.cli.commands.draw import _FORMATS
from wftools.document import read
from wftools.draw import FORMATS

SAMPLES = Path(__file__).parents[2] / "sample_workflows"

draw = partial(wftools, "draw")


@pytest.fixture
def folder(tmp_path):
    shutil.copy(SAMPLES / "subgraph.json", tmp_path / "flow.json")
    return tmp_path


def test_the_help_names_every_format():
    assert FORMATS.names() == _FORMATS


@pytest.mark.parametrize("form", FORMATS.names())
def test_every_format_is_written_to_a_file_and_to_standard_output(folder, form):
    (suffix, *_) = FORMATS.load(form).SUFFIXES

    to_file = draw("flow.json", "-o", f"picture{suffix}", cwd=folder)

    assert (to_file.returncode, to_file.stdout, to_file.stderr) == (0, "", "")
    written = (folder / f"picture{suffix}").read_bytes()
    assert len(written) > 100
    if form != "png":  # bytes, which the process module does not take
        assert draw("flow.json", "--format", form, cwd=folder).stdout == written.decode()


def test_without_a_format_it_is_an_svg(folder):
    from_input = draw("-", "-o", "-", cwd=folder, stdin=(folder / "flow.json").read_text("utf-8"))

    assert from_input.stdout.startswith("<svg ")


def test_a_png_opens_as_the_workflow(folder):
    draw("flow.json", "-o", "flow.png", cwd=folder)

    assert read(folder / "flow.png").tree == read(folder / "flow.json").tree
    assert draw("flow.png", "-o", "again.svg", cwd=folder).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["flow.json", "-o", "picture.gif"], "error: picture.gif: the name does not say what to draw"),
        (["flow.json", "-o", "flow.json", "--format", "svg"], "error: flow.json: would be overwritten"),
        (["nowhere.json"], "error: nowhere.json: cannot be read"),
        (["package.json"], "error: package.json:1:1: the JSON text is not a ComfyUI workflow"),
        (["flow.json", "--scope", "Nowhere"], "error: flow.json: no subgraph is called 'Nowhere'"),
        (["flow.json", "-o", "no/folder/x.svg"], "error: no/folder/x.svg: cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_error(folder, arguments, message):
    (folder / "package.json").write_text(json.dumps({"name": "x"}))

    done = draw(*arguments, cwd=folder)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(message)
    assert sorted(path.name for path in folder.iterdir()) == ["flow.json", "package.json"]
