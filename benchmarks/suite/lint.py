"""All templates in one process, against what json.loads takes for the same files."""

from __future__ import annotations

import json
from functools import partial

from benchmarks.measure import Result, compare, here
from benchmarks.templates import templates
from wftools.document import read
from wftools.graph import build
from wftools.lint import Linter


def run() -> list[Result]:
    """Reading, building the graph, and linting."""
    data = [path.read_bytes() for path in templates()]
    texts = [each.decode() for each in data]
    linter = Linter()
    works = {
        "read": lambda: [read(each) for each in data],
        "read and flatten": lambda: [build(read(each)).flat for each in data],
        "lint": lambda: [linter.lint(each) for each in data],
    }
    return [
        compare(
            f"{name} {len(data)} templates",
            partial(here, work),
            "json.loads",
            partial(here, lambda: [json.loads(text) for text in texts]),
            turns=5,
        )
        for name, work in works.items()
    ]
