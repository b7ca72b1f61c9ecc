"""ESRGAN's network: dense residual blocks in residual blocks, then one convolution for each doubling.

Wang et al. 2018, "ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks"; Wang et al. 2021, "Real-ESRGAN",
whose names the attributes have. The shortcuts within a dense block are those of ESRGAN+ (Rakotonirina and Rasoanaivo
2020).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.ops import Conv2d, Module, Sequential

if TYPE_CHECKING:
    from wftools.weights.networks.upscaler import RrdbConfig

SLOPE: Final = 0.2  # of the activation below zero
RESIDUAL: Final = 0.2  # what a block counts for


def _active(x: Tensor) -> Tensor:
    return F.leaky_relu(x, SLOPE)


class DenseBlock(Module):
    """Five convolutions, each of which sees what came before it."""

    def __init__(self, config: RrdbConfig) -> None:
        super().__init__()
        width, growth = config.channels, config.growth
        self.conv1 = Conv2d(width, growth, 3, padding=1)
        self.conv2 = Conv2d(width + growth, growth, 3, padding=1)
        self.conv3 = Conv2d(width + 2 * growth, growth, 3, padding=1)
        self.conv4 = Conv2d(width + 3 * growth, growth, 3, padding=1)
        self.conv5 = Conv2d(width + 4 * growth, width, 3, padding=1)
        self.conv1x1 = Conv2d(width, growth, 1, bias=False) if config.is_plus else None

    def forward(self, x: Tensor) -> Tensor:
        one = _active(self.conv1(x))
        two = _active(self.conv2(torch.cat([x, one], dim=1)))
        if self.conv1x1 is not None:
            two = two + self.conv1x1(x)
        three = _active(self.conv3(torch.cat([x, one, two], dim=1)))
        four = _active(self.conv4(torch.cat([x, one, two, three], dim=1)))
        if self.conv1x1 is not None:
            four = four + two
        return x + RESIDUAL * self.conv5(torch.cat([x, one, two, three, four], dim=1))


class ResidualBlock(Module):
    """Three dense blocks in a row, added to their input."""

    def __init__(self, config: RrdbConfig) -> None:
        super().__init__()
        self.rdb1 = DenseBlock(config)
        self.rdb2 = DenseBlock(config)
        self.rdb3 = DenseBlock(config)

    def forward(self, x: Tensor) -> Tensor:
        return x + RESIDUAL * self.rdb3(self.rdb2(self.rdb1(x)))


class Rrdb(Module):
    """A picture (B, C, H, W) to one that is `config.scale` times as large."""

    def __init__(self, config: RrdbConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.conv_first = Conv2d(config.in_channels, width, 3, padding=1)
        self.body = Sequential(*(ResidualBlock(config) for _ in range(config.blocks)))
        self.conv_body = Conv2d(width, width, 3, padding=1)
        for index in range(config.doublings):
            self.add_module(f"conv_up{index + 1}", Conv2d(width, width, 3, padding=1))
        self.conv_hr = Conv2d(width, width, 3, padding=1)
        self.conv_last = Conv2d(width, config.out_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        side = self.config.unshuffle
        if side > 1:
            x = F.pad(x, (0, -width % side, 0, -height % side), mode="reflect")
        return self.larger(x)[..., : int(height * self.config.scale), : int(width * self.config.scale)]

    def larger(self, x: Tensor) -> Tensor:
        """The same for a picture of whole cells."""
        side = self.config.unshuffle
        h = self.conv_first(F.pixel_unshuffle(x, side) if side > 1 else x)
        h = h + self.conv_body(self.body(h))
        for up in self._ups():
            h = _active(up(F.interpolate(h, scale_factor=2, mode="nearest")))
        return self.conv_last(_active(self.conv_hr(h)))

    def _ups(self) -> list[nn.Module]:
        return [self.get_submodule(f"conv_up{index + 1}") for index in range(self.config.doublings)]
