"""The first picture that a newcomer makes, as a whole process: 128 x 128, 20 steps, with the embedded model."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import WFTOOLS, Result, compare, process

SAMPLE = Path(__file__).parents[2] / "sample_workflows/txt2img.json"


def run() -> list[Result]:
    """Loading, painting and saving, against what every such process does: import torch."""
    with TemporaryDirectory() as folder:
        return [
            compare(
                "wftools run txt2img.json",
                lambda: process([*WFTOOLS, "run", str(SAMPLE), "--output-dir", folder]),
                "import torch",
                lambda: process([sys.executable, "-c", "import torch"]),
                turns=5,
            )
        ]
