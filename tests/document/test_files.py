"""Which files are looked at."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import wftools
from wftools.document import read
from wftools.document.files import candidates
from wftools.errors import InputError


def _found(folder: Path, **options: bool) -> list[str]:
    return [Path(each.path).name for each in candidates([str(folder)], **options)]


def test_in_a_folder_names_decide_and_hidden_ones_are_left_out(tmp_path):
    for name in ("b.json", "a.PNG", "c.md", ".d.json", "e.safetensors", "f.latent"):
        (tmp_path / name).touch()

    assert _found(tmp_path) == ["a.PNG", "b.json", "f.latent"]
    assert _found(tmp_path, only_json=True) == ["b.json"]


def test_pipes_are_passed_over_and_links_followed(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "real.json").touch()
    (tmp_path / "link.json").symlink_to("real.json")
    (tmp_path / "to_pipe.json").symlink_to("pipe.json")
    (tmp_path / "to_nothing.json").symlink_to("nothing")

    assert _found(tmp_path) == ["link.json", "real.json", "to_nothing.json"]


def test_a_pipe_that_is_named_is_an_error_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")

    with pytest.raises(InputError, match="is a named pipe") as caught:
        read(tmp_path / "pipe.json")

    assert caught.value.place.file == str(tmp_path / "pipe.json")


def test_what_a_shell_makes_of_a_command_can_be_read(tmp_path):
    reading, writing = os.pipe()
    os.write(writing, b'{"nodes": []}')
    os.close(writing)
    try:
        assert read(f"/dev/fd/{reading}").form == "ui"
    finally:
        os.close(reading)


def test_only_json_is_found_without_looking_at_containers(tmp_path):
    """They take some 20 ms to import, and a hook that formats needs none of them."""
    (tmp_path / "a.json").touch()
    (tmp_path / "b.md").touch()
    code = (
        "import sys; from wftools.document.files import candidates; "
        f"assert len(list(candidates([{str(tmp_path)!r}], only_json=True))) == 1; "
        "assert 'wftools.document.containers.png' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


CONTAINER = '''
"""A file that says what it is, then a workflow."""

SUFFIXES = (".flow",)


def sniff(head):
    """Whether it says so."""
    return head.startswith(b"FLOW")


def read(stream):
    """All that follows."""
    stream.seek(4)
    return {"workflow": stream.read().decode()}
'''


def test_a_container_that_is_added_as_a_file_is_read_and_found_in_folders(tmp_path):
    shutil.copytree(Path(wftools.__file__).parent, tmp_path / "wftools", ignore=shutil.ignore_patterns("*.safetensors"))
    (tmp_path / "wftools" / "document" / "containers" / "flow.py").write_text(CONTAINER)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "a.flow").write_bytes(b'FLOW{"nodes": [{"id": 1, "type": "Nothing"}], "links": []}')

    result = subprocess.run(
        [sys.executable, "-m", "wftools", "lint", "flows", "--output-format", "concise"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stdout.startswith("flows/a.flow:1:"), result
