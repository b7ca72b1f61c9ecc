"""Blocks out of numbers: byte for byte those of gguf-py, and of ggml's reference where gguf-py has no way.

simple.py       32 elements with one scale: Q4_0 to Q8_0
k.py            256 elements with scales of their parts: Q2_K to Q6_K
codebooks.py    sixteen uneven values: IQ4_NL, IQ4_XS
searching.py    how their scales are found
extremes.py     the value of greatest magnitude
ternary.py      three values: TQ1_0, TQ2_0
floats.py       four-bit floats: MXFP4

A block depends on its own elements alone, and on nothing else: not on pieces, threads, or the processor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quant.encoding import codebooks, floats, k, simple, ternary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

PIECE: Final = 2**18  # elements: they and what is made of them stay in a core's cache from step to step


def _finite(encoder: Callable[[Tensor, Tensor], None]) -> Callable[[Tensor, Tensor], None]:
    """The same, where blocks with what is no finite number become bytes of ones, and their scale so no number."""

    def encode_finite(blocks: Tensor, packed: Tensor) -> None:
        odd = ~(blocks.abs().amax(1) < torch.inf)
        encoder(blocks.masked_fill(odd[:, None], 0) if odd.any() else blocks, packed)
        packed[odd] = 0xFF

    return encode_finite


# each takes numbers (blocks, elements), float32, and fills bytes (blocks, bytes)
ENCODERS: Final[Mapping[str, Callable[[Tensor, Tensor], None]]] = {
    "Q4_0": simple.q4_0,
    "Q4_1": simple.q4_1,
    "Q5_0": simple.q5_0,
    "Q5_1": simple.q5_1,
    "Q8_0": simple.q8_0,
    "Q2_K": _finite(k.q2_k),
    "Q3_K": _finite(k.q3_k),
    "Q4_K": _finite(k.q4_k),
    "Q5_K": _finite(k.q5_k),
    "Q6_K": _finite(k.q6_k),
    "IQ4_NL": _finite(codebooks.iq4_nl),
    "IQ4_XS": _finite(codebooks.iq4_xs),
    "TQ1_0": ternary.tq1_0,
    "TQ2_0": ternary.tq2_0,
    "MXFP4": _finite(floats.mxfp4),
}

# Types whose scales are searched for: ten times the work of the others.
SEARCHED: Final = frozenset({"Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"})


def encode(values: Tensor, kind: str) -> Tensor:
    """The blocks, uint8 (blocks, bytes a block), of numbers (elements,), float32 on the CPU: whole blocks of them.

    Numbers that are not finite spoil their own block and nothing else; what a caller says of them is his own.
    """
    block, encoder = BLOCKS[kind], ENCODERS[kind]
    assert values.dtype == torch.float32, values.dtype
    blocks = values.reshape(-1, block.elements)
    packed = torch.empty((len(blocks), block.bytes), dtype=torch.uint8)
    rows = PIECE // block.elements
    for start in range(0, len(blocks), rows):
        encoder(blocks[start : start + rows], packed[start : start + rows])
    return packed
