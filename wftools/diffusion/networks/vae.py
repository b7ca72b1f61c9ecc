"""The autoencoder of Stable Diffusion.

Rombach et al. 2022; the convolutional form is that of Esser et al. 2021. Attribute names are the keys of the original
checkpoints, below `first_stage_model.`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.networks.attention import attention
from wftools.diffusion.networks.temporal import TimeResBlock, along_time, as_frames
from wftools.diffusion.ops import Conv2d, Conv3d, GroupNorm, Module
from wftools.weights.networks.declared import norm_groups

if TYPE_CHECKING:
    from wftools.weights.networks.vae import VaeConfig

TIME_KERNEL = (3, 1, 1)  # of convolutions along time


def _norm(channels: int, group_width: int) -> GroupNorm:
    return GroupNorm(norm_groups(channels, group_width), channels, eps=1e-6)


class ResnetBlock(Module):
    """Two convolutions, added to the input."""

    def __init__(self, in_channels: int, out_channels: int, group_width: int, *, is_temporal: bool = False) -> None:
        super().__init__()
        self.is_temporal = is_temporal
        self.norm1 = _norm(in_channels, group_width)
        self.conv1 = Conv2d(in_channels, out_channels, 3, padding=1)
        self.norm2 = _norm(out_channels, group_width)
        self.conv2 = Conv2d(out_channels, out_channels, 3, padding=1)
        if in_channels != out_channels:
            self.nin_shortcut = Conv2d(in_channels, out_channels, 1)
        if is_temporal:
            self.time_stack = TimeResBlock(out_channels, TIME_KERNEL, group_width)
            self.mix_factor = nn.Parameter(torch.empty(1))  # the share of what knows the neighbours

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        skip = self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x
        h = skip + h
        if not self.is_temporal:
            return h
        share = torch.sigmoid(self.mix_factor.to(h))
        return share * self.time_stack(h, len(h)) + (1 - share) * h


class AttnBlock(Module):
    """Self attention with one head over all cells of a feature map."""

    def __init__(self, channels: int, group_width: int) -> None:
        super().__init__()
        self.norm = _norm(channels, group_width)
        self.q = Conv2d(channels, channels, 1)
        self.k = Conv2d(channels, channels, 1)
        self.v = Conv2d(channels, channels, 1)
        self.proj_out = Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(x)
        q, k, v = (part.flatten(2).transpose(1, 2) for part in (self.q(h), self.k(h), self.v(h)))  # (B, H * W, C)
        mixed = attention(q, k, v, heads=1).transpose(1, 2).reshape(x.shape)  # (B, C, H, W)
        return x + self.proj_out(mixed)


class ConvOverTime(Conv2d):
    """A convolution of every frame, then one along time."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, **options: int) -> None:
        super().__init__(in_channels, out_channels, kernel_size, **options)
        padding = tuple(length // 2 for length in TIME_KERNEL)
        self.time_mix_conv = Conv3d(out_channels, out_channels, TIME_KERNEL, padding=padding)

    def forward(self, x: Tensor) -> Tensor:
        return as_frames(self.time_mix_conv(along_time(super().forward(x), len(x))))


class Middle(Module):
    """The part between the ways down and up."""

    def __init__(self, channels: int, group_width: int, *, is_temporal: bool = False) -> None:
        super().__init__()
        self.block_1 = ResnetBlock(channels, channels, group_width, is_temporal=is_temporal)
        self.attn_1 = AttnBlock(channels, group_width)
        self.block_2 = ResnetBlock(channels, channels, group_width, is_temporal=is_temporal)

    def forward(self, x: Tensor) -> Tensor:
        return self.block_2(self.attn_1(self.block_1(x)))


class Downsample(Module):
    """Half the height and width; the picture is padded on the right and at the bottom only."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(Module):
    """Twice the height and width by nearest neighbours, then a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Level(Module):
    """Residual blocks at one resolution, and the step to the next."""

    def __init__(
        self, in_channels: int, out_channels: int, blocks: int, group_width: int, *, is_temporal: bool = False
    ) -> None:
        super().__init__()
        widths = [in_channels] + [out_channels] * (blocks - 1)
        self.block = nn.ModuleList(
            ResnetBlock(width, out_channels, group_width, is_temporal=is_temporal) for width in widths
        )

    def forward(self, x: Tensor) -> Tensor:
        for block in self.block:
            x = block(x)
        for step in ("downsample", "upsample"):
            if hasattr(self, step):
                x = getattr(self, step)(x)
        return x


class Encoder(Module):
    """Pictures (B, 3, 8 h, 8 w) to mean and log variance of the latent, before the last 1x1 convolution."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        channels = config.channels
        self.conv_in = Conv2d(config.image_channels, channels, 3, padding=1)
        self.down = nn.ModuleList()
        for index, mult in enumerate(config.channel_mult):
            level = Level(channels, mult * config.channels, config.res_blocks, config.group_width)
            channels = mult * config.channels
            if index < len(config.channel_mult) - 1:
                level.downsample = Downsample(channels)
            self.down.append(level)
        self.mid = Middle(channels, config.group_width)
        self.norm_out = _norm(channels, config.group_width)
        self.conv_out = Conv2d(channels, 2 * config.z_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv_in(x)
        for level in self.down:
            h = level(h)
        return self.conv_out(F.silu(self.norm_out(self.mid(h))))


class Decoder(Module):
    """Latents (B, z_channels, h, w) to pictures (B, 3, 8 h, 8 w)."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        channels = config.channel_mult[-1] * config.channels
        self.conv_in = Conv2d(config.z_channels, channels, 3, padding=1)
        self.mid = Middle(channels, config.group_width, is_temporal=config.is_temporal)
        levels: list[nn.Module] = []
        for index in reversed(range(len(config.channel_mult))):
            width = config.channel_mult[index] * config.channels
            level = Level(channels, width, config.res_blocks + 1, config.group_width, is_temporal=config.is_temporal)
            channels = width
            if index > 0:
                level.upsample = Upsample(channels)
            levels.insert(0, level)  # the keys count from the finest level, which is computed last
        self.up = nn.ModuleList(levels)
        self.norm_out = _norm(channels, config.group_width)
        last = ConvOverTime if config.is_temporal else Conv2d
        self.conv_out = last(channels, config.image_channels, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        h = self.mid(self.conv_in(z))
        for level in reversed(self.up):
            h = level(h)
        return self.conv_out(F.silu(self.norm_out(h)))


class AutoencoderKL(Module):
    """Pictures to the mean of a Gaussian over latents, and back."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.quant_conv: nn.Module = nn.Identity()
        self.post_quant_conv: nn.Module = nn.Identity()
        if config.embed_dim is not None:
            self.quant_conv = Conv2d(2 * config.z_channels, 2 * config.embed_dim, 1)
            self.post_quant_conv = Conv2d(config.embed_dim, config.z_channels, 1)

    @property
    def ratio(self) -> int:
        """Pixels a latent cell, along one side."""
        return self.config.ratio

    @property
    def is_temporal(self) -> bool:
        """Whether the pictures of a batch are frames of one video, which are decoded together."""
        return self.config.is_temporal

    @property
    def image_channels(self) -> int:
        """Channels of a picture."""
        return self.config.image_channels

    @property
    def latent_channels(self) -> int:
        """Channels of a latent."""
        return self.config.latent_channels

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures in -1..1 (B, 3, 8 h, 8 w) to mean and log variance, each (B, latent_channels, h, w)."""
        mean, log_variance = self.quant_conv(self.encoder(x)).chunk(2, dim=1)
        return mean, log_variance

    def encode(self, x: Tensor) -> Tensor:
        """Pictures in -1..1 (B, 3, 8 h, 8 w) to the mean (B, latent_channels, h, w)."""
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        """Latents (B, latent_channels, h, w) to pictures of about -1..1."""
        return self.decoder(self.post_quant_conv(z))
