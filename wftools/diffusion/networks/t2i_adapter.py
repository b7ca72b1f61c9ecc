"""T2I-Adapters: what a picture adds to the features of a UNet, the same at every step.

Mou et al. 2023, "T2I-Adapter: Learning Adapters to Dig out More Controllable Ability for Text-to-Image Diffusion
Models". Attribute names are the keys of the original files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.ops import Conv2d, Module, Sequential
from wftools.weights.networks.t2i_adapter import BLOCKS_OF_LEVEL

if TYPE_CHECKING:
    from wftools.weights.networks.t2i_adapter import LightAdapterConfig, T2iAdapterConfig


class Halve(Module):
    """Half the height and width, rounded up: by a convolution, or the means of four cells, of zeros at odd edges."""

    def __init__(self, channels: int, *, is_strided: bool) -> None:
        super().__init__()
        self.op = Conv2d(channels, channels, 3, stride=2, padding=1) if is_strided else None

    def forward(self, x: Tensor) -> Tensor:
        if self.op is not None:
            return self.op(x)
        return F.avg_pool2d(x, 2, padding=(x.shape[2] % 2, x.shape[3] % 2))


class ResBlock(Module):
    """Two convolutions, added to the input; before that maybe another size and width."""

    def __init__(self, in_channels: int, channels: int, config: T2iAdapterConfig, *, is_halved: bool) -> None:
        super().__init__()
        padding = config.kernel // 2
        self.down_opt = Halve(in_channels, is_strided=config.has_strided) if is_halved else nn.Identity()
        is_other = in_channels != channels
        self.in_conv = Conv2d(in_channels, channels, config.kernel, padding=padding) if is_other else nn.Identity()
        self.block1 = Conv2d(channels, channels, 3, padding=1)
        self.block2 = Conv2d(channels, channels, config.kernel, padding=padding)

    def forward(self, x: Tensor) -> Tensor:
        x = self.in_conv(self.down_opt(x))
        return x + self.block2(F.relu(self.block1(x)))


class T2iAdapter(Module):
    """A picture (B, C, H, W) to features of each level."""

    def __init__(self, config: T2iAdapterConfig) -> None:
        super().__init__()
        self.config = config
        self.conv_in = Conv2d(config.in_channels, config.channels[0], 3, padding=1)
        self.body = nn.ModuleList()
        before = config.channels[0]
        for level, channels in enumerate(config.channels):
            for index in range(BLOCKS_OF_LEVEL):
                is_halved = index == 0 and level in config.halved
                self.body.append(ResBlock(before, channels, config, is_halved=is_halved))
                before = channels

    def features(self, picture: Tensor) -> list[Tensor]:
        """Of each level: (B, channels[level], …). The picture's sides are multiples of `unshuffle`."""
        h = self.conv_in(F.pixel_unshuffle(picture, self.config.unshuffle))
        found = []
        for index, block in enumerate(self.body):
            h = block(h)
            if index % BLOCKS_OF_LEVEL == BLOCKS_OF_LEVEL - 1:
                found.append(h)
        return found


class LightBlock(Module):
    """Two convolutions, added to the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.block1 = Conv2d(channels, channels, 3, padding=1)
        self.block2 = Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block2(F.relu(self.block1(x)))


class LightLevel(Module):
    """Some blocks of less width."""

    def __init__(self, in_channels: int, inner: int, channels: int, blocks: int) -> None:
        super().__init__()
        self.in_conv = Conv2d(in_channels, inner, 1)
        self.body = Sequential(*(LightBlock(inner) for _ in range(blocks)))
        self.out_conv = Conv2d(inner, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out_conv(self.body(self.in_conv(x)))


class LightAdapter(Module):
    """A picture (B, C, H, W) to features of each level, in few steps."""

    def __init__(self, config: LightAdapterConfig) -> None:
        super().__init__()
        self.config = config
        self.halve = Halve(config.in_channels, is_strided=False)
        before = (config.in_channels, *config.channels)
        self.body = nn.ModuleList(
            LightLevel(in_channels, inner, channels, config.blocks)
            for in_channels, inner, channels in zip(before, config.inner, config.channels, strict=False)
        )

    def features(self, picture: Tensor) -> list[Tensor]:
        """Of each level: (B, channels[level], …). The picture's sides are multiples of `unshuffle`."""
        h = F.pixel_unshuffle(picture, self.config.unshuffle)
        found = []
        for index, level in enumerate(self.body):
            h = level(self.halve(h) if index else h)
            found.append(h)
        return found
