"""Standard streams that are closed, full, gone or not UTF-8."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wftools.cli
from wftools.lint.examples import api_node, picture

WFTOOLS = f"{sys.executable} -m wftools"
ARROW = json.dumps(picture(n3=api_node("→\ud800\x1b[45m", x=["9", 0])))


def _run(folder: Path, command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    (folder / "arrow.json").write_text(ARROW)
    return subprocess.run(
        ["bash", "-c", f"{WFTOOLS} {command}"],
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )


@pytest.mark.parametrize(
    ("command", "status", "message"),
    [
        ("lint - <&-", 1, b"standard input is closed"),
        ("lint arrow.json >&-", 2, b"error: standard output is closed"),
        ("lint arrow.json >/dev/full", 2, b"error: standard output cannot be written: No space left on device"),
        ("--help >/dev/full", 2, b"error: No space left on device"),
        ("lint none.json 2>&-", 1, b"P001"),
        ("lint --none 2>&-", 2, b""),
        ("lint --none 2>/dev/full", 2, b""),
        ("lint arrow.json <&- >&- 2>&-", 2, b""),
    ],
)
def test_a_stream_that_is_closed_or_full_is_one_clear_error(
    tmp_path: Path, command: str, status: int, message: bytes
) -> None:
    done = _run(tmp_path, command)

    told = done.stdout + done.stderr
    assert done.returncode == status
    assert message in told
    assert b"Traceback" not in told
    assert b"Exception ignored" not in told


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("form", ["full", "concise"])
def test_what_an_encoding_lacks_is_escaped(tmp_path: Path, form: str, encoding: str) -> None:
    done = _run(tmp_path, f"lint arrow.json --output-format {form}", PYTHONIOENCODING=encoding)

    assert done.returncode in {0, 1}
    assert done.stderr == b""
    assert b"\x1b[45m" not in done.stdout


def test_json_is_utf_8_whatever_the_encoding_of_the_terminal_is(tmp_path: Path) -> None:
    done = _run(tmp_path, "lint arrow.json --output-format json", PYTHONIOENCODING="utf-16")

    assert "→" in json.loads(done.stdout.decode("utf-8"))["findings"][0]["message"]


def test_a_reader_that_has_left_is_no_failure(tmp_path: Path) -> None:
    done = _run(tmp_path, "lint arrow.json --output-format json > >(exec <&-; sleep 2); echo status $?")

    assert done.stderr == b""


def test_every_command_writes_through_one_module() -> None:
    """So that what holds of streams holds of all of them."""
    package = Path(wftools.cli.__file__).parent

    writing = {path.name for path in package.rglob("*.py") if re.search(r"click\.s?echo\(|\bprint\(", path.read_text())}

    assert writing == {"output.py"}
