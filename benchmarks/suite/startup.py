"""How long a command takes to start, against the bare interpreter."""

from __future__ import annotations

import sys
from functools import partial

from benchmarks.measure import WFTOOLS, Result, compare, process
from benchmarks.templates import templates

PASS = [sys.executable, "-c", "pass"]


def run() -> list[Result]:
    """`--version`, `--help`, and lint of one small and of the largest template."""
    by_size = sorted(templates(), key=lambda path: path.stat().st_size)
    commands = {
        "wftools --version": ["--version"],
        "wftools --help": ["--help"],
        "wftools lint one.json": ["lint", str(by_size[len(by_size) // 2])],
        "wftools lint largest.json": ["lint", str(by_size[-1])],
    }
    return [
        compare(name, partial(process, [*WFTOOLS, *arguments]), "python -c pass", partial(process, PASS))
        for name, arguments in commands.items()
    ]
