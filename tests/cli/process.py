"""The command line as a process, and in this one."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from typing import TYPE_CHECKING

from wftools.cli import main

if TYPE_CHECKING:
    from collections.abc import Mapping
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


def in_terminal(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """What `wftools` shows in a terminal, on standard output and standard error."""
    parent, child = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "wftools", *arguments],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=child,
        stderr=child,
        env={**os.environ, "TERM": "xterm-256color", **(env or {})},
    ) as process:
        os.close(child)
        seen = b""
        with suppress(OSError):  # what Linux says when the other end has closed
            while piece := os.read(parent, 65536):
                seen += piece
        process.wait(timeout=60)
    os.close(parent)
    return seen.decode(errors="replace")
