"""BOFT: rotations of rows in the pattern of a butterfly, one after another. Liu et al. 2023, "Parameter-Efficient
Orthogonal Finetuning via Butterfly Factorization".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.adapters.delta import fits, with_delta
from wftools.diffusion.adapters.oft import channel_axis, rotations

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.adapters.said import Said
    from wftools.diffusion.ops import Multiplying
    from wftools.weights.tensorfile import Shape


@dataclass(frozen=True, slots=True, eq=False)
class Boft:
    """weight + strength * (rotated - weight), each rotation itself at that strength, as in ComfyUI."""

    blocks: Tensor  # (factors, number of blocks, rows, rows)
    rescale: Tensor | None = None  # of the rows
    alpha: float | None = None
    magnitude: Tensor | None = None

    def fits(self, shape: Shape) -> bool:
        """Whether the blocks are for as many rows, and the pattern ends with them."""
        factors, number, rows, columns = self.blocks.shape
        if rows != columns or rows % 2 or number * rows != shape[0] or number % 2 ** (factors - 1):
            return False
        if self.rescale is not None and self.rescale.numel() != shape[0]:
            return False
        return fits(shape, math.prod(shape), self.magnitude)

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with its rows rotated."""
        scale = 1.0 if self.magnitude is None else self.alpha or 0.0
        return with_delta(weight, self._rotated(weight, strength) - weight, scale, strength, self.magnitude)

    def bypassed(self, layer: Multiplying, x: Tensor, strength: float) -> Tensor:
        """The layer's output with its channels rotated, as far as the strength says."""
        channel = channel_axis(layer)
        return self._rotated(layer.own(x).movedim(channel, 0), strength).movedim(0, channel)

    def _rotated(self, rows: Tensor, strength: float) -> Tensor:
        blocks = self.blocks.to(rows)
        size = blocks.shape[-1]
        turns = rotations(blocks, self.alpha or 0.0)
        if strength != 1.0:
            turns = turns * strength + (1 - strength) * torch.eye(size, device=blocks.device, dtype=blocks.dtype)
        rest = rows.shape[1:]
        for factor, turn in enumerate(turns):
            apart = 2**factor * (size // 2)  # rows that a rotation takes together stand so far apart
            pairs = rows.reshape(-1, 2, apart, *rest).transpose(1, 2)  # (…, apart, 2, …)
            turned = torch.einsum("bij,bj...->bi...", turn, pairs.reshape(-1, size, *rest))
            rows = turned.reshape(-1, apart, 2, *rest).transpose(1, 2).reshape(-1, *rest)
        if self.rescale is None:
            return rows
        return rows * self.rescale.to(rows).reshape(-1, *[1] * len(rest))


def read(said: Said) -> Boft | None:
    """The adapter, if there is one."""
    blocks = said.get(".oft_blocks")
    if blocks is None or blocks.ndim != 4:
        return None
    return Boft(blocks, said.get(".rescale"), said.alpha, said.magnitude)
