"""Blocks of four-bit floats with an eight-bit one as scale: MXFP4; its layout stands in decoding/floats.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from wftools.weights.quant.decoding.floats import E2M1, exponents
from wftools.weights.quant.encoding.words import put

if TYPE_CHECKING:
    from torch import Tensor

MOST: Final = 2 * E2M1[7]


def mxfp4(blocks: Tensor, packed: Tensor) -> None:
    """The scale has the greatest magnitude from 8 on, below 16, of doubled values up to 12. Half way goes to zero."""
    greatest = blocks.abs().amax(1, keepdim=True)
    with np.errstate(divide="ignore"):  # gguf-py's logarithm too: beside powers of two it decides the exponent
        exponent = torch.from_numpy(np.floor(np.log2(greatest.numpy()))) + 125
    packed[:, :1] = exponent.masked_fill_(greatest == 0, 0).int() & 0xFF
    scaled = blocks / exponents(packed[:, :1])
    halves = scaled.abs().mul_(2).ceil_().clamp_(max=MOST).int()  # between those that are half way, which are whole
    quants = _numbers()[halves]
    signs = (scaled < 0).to(torch.uint8).mul_(8)
    words = torch.where(quants > 0, quants | signs, 0).view(torch.int64)
    put(packed[:, 1:], words[:, :2] | words[:, 2:] << 4)


def _numbers() -> Tensor:
    """For each number of halves, rounded up, the first of E2M1 that is nearest."""
    values = torch.tensor(E2M1[:8])
    return torch.bucketize(torch.arange(MOST + 1), values[1:] + values[:-1]).to(torch.uint8)
