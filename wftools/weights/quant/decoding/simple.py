"""Blocks of 32 elements with one scale: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0.

A block starts with its scale d, float16, and where zero is not in the middle, its least value m, float16. Then come the
fifth bits, one for each element, then the nibbles: byte j has element j in its low half and
element j + 16 in its high one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from wftools.weights.quant.decoding.words import each, half, spread

if TYPE_CHECKING:
    from torch import Tensor


def q8_0(packed: Tensor, out: Tensor) -> None:
    """The numbers are q d; q is an int8."""
    out.copy_(packed[:, 2:].view(torch.int8)).mul_(half(packed, 0))


def q4_0(packed: Tensor, out: Tensor) -> None:
    """The numbers are (q - 8) d."""
    words = packed.view(-1).view(torch.int64) ^ each(0x88)  # the sign of q - 8 in each nibble
    scale, halves = half(packed, 0).div_(16), out.view(-1, 2, 16)
    for side, shifted in ((0, words << 4), (1, words)):
        quants = shifted.bitwise_and_(each(0xF0)).view(torch.int8).view_as(packed)  # 16 (q - 8)
        torch.mul(quants.float()[:, 2:], scale, out=halves[:, side])


def q4_1(packed: Tensor, out: Tensor) -> None:
    """The numbers are q d + m."""
    words = packed.view(-1).view(torch.int64)
    scale, halves = half(packed, 0).div_(16), out.view(-1, 2, 16)
    for side, quants in ((0, (words << 4).bitwise_and_(each(0xF0))), (1, words & each(0xF0))):  # 16 q
        floats = quants.view(torch.uint8).view_as(packed).float()
        torch.mul(floats[:, 4:], scale, out=halves[:, side])
    out.add_(half(packed, 2))


def q5_0(packed: Tensor, out: Tensor) -> None:
    """The numbers are (q - 16) d."""
    quants = _fives(packed[:, 2:]).bitwise_xor_(each(0x80))
    out.copy_(quants.view(torch.int8)).mul_(half(packed, 0) / 8)


def q5_1(packed: Tensor, out: Tensor) -> None:
    """The numbers are q d + m."""
    out.copy_(_fives(packed[:, 4:]).view(torch.uint8)).mul_(half(packed, 0) / 8).add_(half(packed, 2))


def _fives(bits: Tensor) -> Tensor:
    """8 q of each element as a byte, (blocks, 4) int64, from fifth bits and nibbles, (blocks, 20)."""
    fives = spread(bits[:, :4], 7)
    nibbles = bits[:, 4:].contiguous().view(torch.int64)
    fives[:, :2] |= (nibbles << 3).bitwise_and_(each(0x78))
    fives[:, 2:] |= (nibbles >> 1).bitwise_and_(each(0x78))
    return fives
