"""Blocks of 32 elements with one scale: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0; their layout stands in decoding/simple.py.

Quants are found with the scale before it is rounded to float16.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.weights.quant.decoding.words import each
from wftools.weights.quant.encoding.words import joined, put

if TYPE_CHECKING:
    from torch import Tensor

BELOW_HALF: Final = 0.5 - 2.0**-25  # the greatest float32 below: x + half of it rounds up from exactly half on


def q8_0(blocks: Tensor, packed: Tensor) -> None:
    """The greatest magnitude is 127; half is rounded away from zero."""
    d = blocks.abs().amax(1, keepdim=True) / 127
    packed.view(torch.float16)[:, :1] = d
    packed[:, 2:].view(torch.int8).copy_(rounded(blocks, d))


def q4_0(blocks: Tensor, packed: Tensor) -> None:
    """The value of greatest magnitude is -8, whatever its sign."""
    d = _outermost(blocks) / -8
    quants = (blocks * _inverse(d)).add_(8.5)
    packed.view(torch.float16)[:, :1] = d
    put(packed[:, 2:], joined(_words(quants, d, 15), 4))


def q4_1(blocks: Tensor, packed: Tensor) -> None:
    """The least value is 0, the greatest 15."""
    least, range_ = _range(blocks)
    d = range_ / 15
    quants = (blocks - least).mul_(_inverse(d)).add_(0.5)
    packed.view(torch.float16)[:, :1] = d
    packed.view(torch.float16)[:, 1:2] = least
    put(packed[:, 4:], joined(_words(quants, d, 15), 4))


def q5_0(blocks: Tensor, packed: Tensor) -> None:
    """The value of greatest magnitude is -16, whatever its sign."""
    d = _outermost(blocks) / -16
    quants = (blocks * _inverse(d)).add_(16.5)
    packed.view(torch.float16)[:, :1] = d
    _put_fives(packed[:, 2:], _words(quants, d, 31))


def q5_1(blocks: Tensor, packed: Tensor) -> None:
    """The least value is 0, the greatest 31."""
    least, range_ = _range(blocks)
    d = range_ / 31
    quants = (blocks - least).mul_(_inverse(d)).add_(0.5)
    packed.view(torch.float16)[:, :1] = d
    packed.view(torch.float16)[:, 1:2] = least
    _put_fives(packed[:, 4:], _words(quants, d, 31))


def rounded(blocks: Tensor, d: Tensor) -> Tensor:
    """Numbers over d, int8, half rounded away from zero."""
    quants = blocks * _inverse(d)
    quants += torch.copysign(torch.tensor(BELOW_HALF), quants)
    return _finite(quants, d).to(torch.int8)


def _outermost(blocks: Tensor) -> Tensor:
    """The value of greatest magnitude, the first of several, with its sign, (blocks, 1)."""
    least, greatest = torch.aminmax(blocks, dim=1, keepdim=True)
    outermost = torch.where(greatest > -least, greatest, least)
    unclear = ~(greatest > -least).logical_or_(greatest < -least)  # both are there, or what is no number
    if unclear.any():
        rows = blocks[unclear[:, 0]]
        outermost[unclear] = rows.gather(1, rows.abs().argmax(1, keepdim=True))[:, 0]
    return outermost


def _range(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """The least value, of several zeros the first one's sign, and how far the greatest is from it; (blocks, 1) each."""
    least, greatest = torch.aminmax(blocks, dim=1, keepdim=True)
    range_ = (greatest - least).abs_()  # of zeros with both signs it might be -0
    zeros = least == 0
    if zeros.any():
        rows = blocks[zeros[:, 0]]
        first = (rows == 0).to(torch.uint8).argmax(1, keepdim=True)
        least[zeros] = rows.gather(1, first)[:, 0]
    return least, range_


def _inverse(d: Tensor) -> Tensor:
    return torch.where(d == 0, 0, 1 / d)


def _finite(quants: Tensor, d: Tensor) -> Tensor:
    """The quants, 0 for those that came out as no number: of such numbers, and where 1 / d is too great."""
    bounded = (d.abs() >= 2.0**-126) & (d.abs() < torch.inf)  # then they all are finite
    return quants if (bounded | (d == 0)).all() else quants.nan_to_num_(0, 0, 0)


def _words(quants: Tensor, d: Tensor, most: int) -> Tensor:
    """Quants as bytes, eight a word, (blocks, halves, 2)."""
    return _finite(quants, d).clamp_(max=most).to(torch.uint8).view(torch.int64).view(-1, 2, 2)


def _put_fives(packed: Tensor, words: Tensor) -> None:
    """Fifth bits, lowest first, and nibbles."""
    fifth = (words.view(-1, 4) >> 4) & each(0x01)
    packed[:, :4] = (fifth * 0x0102040810204080) >> 56  # the product has the eight bits in its top byte
    put(packed[:, 4:], joined(words & each(0x0F), 4))
