"""Blocks of quants with sixteen uneven values: IQ4_NL, IQ4_XS; their layout stands in decoding/codebooks.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from wftools.weights.quant.decoding.codebooks import UNEVEN
from wftools.weights.quant.decoding.words import looked_up
from wftools.weights.quant.encoding.searching import greatest_scale, in_halves, nearest_of_halves, uneven, whole
from wftools.weights.quant.encoding.words import columns, joined, put, words_of

if TYPE_CHECKING:
    from torch import Tensor


def iq4_nl(blocks: Tensor, packed: Tensor) -> None:
    """32 elements with one scale; quants are found with it before it is rounded."""
    if len(blocks) == 1:  # sums are in order for several columns only
        two = packed.repeat(2, 1)
        iq4_nl(blocks.repeat(2, 1), two)
        packed.copy_(two[:1])
        return
    x, values = columns(blocks, 32), _values()
    scale = uneven(x, values)
    packed.view(torch.float16)[:, 0] = scale
    put(packed[:, 2:], _nibbles(x, scale, values))


def iq4_xs(blocks: Tensor, packed: Tensor) -> None:
    """Eight groups; the scale has six bits, -32 … 31."""
    x, values = columns(blocks, 32), _values()
    scale = uneven(x, values).view(-1, 8)
    d = greatest_scale(scale) / -32  # (blocks, 1)
    packed.view(torch.float16)[:, :1] = d
    scales = whole(scale * _inverse(d)).clamp_(-32, 31)
    put(packed[:, 8:], _nibbles(x, (d * scales).view(-1), values).view(len(packed), -1))
    stored = scales + 32
    packed[:, 4:8] = stored[:, ::2] & 0x0F | (stored[:, 1::2] & 0x0F) << 4
    places = torch.arange(0, 16, 2, dtype=torch.int32)
    packed.view(torch.int16)[:, 1] = ((stored >> 4) << places).sum(1).to(torch.int16)


def _nibbles(x: Tensor, scale: Tensor, values: Tensor) -> Tensor:
    """Words of the numbers of values nearest to x / scale, byte j of element j and j + 16."""
    scaled = (x * _inverse(scale)).nan_to_num_(nan=torch.finfo(torch.float32).max)
    places = looked_up(nearest_of_halves(values).float(), in_halves(scaled))
    return joined(words_of(places).view(-1, 2, 2), 4)


def _inverse(scale: Tensor) -> Tensor:
    return torch.where(scale == 0, 0, 1 / scale)


def _values() -> Tensor:
    return torch.tensor(UNEVEN, dtype=torch.float32)
