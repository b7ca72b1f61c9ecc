"""All templates to prompts, each time in a new process: nothing is warm, and imports count."""

from __future__ import annotations

import sys

from benchmarks.measure import Result, compare, process
from benchmarks.templates import templates

_OURS = """
from wftools import build, read, to_api
for path in paths:
    with open(path, "rb") as file:
        to_api(build(read(file)))
"""
_PEER = """
import json
for path in paths:
    with open(path, "rb") as file:
        json.load(file)
"""


def run() -> list[Result]:
    """Whole processes, from the start of the interpreter."""
    found = [str(path) for path in templates()]
    ours, peer = ([sys.executable, "-c", f"paths = {found!r}\n{code}"] for code in (_OURS, _PEER))
    return [
        compare(
            f"convert {len(found)} templates, as a process", lambda: process(ours), "json.load, as a process",
            lambda: process(peer), turns=5,
        ),
    ]
