"""Blocks of 256 quants of three values with one scale: TQ1_0, TQ2_0; their layout stands in decoding/ternary.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from wftools.weights.quant.encoding.simple import rounded
from wftools.weights.quant.encoding.words import joined, put

if TYPE_CHECKING:
    from torch import Tensor


def tq1_0(blocks: Tensor, packed: Tensor) -> None:
    """Five digits to the base 3 in a byte, as the fraction of 256 that is rounded up."""
    quants = _quants(blocks, packed, 52).to(torch.int16)
    powers = torch.tensor([81, 27, 9, 3, 1], dtype=torch.int16)[:, None]
    for start, stop, first, digits in ((0, 32, 0, 5), (32, 48, 160, 5), (48, 52, 240, 4)):
        rows = quants[:, first : first + digits * (stop - start)].view(len(blocks), digits, -1)
        numbers = (rows * powers[:digits]).sum(1, dtype=torch.int32)
        packed[:, start:stop] = (numbers * 256 + 242) // 243


def tq2_0(blocks: Tensor, packed: Tensor) -> None:
    """Four quants in a byte, 32 bytes apart."""
    words = _quants(blocks, packed, 64).view(torch.int64)
    put(packed[:, :64], joined(words.view(-1, 2, 4, 4), 2))


def _quants(blocks: Tensor, packed: Tensor, at: int) -> Tensor:
    """The quants and one, uint8 (blocks, 256); the scale, the greatest magnitude, is put where it stands."""
    d = blocks.abs().amax(1, keepdim=True)
    packed.view(torch.float16)[:, at // 2 : at // 2 + 1] = d
    return rounded(blocks, d).add_(1).to(torch.uint8)
