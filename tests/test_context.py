"""wftools.context: what a running node may ask for."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from wftools.context import Context, Saved
from wftools.errors import RunError
from wftools.folders import Folders


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(Folders(output=tmp_path / "output", temp=tmp_path / "temp"), node="57:3")


def test_the_making_of_a_file_is_told_as_ascii_json(context: Context) -> None:
    texts = context.provenance({"1": {"class_type": "日本"}}, {"workflow": {"nodes": []}, "more": 1})

    assert all(text.isascii() for text in texts.values())
    assert {name: json.loads(text) for name, text in texts.items()} == {
        "prompt": {"1": {"class_type": "日本"}},
        "workflow": {"nodes": []},
        "more": 1,
    }


def test_nothing_is_told_without_a_prompt_or_where_nothing_shall_be(context: Context) -> None:
    assert context.provenance(None, None) == {}
    assert replace(context, metadata=False).provenance({"1": {}}, {"workflow": {}}) == {}


def test_what_was_written_before_a_failure_is_told(context: Context) -> None:
    def contents() -> Iterator[bytes]:
        yield b"x"
        raise RunError("no")

    with pytest.raises(RunError):
        context.write("x", "_.png", contents())

    assert context.saved == [Saved("output", context.folders.output / "x_00001_.png")]


def test_a_folder_that_cannot_be_made_is_a_run_error(context: Context) -> None:
    context.folders.output.write_text("a file")

    with pytest.raises(RunError, match="cannot save"):
        context.write("x", "_.png", [b"x"])
