"""TAESD, a small autoencoder for the latents of Stable Diffusion (Bohan 2023). Attribute names are its files' keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.ops import Conv2d, Module, Sequential

if TYPE_CHECKING:
    from wftools.weights.networks.taesd import TaesdConfig

BOUND: Final = 3.0  # latents are kept within it, softly
IN_LEVEL: Final = 3  # blocks


class Block(Module):
    """Three convolutions, added to the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        conv = [Conv2d(width, width, 3, padding=1) for _ in range(3)]
        self.conv = Sequential(conv[0], nn.ReLU(), conv[1], nn.ReLU(), conv[2])

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.conv(x))


class Bound(Module):
    """Softly within -3 and 3."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x / BOUND) * BOUND


class TaesdEncoder(Sequential):
    """Pictures in 0..1 (B, 3, 8 h, 8 w) to latents (B, c, h, w) at the network's scale."""

    def __init__(self, config: TaesdConfig) -> None:
        width = config.width
        layers: list[nn.Module] = [Conv2d(config.image_channels, width, 3, padding=1), Block(width)]
        for _ in range(3):
            layers.append(Conv2d(width, width, 3, padding=1, stride=2, bias=False))
            layers += [Block(width) for _ in range(IN_LEVEL)]
        super().__init__(*layers, Conv2d(width, config.latent_channels, 3, padding=1))
        self.config = config


class TaesdDecoder(Sequential):
    """Latents (B, c, h, w) at the network's scale to pictures of about 0..1 (B, 3, 8 h, 8 w)."""

    def __init__(self, config: TaesdConfig) -> None:
        width = config.width
        layers: list[nn.Module] = [Bound(), Conv2d(config.latent_channels, width, 3, padding=1), nn.ReLU()]
        for _ in range(3):
            layers += [Block(width) for _ in range(IN_LEVEL)]
            layers += [nn.Upsample(scale_factor=2), Conv2d(width, width, 3, padding=1, bias=False)]
        super().__init__(*layers, Block(width), Conv2d(width, config.image_channels, 3, padding=1))
        self.config = config
