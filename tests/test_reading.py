"""Files that are named by somebody: what is no file is an error that names it, and nothing is waited for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from wftools.catalog.given import load_object_info
from wftools.catalog.lookup import newest
from wftools.convert.files import Conversion, embed_file
from wftools.document import read
from wftools.errors import InputError
from wftools.reading import opened
from wftools.schemas import violations

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name",
    ["missing.json", "folder", "a\0b", "n" * 300],
)
def test_what_cannot_be_opened_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(InputError) as caught:
        opened(f"{tmp_path}/{name}")

    assert caught.value.place is not None
    assert caught.value.place.file == f"{tmp_path}/{name}"


def test_a_named_pipe_is_an_error_wherever_a_file_is_named(tmp_path: Path) -> None:
    """Waiting for somebody to write into it might last for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    conversion = Conversion(newest())
    readers = (
        lambda: read(pipe),
        lambda: load_object_info(str(pipe)),
        lambda: list(violations("workflow-api", str(pipe))),
        lambda: embed_file(conversion, "sample_workflows/txt2img.json", None, pipe, tmp_path / "o.png"),
    )

    for reader in readers:
        with pytest.raises(InputError, match="is a named pipe"):
            reader()


def test_a_pipe_that_a_shell_makes_is_read() -> None:
    """`<(command)` is /dev/fd/63."""
    ours, theirs = os.pipe()
    os.write(theirs, b"text")
    os.close(theirs)

    with opened(f"/dev/fd/{ours}") as stream:
        assert stream.read() == b"text"

    os.close(ours)
