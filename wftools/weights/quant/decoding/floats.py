"""Blocks of four-bit floats, e2m1, with eight-bit ones as scales: MXFP4, NVFP4.

OCP Microscaling Formats v1.0. As in ggml the values are doubled, and the scales halved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.weights.quant.decoding.words import looked_up, pairs

if TYPE_CHECKING:
    from torch import Tensor

E2M1: Final = (0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)


def mxfp4(packed: Tensor, out: Tensor) -> None:
    """A scale e8m0; nibbles as in Q4_0."""
    scales = exponents(packed[:, :1])
    for side, values in enumerate(pairs(packed[:, 1:], E2M1)):
        torch.mul(values, scales, out=out.view(-1, 2, 16)[:, side])


def nvfp4(packed: Tensor, out: Tensor) -> None:
    """Four scales e4m3 without sign; for each eight bytes of nibbles, as in Q4_0."""
    table = torch.tensor([_e4m3(byte) for byte in range(256)], dtype=torch.float32, device=packed.device)
    scales = looked_up(table, packed[:, :4]).view(-1, 1)
    for side, values in enumerate(pairs(packed[:, 4:].reshape(-1, 8), E2M1)):
        torch.mul(values, scales, out=out.view(-1, 2, 8)[:, side])


def exponents(packed: Tensor) -> Tensor:
    """Half of 2 ** (e - 127), e a byte; float32."""
    bits = packed.int()
    return torch.where(bits < 2, 0x00200000 << bits, (bits - 1) << 23).view(torch.float32)


def _e4m3(byte: int) -> float:
    """Half of its value, its sign ignored; what is no number is 0."""
    exponent, mantissa = byte >> 3 & 0x0F, byte & 0x07
    if byte == 0x7F:
        return 0.0
    return mantissa * 2.0**-10 if exponent == 0 else (1 + mantissa / 8) * 2.0 ** (exponent - 8)
