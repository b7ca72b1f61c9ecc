"""Blocks of 256 elements: Q2_K, Q3_K, Q4_K, Q5_K, Q6_K; their layout stands in decoding/k.py.

Each group of a block gets a scale of its own, with which the quants are searched. The scales are rounded to few bits,
and for these the quants are found anew; where such a scale is 0, the searched quants stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from wftools.weights.quant.decoding.words import each, half
from wftools.weights.quant.encoding.searching import (
    TINY,
    WHOLE,
    affine,
    greatest_scale,
    nearest,
    over,
    root,
    summed,
    symmetric,
    symmetric_by_moves,
    whole,
)
from wftools.weights.quant.encoding.words import columns, joined, put, words_of

if TYPE_CHECKING:
    from torch import Tensor


def q4_k(blocks: Tensor, packed: Tensor) -> None:
    """Eight groups, quants 0 … 15; scale and least value have six bits."""
    quants = _of_eight_groups(blocks, packed, 15, -1.0, 20)
    put(packed[:, 16:], joined(quants.view(-1, 4, 2, 4), 4))


def q5_k(blocks: Tensor, packed: Tensor) -> None:
    """Eight groups, quants 0 … 31; scale and least value have six bits."""
    quants = _of_eight_groups(blocks, packed, 31, -0.5, 15)
    put(packed[:, 16:48], joined((quants >> 4) & each(0x01), 1))
    put(packed[:, 48:], joined((quants & each(0x0F)).view(-1, 4, 2, 4), 4))


def _of_eight_groups(blocks: Tensor, packed: Tensor, most: int, first: float, steps: int) -> Tensor:
    """All but the quants, which are returned, (blocks, 8 groups, 4 words)."""
    x = columns(blocks, 32)
    weights = x.abs().add_(root(summed(x * x) / 32))
    scale, least, quants = affine(x, weights, most, first, steps)
    scales, d = _in_bits(scale.view(-1, 8), 63)
    leasts, dmin = _in_bits(-least.view(-1, 8), 63)
    scales, leasts = scales.clamp_(max=63), leasts.clamp_(max=63)
    _put_halves(packed, 0, d, dmin)
    packed[:, 4:8] = scales[:, :4] | scales[:, 4:] >> 4 << 6
    packed[:, 8:12] = leasts[:, :4] | leasts[:, 4:] >> 4 << 6
    packed[:, 12:16] = scales[:, 4:] & 0x0F | (leasts[:, 4:] & 0x0F) << 4
    quants = _found_anew(x, quants, half(packed, 0) * scales, half(packed, 2) * leasts, lowest=0, most=most)
    return words_of(quants).view(-1, 8, 4)


def q2_k(blocks: Tensor, packed: Tensor) -> None:
    """Sixteen groups, quants 0 … 3; scale and least value have four bits."""
    x = columns(blocks, 16)
    scale, least, quants = affine(x, x.abs(), 3, -0.5, 15, absolute=True)
    scales, d = _in_bits(scale.view(-1, 16), 15)
    leasts, dmin = _in_bits(-least.view(-1, 16), 15)
    _put_halves(packed, 80, d, dmin)
    packed[:, :16] = scales | (leasts << 4 & 0xF0)
    scales, leasts = packed[:, :16] & 0x0F, packed[:, :16] >> 4
    quants = _found_anew(x, quants, half(packed, 80) * scales, half(packed, 82) * leasts, lowest=0, most=3)
    put(packed[:, 16:80], joined(words_of(quants).view(-1, 2, 4, 4), 2))


def q3_k(blocks: Tensor, packed: Tensor) -> None:
    """Sixteen groups, quants -4 … 3; the scale has six bits, -32 … 31."""
    x = columns(blocks, 16)
    scale, quants = symmetric_by_moves(x, 4)
    scale = scale.view(-1, 16)
    outermost = greatest_scale(scale)
    inverse = over(-32, outermost)
    scales = whole(scale * inverse).clamp_(-32, 31).masked_fill_(outermost == 0, -32)
    _put_halves(packed, 108, over(1, inverse)[:, 0].masked_fill_(outermost[:, 0] == 0, 0))
    stored = scales + 32
    packed[:, 96:104] = stored[:, :8] & 0x0F | (stored[:, 8:] & 0x0F) << 4
    high = (stored >> 4).view(-1, 4, 4)
    packed[:, 104:108] = high[:, 0] | high[:, 1] << 2 | high[:, 2] << 4 | high[:, 3] << 6
    words = words_of(_found_anew(x, quants, half(packed, 108) * scales, None, lowest=-4, most=3).add_(4))
    put(packed[:, :32], joined((words >> 2 & each(0x01)).view(-1, 8, 4), 1))
    put(packed[:, 32:96], joined((words & each(0x03)).view(-1, 2, 4, 4), 2))


def q6_k(blocks: Tensor, packed: Tensor) -> None:
    """Sixteen groups, quants -32 … 31; the scale has eight bits, -128 … 127."""
    x = columns(blocks, 16)
    scale, quants = symmetric(x, 32)
    scale = scale.view(-1, 16)
    outermost = greatest_scale(scale)
    inverse = over(-128, outermost)
    scales = whole(scale * inverse).clamp_(max=127)
    _put_halves(packed, 208, over(1, inverse)[:, 0])
    packed[:, 192:208].view(torch.int8).copy_(scales)
    quants = _found_anew(x, quants, half(packed, 208) * scales, None, lowest=-32, most=31)
    words = words_of(quants.add_(32)).view(-1, 2, 2, 2, 4)  # (blocks, halves, high or low nibbles, 32 bytes of two)
    put(packed[:, :128], joined((words & each(0x0F)).transpose(2, 3), 4))
    put(packed[:, 128:192], joined((words >> 4 & each(0x03)).view(-1, 2, 4, 4), 2))
    packed[outermost[:, 0].abs() < TINY] = 0


def _in_bits(values: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Values >= 0 of the groups of each block, (blocks, groups), as whole numbers up to `most`, and what 1 means."""
    greatest = values.clamp(min=0).amax(1).abs_()
    factor = over(most, greatest).masked_fill_(greatest == 0, 0)
    return whole(values * factor[:, None]) & 0xFF, greatest / most


def _found_anew(x: Tensor, quants: Tensor, scale: Tensor, least: Tensor | None, *, lowest: int, most: int) -> Tensor:
    """The quants for the scales of the groups as they are stored; those given where such a scale is 0."""
    scale = scale.view(-1)
    zero = scale == 0
    again = (x if least is None else x + least.view(-1)) / scale.masked_fill(zero, 1)
    nearest(again, lowest, most, is_safe=bool(again.abs().amax() <= WHOLE))
    if zero.any():
        again[:, zero] = quants[:, zero]
    return again


def _put_halves(packed: Tensor, at: int, *numbers: Tensor) -> None:
    """Numbers of the blocks as float16 from a byte on."""
    for place, values in enumerate(numbers, at // 2):
        packed.view(torch.float16)[:, place] = values
