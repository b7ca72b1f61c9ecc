"""Si et al. 2023, "FreeU: Free Lunch in Diffusion U-Net"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.frequencies import scaled_frequencies
from wftools.diffusion.patches import At, Patches

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model

Pair = tuple[float, float]  # of the level with four times the channels of the first one, and of that with twice as many


def free_u(model: Model, backbone: Pair, skip: Pair) -> Model:
    """Half the channels from below times `backbone`, and the lowest frequencies beside them times `skip`."""
    return model.with_patches(Patches(output=(_FreeU(backbone, skip, is_adaptive=False),)))


def free_u_v2(model: Model, backbone: Pair, skip: Pair) -> Model:
    """The same, but the features get the more of `backbone` the stronger they are, on the mean over channels."""
    return model.with_patches(Patches(output=(_FreeU(backbone, skip, is_adaptive=True),)))


@dataclass(frozen=True, slots=True)
class _FreeU:
    backbone: Pair
    skip: Pair
    is_adaptive: bool

    def __call__(self, h: Tensor, skip: Tensor, at: At) -> tuple[Tensor, Tensor]:
        levels = {4 * at.channels: 0, 2 * at.channels: 1}
        if h.shape[1] not in levels:
            return h, skip
        level = levels[h.shape[1]]
        factor = (self.backbone[level] - 1) * _strength(h) + 1 if self.is_adaptive else self.backbone[level]
        half = h.shape[1] // 2
        h = torch.cat([h[:, :half] * factor, h[:, half:]], dim=1)
        scales = torch.ones(skip.shape[-2:], device=skip.device)
        row, column = (side // 2 for side in skip.shape[-2:])
        # An axis of one cell is left as it is: there is no cell before its middle.
        scales[slice(row - 1, row + 1), slice(column - 1, column + 1)] = self.skip[level]
        return h, scaled_frequencies(skip, scales)


def _strength(h: Tensor) -> Tensor:
    """The mean over channels, brought to 0..1 in each item: (B, C, H, W) -> (B, 1, H, W)."""
    mean = h.mean(1, keepdim=True)
    low, high = mean.amin((1, 2, 3), keepdim=True), mean.amax((1, 2, 3), keepdim=True)
    return (mean - low) / (high - low)
