"""Real-ESRGAN's compact network: convolutions at the picture's size, whose last gives the pixels of a larger one.

Wang et al. 2021, "Real-ESRGAN"; pixels are put in place as in Shi et al. 2016. Attribute names are the checkpoint's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.ops import Conv2d, Layer, Module, Sequential

if TYPE_CHECKING:
    from wftools.weights.networks.upscaler import CompactConfig


class PRelu(Layer, nn.PReLU):
    """An activation whose slope below zero is learnt, for each channel."""

    def forward(self, x: Tensor) -> Tensor:
        slope, _ = self.weights(x)
        return F.prelu(x, slope)


class Compact(Module):
    """A picture (B, C, H, W) to one that is `config.upscale` times as large: what is added to the nearest pixels."""

    def __init__(self, config: CompactConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        before = config.in_channels
        for _ in range(config.layers + 1):
            layers += [Conv2d(before, config.channels, 3, padding=1), PRelu(config.channels)]
            before = config.channels
        self.body = Sequential(*layers, Conv2d(before, config.out_channels * config.upscale**2, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        detail = F.pixel_shuffle(self.body(x), self.config.upscale)
        return detail + F.interpolate(x, scale_factor=self.config.upscale, mode="nearest")
