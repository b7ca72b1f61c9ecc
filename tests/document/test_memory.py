"""One text of tens of MB, a picture inside a workflow, is read, checked and formatted within 1 GB."""

from __future__ import annotations

import subprocess
import sys

import pytest

MOST = 1024  # MB
# `wftools`, which says at its end what it took, in kB. What the system tells its parent is no less than the parent has.
PROGRAM = """
import re, sys
from pathlib import Path
from wftools.cli import main
try:
    main(sys.argv[1:])
finally:
    print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""
LENGTH = 40_000_000  # characters; with one emoji in the file, each takes four bytes in memory


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="what a process took is read off /proc")
@pytest.mark.parametrize("rest", ['"y": 1, "y": 2', '"y": NaN', '"y": "😀"', '"y": "\\ud83d"'])
@pytest.mark.parametrize("text", ["a", "\\n"])
@pytest.mark.parametrize(
    "command", [("lint",), ("fmt", "--check"), ("convert", "--to", "api"), ("convert", "--to", "ui")]
)
def test_a_long_text_takes_less_than_a_gigabyte(command, text, rest, tmp_path):
    long = text * (LENGTH // len(text))
    (tmp_path / "a.json").write_text(f'{{"nodes": [], "links": [], "version": 0.4, "x": "{long}", {rest}}}', "utf-8")

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command, "a.json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode in {0, 1, 2}
    assert int(done.stderr.splitlines()[-1]) / 1024 < MOST
