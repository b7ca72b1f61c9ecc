"""Numbers out of blocks: bit for bit those of gguf-py, in pieces, on the device of the bytes.

simple.py       32 elements with one scale: Q4_0 to Q8_0
k.py            256 elements with scales of their parts: Q2_K to Q6_K
codebooks.py    entries of codebooks: IQ1_S to IQ4_XS
ternary.py      three values, or two: TQ1_0, TQ2_0, Q1_0
floats.py       four-bit floats: MXFP4, NVFP4

Why these steps: a module computes with the bytes as they stand, eight of them at a time as one int64, and makes floats
in one copy. A quant is used where it stands in its byte (16 q instead of q), and its scale is divided instead: a power
of two changes no bit of a product. Indexing and shifting byte by byte takes three times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from wftools.errors import InputError
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quant.decoding import codebooks, floats, k, simple, ternary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

PIECE: Final = 2**20  # elements: enough to pay for the calls, few enough to stay in a cache from step to step
WORD: Final = 8  # blocks: so many of any type are whole int64s

# each takes bytes (blocks, bytes), whole words of them, and fills numbers (blocks, elements), float32
DECODERS: Final[Mapping[str, Callable[[Tensor, Tensor], None]]] = {
    "Q4_0": simple.q4_0,
    "Q4_1": simple.q4_1,
    "Q5_0": simple.q5_0,
    "Q5_1": simple.q5_1,
    "Q8_0": simple.q8_0,
    "Q2_K": k.q2_k,
    "Q3_K": k.q3_k,
    "Q4_K": k.q4_k,
    "Q5_K": k.q5_k,
    "Q6_K": k.q6_k,
    "IQ1_S": codebooks.iq1_s,
    "IQ1_M": codebooks.iq1_m,
    "IQ2_XXS": codebooks.iq2_xxs,
    "IQ2_XS": codebooks.iq2_xs,
    "IQ2_S": codebooks.iq2_s,
    "IQ3_XXS": codebooks.iq3_xxs,
    "IQ3_S": codebooks.iq3_s,
    "IQ4_NL": codebooks.iq4_nl,
    "IQ4_XS": codebooks.iq4_xs,
    "TQ1_0": ternary.tq1_0,
    "TQ2_0": ternary.tq2_0,
    "Q1_0": ternary.q1_0,
    "MXFP4": floats.mxfp4,
    "NVFP4": floats.nvfp4,
}


def decode(packed: Tensor, kind: str, dtype: torch.dtype = torch.float32) -> Tensor:
    """The numbers (elements,) of blocks, uint8 (blocks, bytes a block), on their device.

    They are computed in float32 and rounded once to the type that is asked for. Raises InputError for the types that
    ggml multiplies with, and never writes.
    """
    if kind not in DECODERS:
        raise InputError(f"numbers of the type {kind} are not read: they are meant for memory, not for files")
    block, decoder = BLOCKS[kind], DECODERS[kind]
    assert packed.dtype == torch.uint8, packed.dtype
    assert packed.ndim == 2, packed.shape
    assert packed.shape[1] == block.bytes, packed.shape
    numbers = _room(len(packed) * block.elements, dtype, packed.device).view(len(packed), block.elements)
    rows = PIECE // block.elements
    for start in range(0, len(packed), rows):
        piece, filled = packed[start : start + rows], numbers[start : start + rows]
        if dtype == torch.float32 and len(piece) % WORD == 0:
            decoder(_words(piece), filled)
        else:
            piece = torch.nn.functional.pad(piece, (0, 0, 0, -len(piece) % WORD))
            made = piece.new_empty((len(piece), block.elements), dtype=torch.float32)
            decoder(_words(piece), made)
            filled.copy_(made[: len(filled)])
    return numbers.view(-1)


def _room(count: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Memory for so many numbers: from numpy, which asks for large pages; small ones cost as much as the decoding."""
    if device.type != "cpu" or count == 0:
        return torch.empty(count, dtype=dtype, device=device)
    return torch.from_numpy(np.empty(count * dtype.itemsize, np.uint8)).view(dtype)


def _words(piece: Tensor) -> Tensor:
    """The same bytes where they can be seen as int64."""
    piece = piece.contiguous()
    return piece.clone() if piece.data_ptr() % 8 or piece.storage_offset() % 8 else piece
