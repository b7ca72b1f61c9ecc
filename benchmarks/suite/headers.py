"""The header of a GGUF file of a text encoder: 2,000 tensors, and a vocabulary of 100,000 words with scores.

The peer is gguf-py, which makes arrays of every word.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import gguf

from benchmarks.measure import Result, compare, here
from wftools.weights.formats.gguf import open_file
from wftools.weights.writers import Outgoing
from wftools.weights.writers.gguf import write

TENSORS, WORDS = 2_000, 100_000


def run() -> list[Result]:
    """Tensors without elements: their numbers are not read."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "encoder.gguf"
        tensors = [Outgoing(f"blk.{index}.attn_q.weight", "F16", (0,), lambda: ()) for index in range(TENSORS)]
        words = [f"word {index}" for index in range(WORDS)]
        with path.open("wb") as stream:
            write(stream, tensors, {"tokenizer.ggml.tokens": [*words], "tokenizer.ggml.scores": [0.5] * WORDS})
        return [
            compare(
                f"the header of a GGUF file, {TENSORS:,} tensors and {WORDS:,} words",
                lambda: here(lambda: open_file(path)),
                "gguf-py",
                lambda: here(lambda: gguf.GGUFReader(path)),
                turns=3,
            )
        ]
