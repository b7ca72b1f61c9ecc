"""What ggml's reference makes of numbers: python -m tests.weights.quant.golden LIBRARY writes tests/data/weights/quant.

The library is one of ggml that was built without fused multiplication and addition, as it is without options of the
processor: stable-diffusion-cpp-python on PyPI has such a file, libggml-base.so.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from tests.weights.quant.blocks import numbers
from wftools.weights.quant.blocks import BLOCKS

FILE = Path(__file__).parents[2] / "data/weights/quant/ggml.json"
KINDS = ("Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS")
SEEDS = (1, 2, 3)
COUNT = 256 * 64
WHOLE = ("bell", "spikes", "long tails", "magnitudes by block")  # of these one block stands there whole


def digest(packed: np.ndarray) -> str:
    """Of the bytes of blocks."""
    return hashlib.sha256(packed.tobytes()).hexdigest()


def main(library: str) -> None:
    """Write the file."""
    ggml = ctypes.CDLL(library)

    def encoded(values: np.ndarray, kind: str) -> np.ndarray:
        block = BLOCKS[kind]
        packed = np.zeros((len(values) // block.elements, block.bytes), np.uint8)
        source, target = (ctypes.c_void_p(array.ctypes.data) for array in (values, packed))
        rows = ctypes.c_int64(len(packed))
        ggml.ggml_quantize_chunk(
            block.id, source, target, ctypes.c_int64(0), rows, ctypes.c_int64(block.elements), None
        )
        return packed

    given = {seed: numbers(seed, COUNT) for seed in SEEDS}
    golden = {
        "sha256": {
            kind: {name: [digest(encoded(given[seed][name], kind)) for seed in SEEDS] for name in given[1]}
            for kind in KINDS
        },
        "blocks": {
            name: {kind: encoded(given[1][name][-256:], kind).tobytes().hex() for kind in KINDS} for name in WHOLE
        },
        "values": {name: given[1][name][-256:].tobytes().hex() for name in WHOLE},
    }
    FILE.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
