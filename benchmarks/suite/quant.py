"""Decoding and encoding blocks, every type, against gguf-py, the Python library of the format's authors.

CPU time of one thread: others use the machine. Then, for the types that most files have, the time by the clock with all
threads that torch has; gguf-py uses one. Where gguf-py has no way to encode, ours is set beside our own decoding.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import torch
from gguf import GGMLQuantizationType, quants

from benchmarks.measure import Result, by_the_clock, compare, here
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quant.decoding import DECODERS, decode
from wftools.weights.quant.encoding import ENCODERS, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    Clock = Callable[[Callable[[], object]], float]

ROWS, COLUMNS = 1024, 4096  # of a weight
FEW = 64  # rows are enough for what is slow
OF_GGUF_PY = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "TQ1_0", "TQ2_0", "MXFP4"}  # it encodes


def run() -> list[Result]:
    """Numbers as weights have them; random bytes have other scales, and the time does not depend on them."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    weight = torch.randn(ROWS, COLUMNS, generator=torch.Generator().manual_seed(0)).mul_(0.05)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # gguf-py, of scales that are no numbers
            alone = [_decoded(kind, dtype) for kind in DECODERS if kind != "Q1_0" for dtype in _dtypes(kind)]
            alone += [_encoded(kind, weight) for kind in ENCODERS]
            torch.set_num_threads(threads)
            together = [_decoded(kind, torch.float32, by_the_clock) for kind in ("Q8_0", "Q4_0", "Q5_K")]
            return alone + together + [_encoded(kind, weight, by_the_clock) for kind in ("Q8_0", "Q4_0")]
    finally:
        torch.set_num_threads(threads)


def _dtypes(kind: str) -> tuple[torch.dtype, ...]:
    """What networks compute in too, for the types that they mostly have."""
    return (torch.float32, torch.bfloat16) if kind in {"Q8_0", "Q4_0", "Q5_K", "Q6_K"} else (torch.float32,)


def _decoded(kind: str, dtype: torch.dtype, clock: Clock = here) -> Result:
    block = BLOCKS[kind]
    shape = (ROWS, COLUMNS // block.elements * block.bytes)
    packed = torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    blocks, rows, type_ = packed.view(-1, block.bytes), packed.numpy(), GGMLQuantizationType[kind]
    name = str(dtype).removeprefix("torch.")
    return compare(
        f"{ROWS} x {COLUMNS} of {kind} decoded to {name}{_threads(clock)}",
        lambda: clock(lambda: decode(blocks, kind, dtype)),
        "gguf-py" if dtype == torch.float32 else "gguf-py, and torch's cast",
        lambda: clock(lambda: torch.from_numpy(quants.dequantize(rows, type_)).to(dtype)),
        turns=5,
    )


def _encoded(kind: str, weight: torch.Tensor, clock: Clock = here) -> Result:
    if kind not in OF_GGUF_PY or kind == "MXFP4":
        weight = weight[:FEW]
    values, array = weight.reshape(-1), weight.numpy()

    def peer() -> np.ndarray | torch.Tensor:
        if kind in OF_GGUF_PY:
            return quants.quantize(array, GGMLQuantizationType[kind])
        return decode(packed, kind)

    packed = encode(values, kind)
    return compare(
        f"{len(weight)} x {COLUMNS} encoded as {kind}{_threads(clock)}",
        lambda: clock(lambda: encode(values, kind)),
        "gguf-py" if kind in OF_GGUF_PY else "our decoding of them",
        lambda: clock(peer),
        turns=5,
    )


def _threads(clock: Clock) -> str:
    return "" if clock is here else f" by {torch.get_num_threads()} threads"
