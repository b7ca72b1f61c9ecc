"""One text of tens of MB, a picture inside a workflow, is read, checked and formatted within 1 GB."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

MOST = 1024  # MB
LENGTH = 40_000_000  # characters; with one emoji in the file, each takes four bytes in memory


@pytest.mark.slow
@pytest.mark.parametrize("rest", ['"y": 1, "y": 2', '"y": NaN', '"y": "😀"', '"y": "\\ud83d"'])
@pytest.mark.parametrize("text", ["a", "\\n"])
@pytest.mark.parametrize(
    "command", [("lint",), ("fmt", "--check"), ("convert", "--to", "api"), ("convert", "--to", "ui")]
)
def test_a_long_text_takes_less_than_a_gigabyte(command, text, rest, tmp_path):
    long = text * (LENGTH // len(text))
    (tmp_path / "a.json").write_text(f'{{"nodes": [], "links": [], "version": 0.4, "x": "{long}", {rest}}}', "utf-8")

    process = subprocess.Popen(
        [sys.executable, "-m", "wftools", *command, "a.json"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)

    assert process.returncode in {0, 1, 2}
    assert usage.ru_maxrss / 1024 < MOST
