"""Blocks of 256 elements: Q2_K, Q3_K, Q4_K, Q5_K, Q6_K.

A block has one or two float16 scales, and each of its groups, 16 or 32 elements, a scale of a few bits, and in Q2_K,
Q4_K and Q5_K a least value of a few bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.weights.quant.decoding.words import each, half

if TYPE_CHECKING:
    from torch import Tensor

LOWER: Final = 0x00000000FFFFFFFF  # four bytes of eight
UPPER: Final = ~LOWER


def q4_k(packed: Tensor, out: Tensor) -> None:
    """d, dmin, 12 bytes of scales, 128 of nibbles.

    Each 32 of them have a group in their low halves, the next in their high ones.
    """
    scales, least = _scales_and_least(packed)  # (blocks, 8)
    words = packed.view(torch.int64)[:, 2:]  # (blocks, 16)
    _put_pairs(words & each(0x0F), words & each(0xF0), (1, 16), scales, out)
    out.view(-1, 8, 32).sub_(least[:, :, None])


def q5_k(packed: Tensor, out: Tensor) -> None:
    """As Q4_K, with the fifth bits before the nibbles: bit g of byte l is that of element l of group g."""
    scales, least = _scales_and_least(packed)
    words = packed.view(torch.int64)
    nibbles, bits = words[:, 6:], words[:, 2:6].contiguous()  # (blocks, 16), (blocks, 4)
    shifted = bits >> torch.arange(0, 8, 2, device=packed.device).view(4, 1, 1)  # (4 pairs of groups, blocks, 4)
    # (blocks, 16): rows of four words are gathered in half the time that a transposed copy takes
    places = torch.arange(4 * len(packed), dtype=torch.int32, device=packed.device).view(4, -1).T.reshape(-1)
    fifths = shifted.view(-1, 4).index_select(0, places).view(-1, 16)
    low = (nibbles & each(0x0F)).bitwise_or_((fifths << 4).bitwise_and_(each(0x10)))
    high = (nibbles >> 4).bitwise_and_(each(0x0F)).bitwise_or_((fifths << 3).bitwise_and_(each(0x10)))
    _put_pairs(low, high, (1, 1), scales, out)
    out.view(-1, 8, 32).sub_(least[:, :, None])


def _put_pairs(low: Tensor, high: Tensor, times: tuple[int, int], scales: Tensor, out: Tensor) -> None:
    """Quants of even groups and of odd ones, a byte each and so many times what they are, times their scales."""
    groups, pairs = out.view(-1, 2, 32), scales.view(-1, 2)
    for side, quants in enumerate((low, high)):
        floats = quants.view(torch.uint8).view(-1, 32).float()
        torch.mul(floats, pairs[:, side, None] / times[side], out=groups[:, side])


def q6_k(packed: Tensor, out: Tensor) -> None:
    """128 bytes of low nibbles, 64 of two high bits, 16 int8 scales, d: see the order in the code."""
    scales = packed[:, 192:208].view(torch.int8).float().mul_(half(packed, 208))  # (blocks, 16)
    low = packed[:, :128].contiguous().view(torch.int64).view(-1, 2, 8)  # (blocks, halves, 64 bytes)
    high = packed[:, 128:192].contiguous().view(torch.int64).view(-1, 2, 1, 4)
    two = (high << torch.tensor([4, 2], device=packed.device)[:, None]).view(-1, 2, 8)  # of the low nibbles' elements
    four = (high >> torch.tensor([0, 2], device=packed.device)[:, None]).view(-1, 2, 8)  # of the high ones'
    quants = low.new_empty((len(packed), 2, 2, 8))
    torch.bitwise_or(low & each(0x0F), two & each(0x30), out=quants[:, :, 0])
    torch.bitwise_or((low >> 4) & each(0x0F), four & each(0x30), out=quants[:, :, 1])
    signed = quants.view(torch.int8).sub_(32)
    out.view(-1, 16, 16).copy_(signed.view(-1, 16, 16)).mul_(scales[:, :, None])


def q2_k(packed: Tensor, out: Tensor) -> None:
    """16 bytes of scales (low) and least values (high), 64 bytes of four quants, d, dmin."""
    scales = (packed[:, :16] & 0x0F).float().mul_(half(packed, 80))  # (blocks, 16)
    least = (packed[:, :16] >> 4).float().mul_(half(packed, 82))
    words = packed[:, 16:80].contiguous().view(torch.int64).view(-1, 2, 1, 4)  # (blocks, halves, 1, 32 bytes)
    shifts = torch.tensor([0, 2, 4, 6], device=packed.device)[:, None]
    quants = (words >> shifts).bitwise_and_(each(0x03)).view(torch.uint8)  # (blocks, halves, 4, 32)
    out.view(-1, 16, 16).copy_(quants.view(-1, 16, 16)).mul_(scales[:, :, None]).sub_(least[:, :, None])


def q3_k(packed: Tensor, out: Tensor) -> None:
    """32 bytes of high bits, 64 of two low ones, 12 of scales, d."""
    scales = _six_bits(packed[:, 96:108]).float().mul_(half(packed, 108))  # (blocks, 16)
    words = packed[:, 32:96].contiguous().view(torch.int64).view(-1, 2, 1, 4)
    bits = packed[:, :32].contiguous().view(torch.int64).view(-1, 1, 1, 4)
    device = packed.device
    quants = (words >> torch.tensor([0, 2, 4, 6], device=device)[:, None]).bitwise_and_(each(0x03))
    highs = (bits >> torch.arange(8, device=device).view(2, 4, 1)).bitwise_and_(each(0x01))
    signed = quants.bitwise_or_(highs << 2).view(torch.int8).sub_(4)
    out.view(-1, 16, 16).copy_(signed.view(-1, 16, 16)).mul_(scales[:, :, None])


def _scales_and_least(packed: Tensor) -> tuple[Tensor, Tensor]:
    """Of each group: d times its scale, dmin times its least value, (blocks, 8) each; Q4_K and Q5_K.

    Of the 12 bytes the first four have six bits of scales, the next four of least values; the last four, low and high
    halves, and the top bits of the others are those of groups 4 to 7.
    """
    words = packed.view(torch.int64)
    first, last = words[:, 0] >> 32, words[:, 1] >> 32  # of what is wanted the lower four bytes
    both = (first & LOWER) | (words[:, 1] << 32)  # the first eight
    nibbles = (last & LOWER & each(0x0F)) | ((last << 28) & UPPER & each(0x0F))
    of_0, of_4 = both & each(0x3F), ((both >> 2) & each(0x30)).bitwise_or_(nibbles)
    scales = (of_0 & LOWER).bitwise_or_(of_4 << 32)
    least = ((of_0 >> 32) & LOWER).bitwise_or_(of_4 & UPPER)
    return (
        scales.view(torch.int8).view(-1, 8).float().mul_(half(packed, 0)),
        least.view(torch.int8).view(-1, 8).float().mul_(half(packed, 2)),
    )


def _six_bits(packed: Tensor) -> Tensor:
    """The scales of Q3_K, int8 (blocks, 16), from -32 on: eight bytes of nibbles, then four of the two high bits."""
    shifts = torch.tensor([0, 2, 4, 6], dtype=torch.uint8, device=packed.device)[:, None]
    low = torch.cat([packed[:, :8] & 0x0F, packed[:, :8] >> 4], dim=1)
    high = ((packed[:, None, 8:] >> shifts) & 0x03).view(-1, 16) << 4
    return (low | high).view(torch.int8) - 32
