"""Blocks of 256 quants of three values, -1, 0, 1, with one scale: TQ1_0, TQ2_0; and of 128 of two, -1, 1: Q1_0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from wftools.weights.quant.decoding.words import each, half, spread

if TYPE_CHECKING:
    from torch import Tensor


def tq1_0(packed: Tensor, out: Tensor) -> None:
    """A byte is a fraction of 256; times 3 for each digit, whole part by whole part. 32, 16, then 4 bytes; d.

    The bytes have five digits, the last four have four; each digit of all of them lies in a row.
    """
    powers = torch.tensor([1, 3, 9, 27, 81], dtype=torch.uint8, device=packed.device)[:, None]
    places = ((0, 32, 5), (32, 48, 5), (48, 52, 4))
    parts = [(packed[:, None, start:stop] * powers[:digits]).flatten(1) for start, stop, digits in places]
    fractions = torch.cat(parts, dim=1).to(torch.int16)
    out.copy_(fractions.mul_(3) >> 8).sub_(1).mul_(half(packed, 52))


def tq2_0(packed: Tensor, out: Tensor) -> None:
    """64 bytes of four quants, d; the quants of 32 bytes lie one after another."""
    words = packed[:, :64].contiguous().view(torch.int64).view(-1, 2, 1, 4)
    places = torch.tensor([0, 2, 4, 6], device=packed.device)[:, None]
    quants = (words >> places).bitwise_and_(each(0x03)).view(torch.int8)
    out.copy_(quants.view(out.shape)).sub_(1).mul_(half(packed, 64))


def q1_0(packed: Tensor, out: Tensor) -> None:
    """d; a bit for each element, the lowest first."""
    out.copy_(spread(packed[:, 2:], 1).view(torch.int8)).sub_(1).mul_(half(packed, 0))
