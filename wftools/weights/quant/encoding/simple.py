"""Blocks of 32 elements with one scale: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0; their layout stands in decoding/simple.py.

Quants are found with the scale before it is rounded to float16. What there is of each element is brought to int8 or
int16 at once: torch makes uint8 of floats, and finds both extremes together, several times as slowly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from wftools.weights.quant.decoding.words import each
from wftools.weights.quant.encoding.extremes import outermost
from wftools.weights.quant.encoding.words import put

if TYPE_CHECKING:
    from torch import Tensor


def q8_0(blocks: Tensor, packed: Tensor) -> None:
    """The greatest magnitude is 127; half is rounded away from zero."""
    d = blocks.abs().amax(1, keepdim=True) / 127
    packed.view(torch.float16)[:, :1] = d
    packed[:, 2:].view(torch.int8).copy_(rounded(blocks, d))


def q4_0(blocks: Tensor, packed: Tensor) -> None:
    """The value of greatest magnitude is -8, whatever its sign."""
    d = outermost(blocks, 1) / -8
    packed.view(torch.float16)[:, :1] = d
    _put_nibbles(packed[:, 2:], _quants(blocks, d, 8.5, 15))


def q4_1(blocks: Tensor, packed: Tensor) -> None:
    """The least value is 0, the greatest 15."""
    least, range_ = _range(blocks)
    d = range_ / 15
    packed.view(torch.float16)[:, :1] = d
    packed.view(torch.float16)[:, 1:2] = least
    _put_nibbles(packed[:, 4:], _quants(blocks - least, d, 0.5, 15))


def q5_0(blocks: Tensor, packed: Tensor) -> None:
    """The value of greatest magnitude is -16, whatever its sign."""
    d = outermost(blocks, 1) / -16
    packed.view(torch.float16)[:, :1] = d
    _put_fives(packed[:, 2:], _quants(blocks, d, 16.5, 31))


def q5_1(blocks: Tensor, packed: Tensor) -> None:
    """The least value is 0, the greatest 31."""
    least, range_ = _range(blocks)
    d = range_ / 31
    packed.view(torch.float16)[:, :1] = d
    packed.view(torch.float16)[:, 1:2] = least
    _put_fives(packed[:, 4:], _quants(blocks - least, d, 0.5, 31))


def rounded(blocks: Tensor, d: Tensor) -> Tensor:
    """Numbers over d, int16, half rounded away from zero; their magnitudes are 127 at most."""
    doubled = _over(blocks, d, times=2).to(torch.int16)  # what is behind the point is cut off
    signs = doubled >> 15  # -1 or 0
    return doubled.add_(1).add_(signs).bitwise_right_shift_(1)


def _range(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """The least value, of several zeros the first one's sign, and how far the greatest is from it; (blocks, 1) each."""
    greatest, least = blocks.amax(1, keepdim=True), blocks.amin(1, keepdim=True)
    range_ = (greatest - least).abs_()  # of zeros with both signs it might be -0
    if not least.abs().amin() > 0:
        zeros = least == 0
        rows = blocks[zeros[:, 0]]
        first = (rows == 0).to(torch.uint8).argmax(1, keepdim=True)
        least[zeros] = rows.gather(1, first)[:, 0]
    return least, range_


def _over(numbers: Tensor, d: Tensor, offset: float = 0, times: int = 1) -> Tensor:
    """Some times, a power of two, numbers times 1 / d, plus an offset; 0 where that is no number, the offset over 0."""
    magnitude = d.abs()
    if magnitude.amin() >= 2.0**-120 and magnitude.amax() < torch.inf:
        scaled = numbers * (times / d)
        return scaled.add_(offset) if offset else scaled
    scaled = numbers * torch.where(d == 0, 0, 1 / d)
    return scaled.add_(offset).nan_to_num_(0, 0, 0).mul_(times)


def _quants(numbers: Tensor, d: Tensor, offset: float, most: int) -> Tensor:
    """The whole parts of numbers / d + offset, none above `most`: a byte each, eight a word, (blocks, 4)."""
    return _over(numbers, d, offset).to(torch.int8).clamp_(max=most).view(torch.int64)


def _put_nibbles(packed: Tensor, words: Tensor) -> None:
    put(packed, words[:, :2] | (words << 4)[:, 2:])


def _put_fives(packed: Tensor, words: Tensor) -> None:
    """Fifth bits, lowest first, and nibbles."""
    fifth = (words >> 4).bitwise_and_(each(0x01)).mul_(0x0102040810204080)  # which has the eight bits in its top byte
    packed[:, :4] = fifth.view(torch.uint8)[:, 7::8]
    _put_nibbles(packed[:, 4:], words & each(0x0F))
