"""The command line as a process, and in this one."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

from wftools.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def wftools(*arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run `wftools` in a folder, and wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "wftools", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def inside(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `wftools` in this process, where torch is imported already: that takes longer than most commands."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code: int | str | None = None
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return subprocess.CompletedProcess(arguments, int(code or 0), *texts)
