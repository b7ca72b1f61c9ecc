"""All templates to prompts, each time in a new process, so that nothing is known yet of any node type."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.measure import Result, compare
from benchmarks.templates import templates

# Processes that print the CPU seconds of their work; imports are not counted.
_OURS = """
import time
from wftools import build, read, to_api
from wftools.cli import collect_rarely
build, read, to_api             # imported when they are first named
collect_rarely()
started = time.process_time()
for path in paths:
    with open(path, "rb") as file:
        to_api(build(read(file)))
print(time.process_time() - started)
"""
_PEER = """
import json, time
started = time.process_time()
for path in paths:
    with open(path, "rb") as file:
        json.loads(file.read())
print(time.process_time() - started)
"""


def run() -> list[Result]:
    """Reading and converting, against reading alone."""
    found = [str(path) for path in templates()]

    def seconds(code: str) -> float:
        return float(subprocess.check_output([sys.executable, "-c", f"paths = {found!r}\n{code}"], text=True))

    return [
        compare(
            f"convert {len(found)} templates, cold",
            lambda: seconds(_OURS),
            "json.loads",
            lambda: seconds(_PEER),
            turns=5,
        ),
    ]
