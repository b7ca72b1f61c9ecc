"""OFT: blocks of a weight's rows are rotated. Qiu et al. 2023, "Controlling Text-to-Image Diffusion by Orthogonal
Finetuning".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.adapters.delta import fits, with_delta

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.adapters.said import Said
    from wftools.diffusion.ops import Multiplying
    from wftools.weights.tensorfile import Shape


def rotations(blocks: Tensor, limit: float) -> Tensor:
    """Cayley's transform of matrices (…, n, n): orthogonal ones, the unit matrix for zeros.

    `limit`: the greatest norm of the skew-symmetric parts of all of them together; 0 for none.
    """
    skew = blocks - blocks.transpose(-1, -2)
    unit = torch.eye(blocks.shape[-1], device=blocks.device, dtype=blocks.dtype)
    bounded = skew
    if limit > 0:
        norm = skew.norm() + 1e-8
        bounded = torch.where(norm > limit, skew * limit / norm, skew)
    return (unit + bounded) @ (unit - bounded).inverse()


@dataclass(frozen=True, slots=True, eq=False)
class Oft:
    """weight + strength**2 * (rotated - weight): ComfyUI counts the strength twice."""

    blocks: Tensor  # (number of blocks, rows, rows)
    alpha: float | None = None
    magnitude: Tensor | None = None

    def fits(self, shape: Shape) -> bool:
        """Whether the blocks are for as many rows."""
        number, rows, columns = self.blocks.shape
        return rows == columns and number * rows == shape[0] and fits(shape, math.prod(shape), self.magnitude)

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with its rows rotated."""
        blocks = self.blocks.to(weight)
        alpha = self.alpha or 0.0
        unit = torch.eye(blocks.shape[-1], device=blocks.device, dtype=blocks.dtype)
        turns = strength * rotations(blocks, alpha) - strength * unit
        in_blocks = weight.reshape(*blocks.shape[:2], *weight.shape[1:])
        delta = torch.einsum("knm,kn...->km...", turns, in_blocks).flatten(0, 1)
        return with_delta(weight, delta, 1.0 if self.magnitude is None else alpha, strength, self.magnitude)

    def bypassed(self, layer: Multiplying, x: Tensor, strength: float) -> Tensor:
        """The layer's output with its channels rotated, as far as the strength says."""
        blocks = self.blocks.to(x)
        unit = torch.eye(blocks.shape[-1], device=blocks.device, dtype=blocks.dtype)
        turns = strength * rotations(blocks, self.alpha or 0.0) + (1 - strength) * unit
        channel = channel_axis(layer)
        channels = layer.own(x).movedim(channel, 0)
        turned = torch.einsum("knm,kn...->km...", turns, channels.reshape(*blocks.shape[:2], *channels.shape[1:]))
        return turned.flatten(0, 1).movedim(0, channel)


def channel_axis(layer: Multiplying) -> int:
    """Which axis of the layer's output the rows of its weight are for."""
    return -1 if len(layer.weight_shape) == 2 else 1


def read(said: Said) -> Oft | None:
    """The adapter, if there is one; the scale of rows that it may have is not read, as in ComfyUI."""
    blocks = said.get(".oft_blocks")
    if blocks is None or blocks.ndim != 3:
        return None
    said.get(".rescale")
    return Oft(blocks, said.alpha, said.magnitude)
