"""The UNet of Stable Diffusion 1, 2 and XL.

Rombach et al. 2022, "High-Resolution Image Synthesis with Latent Diffusion Models"; Podell et al. 2023, "SDXL". The
residual blocks are those of Dhariwal and Nichol 2021, the transformers have GEGLU layers (Shazeer 2020). Attribute
names are the keys of the original checkpoints, below `model.diffusion_model.`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.networks.attention import attention
from wftools.diffusion.networks.temporal import Mixer, TimeResBlock
from wftools.diffusion.ops import Conv2d, Embedding, GroupNorm, LayerNorm, Linear, Module, Sequential
from wftools.diffusion.patches import NO_PATCHES, Control, Given, Patches, controlled, patched
from wftools.weights.networks.declared import norm_groups

if TYPE_CHECKING:
    from wftools.diffusion.patches import At, Which
    from wftools.weights.networks.unet import UNetConfig

MAX_PERIOD = 10000  # of the sinusoidal embeddings
FEED_FORWARD_MULT = 4
TIME_KERNEL = (3, 1, 1)  # of convolutions along time
# Numbers for each channel of the first block. SD1.5 at 64 x 64 was seen to take 290 MiB for one call and 580 for three.
MEMORY_OF_A_CELL = 40


def sinusoidal_embedding(values: Tensor, width: int) -> Tensor:
    """Cosines, then sines, of a value at geometrically spaced frequencies: (B,) -> (B, width), float32."""
    half = width // 2
    frequencies = torch.exp(-math.log(MAX_PERIOD) * torch.arange(half, dtype=torch.float32) / half)
    angles = values.float()[:, None] * frequencies.to(values.device)
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


class ResBlock(Module):
    """Two convolutions around the time embedding, added to the input."""

    def __init__(
        self, in_channels: int, out_channels: int, embed_dim: int, group_width: int, *, is_temporal: bool = False
    ) -> None:
        super().__init__()
        self.is_temporal = is_temporal
        self.in_layers = Sequential(
            GroupNorm(norm_groups(in_channels, group_width), in_channels, eps=1e-5),
            nn.SiLU(),
            Conv2d(in_channels, out_channels, 3, padding=1),
        )
        self.emb_layers = Sequential(nn.SiLU(), Linear(embed_dim, out_channels))
        self.out_layers = Sequential(
            GroupNorm(norm_groups(out_channels, group_width), out_channels, eps=1e-5),
            nn.SiLU(),
            nn.Identity(),  # where training had dropout; keeps the keys' numbering
            Conv2d(out_channels, out_channels, 3, padding=1),
        )
        same = in_channels == out_channels
        self.skip_connection = nn.Identity() if same else Conv2d(in_channels, out_channels, 1)
        if is_temporal:
            self.time_stack = TimeResBlock(out_channels, TIME_KERNEL, group_width, embed_dim)
            self.time_mixer = Mixer()

    def forward(self, x: Tensor, embedding: Tensor, frames: int = 1) -> Tensor:
        h = self.in_layers(x) + self.emb_layers(embedding)[:, :, None, None]
        h = self.skip_connection(x) + self.out_layers(h)
        return self.time_mixer(h, self.time_stack(h, frames, embedding)) if self.is_temporal else h


class CrossAttention(Module):
    """Attention of x to a context, or to itself."""

    def __init__(self, width: int, context_dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = Linear(width, width, bias=False)
        self.to_k = Linear(context_dim, width, bias=False)
        self.to_v = Linear(context_dim, width, bias=False)
        self.to_out = Sequential(Linear(width, width), nn.Identity())

    def forward(self, x: Tensor, context: Tensor, which: Which, patches: Patches, at: At) -> Tensor:
        given, then = patches.given(which, Given(x, context, context), at)
        q, k, v = self.to_q(given.q), self.to_k(given.k), self.to_v(given.v)
        attend = patches.attend(which, at)
        h = self.to_out(attention(q, k, v, self.heads) if attend is None else attend(q, k, v, self.heads, at))
        for change in then:
            h = change(h)
        return h


class GeGlu(Module):
    """A linear layer whose output is gated by GELU of its second half."""

    def __init__(self, width: int, out_width: int) -> None:
        super().__init__()
        self.proj = Linear(width, 2 * out_width)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(Module):
    """Two layers on every token by itself."""

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = FEED_FORWARD_MULT * width
        self.net = Sequential(GeGlu(width, inner), nn.Identity(), Linear(inner, width))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class TransformerBlock(Module):
    """Self attention, attention to the prompt, feed forward; each added to its input.

    With `context_only` both attentions are to the prompt; with `feeds_first` another feed forward comes before them.
    """

    def __init__(
        self, width: int, context_dim: int, heads: int, *, context_only: bool = False, feeds_first: bool = False
    ) -> None:
        super().__init__()
        self.context_only = context_only
        self.feeds_first = feeds_first
        if feeds_first:
            self.norm_in = LayerNorm(width)
            self.ff_in = FeedForward(width)
        # In the order of the original: adapters that are trained draw their first numbers in it.
        self.attn1 = CrossAttention(width, context_dim if context_only else width, heads)
        self.ff = FeedForward(width)
        self.attn2 = CrossAttention(width, context_dim, heads)
        self.norm1 = LayerNorm(width)
        self.norm2 = LayerNorm(width)
        self.norm3 = LayerNorm(width)

    def forward(self, x: Tensor, context: Tensor, patches: Patches, at: At) -> Tensor:
        if self.feeds_first:
            x = x + self.ff_in(self.norm_in(x))
        h = self.norm1(x)
        x = x + self.attn1(h, context if self.context_only else h, "self", patches, at)
        for patch in patches.between:
            x = patch(x, at)
        x = x + self.attn2(self.norm2(x), context, "cross", patches, at)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(Module):
    """Transformer blocks over the cells of a feature map."""

    number = 0  # among those of the network, in the order of its way

    def __init__(self, channels: int, depth: int, config: UNetConfig, *, context_only: bool = False) -> None:
        super().__init__()
        self.linear = config.linear_projection
        self.norm = GroupNorm(norm_groups(channels, config.group_width), channels, eps=1e-6)
        self.proj_in = Linear(channels, channels) if self.linear else Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(channels, config.context_dim, config.heads(channels), context_only=context_only)
            for _ in range(depth)
        )
        self.proj_out = Linear(channels, channels) if self.linear else Conv2d(channels, channels, 1)
        self.channels = channels
        self.is_temporal = config.is_temporal
        if config.is_temporal:
            self.time_stack = nn.ModuleList(
                TransformerBlock(channels, config.context_dim, config.heads(channels), feeds_first=True)
                for _ in range(depth)
            )
            self.time_pos_embed = Sequential(Linear(channels, 4 * channels), nn.SiLU(), Linear(4 * channels, channels))
            self.time_mixer = Mixer()

    def forward(self, x: Tensor, context: Tensor, patches: Patches, at: At, frames: int = 1) -> Tensor:
        height, width = x.shape[-2:]
        h = self.norm(x)
        h = self.proj_in(_to_tokens(h)) if self.linear else _to_tokens(self.proj_in(h))
        for index, block in enumerate(self.transformer_blocks):
            here = replace(at, transformer=index, spatial=self.number)
            h = block(h, context, patches, here)
            if self.is_temporal:
                h = self.time_mixer(h, self._across_frames(h, context, index, here, frames))
        if self.linear:
            return x + _to_map(self.proj_out(h), height, width)
        return x + self.proj_out(_to_map(h, height, width))

    def _across_frames(self, h: Tensor, context: Tensor, index: int, at: At, frames: int) -> Tensor:
        """Each cell's tokens (B T, cells, C) along time, with the context of the first frame. No patch reaches here."""
        cells = h.shape[1]
        places = sinusoidal_embedding(torch.arange(frames, device=h.device), self.channels).to(h.dtype)
        placed = h.reshape(-1, frames, *h.shape[1:]) + self.time_pos_embed(places)[:, None]  # (B, T, cells, C)
        tokens = placed.transpose(1, 2).flatten(0, 1)  # (B cells, T, C)
        of_first = context[::frames].repeat_interleave(cells, dim=0)
        mixed: Tensor = self.time_stack[index](tokens, of_first, NO_PATCHES, at)
        return mixed.reshape(-1, cells, frames, self.channels).transpose(1, 2).flatten(0, 1)  # (B T, cells, C)


def _to_tokens(x: Tensor) -> Tensor:
    return x.flatten(2).transpose(1, 2)  # (B, C, H, W) -> (B, H * W, C)


def _to_map(x: Tensor, height: int, width: int) -> Tensor:
    return x.transpose(1, 2).reshape(*x.shape[::2], height, width)  # (B, H * W, C) -> (B, C, H, W)


class Downsample(Module):
    """Half the height and width, rounded up."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)


class Upsample(Module):
    """Nearest neighbours to a given size, then a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor, size: torch.Size) -> Tensor:
        return self.conv(F.interpolate(x, size=size, mode="nearest"))


class Layers(nn.ModuleList):
    """Layers in a row, each of which is given what it takes."""

    def forward(
        self,
        x: Tensor,
        embedding: Tensor,
        context: Tensor,
        patches: Patches,
        at: At,
        *,
        size: torch.Size | None = None,
        frames: int = 1,
    ) -> Tensor:
        """`size`: height and width that an Upsample goes to; `frames`: how many of the batch are one video."""
        for layer in self:
            if isinstance(layer, ResBlock):
                x = layer(x, embedding, frames)
            elif isinstance(layer, SpatialTransformer):
                x = layer(x, context, patches, at, frames)
            elif isinstance(layer, Upsample):
                x = layer(x, size)
            else:
                x = layer(x)
        return x


def _two_layers(in_width: int, width: int) -> Sequential:
    return Sequential(Linear(in_width, width), nn.SiLU(), Linear(width, width))


class UNetEncoder(Module):
    """The way down of a UNet, and its middle: what a control network has of it, too."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_dim = 4 * config.model_channels
        self.time_embed = _two_layers(config.model_channels, self.embed_dim)
        if config.pooled_dim is not None:
            self.label_emb: Module = Sequential(_two_layers(config.pooled_dim, self.embed_dim))
        elif config.classes is not None:
            self.label_emb = Embedding(config.classes, self.embed_dim)
        self.widths = self._build_input()  # of each input block's output
        self.middle_block = self._middle(self.widths[-1])

    def embedded(self, timesteps: Tensor, y: Tensor | None, dtype: torch.dtype) -> Tensor:
        """What every residual block is told: the time (B,), and y, a vector (B, pooled_dim) or a class (B,).

        Returns (B, embed_dim).
        """
        embedding = self.time_embed(sinusoidal_embedding(timesteps, self.config.model_channels).to(dtype))
        return embedding if y is None else embedding + self.label_emb(y).to(dtype)

    def _block(self, in_channels: int, out_channels: int, depth: int, level: int | None = None) -> list[nn.Module]:
        """A residual block, and a transformer where the level has one; the middle is no level."""
        block = self._residual(in_channels, out_channels)
        if not depth:
            return [block]
        context_only = level is not None and self.config.is_context_only(level)
        return [block, SpatialTransformer(out_channels, depth, self.config, context_only=context_only)]

    def _residual(self, in_channels: int, out_channels: int) -> ResBlock:
        config = self.config
        return ResBlock(in_channels, out_channels, self.embed_dim, config.group_width, is_temporal=config.is_temporal)

    def _build_input(self) -> list[int]:
        """The way down; returns the width of each block's output, which the way up takes again."""
        config = self.config
        channels = config.model_channels
        self.input_blocks = nn.ModuleList([Layers([Conv2d(config.in_channels, channels, 3, padding=1)])])
        widths = [channels]
        for level, (mult, depth) in enumerate(zip(config.channel_mult, config.transformer_depth, strict=True)):
            if level > 0:
                self.input_blocks.append(Layers([Downsample(channels)]))
                widths.append(channels)
            for _ in range(config.res_blocks):
                width = mult * config.model_channels
                self.input_blocks.append(Layers(self._block(channels, width, depth, level)))
                widths.append(width)
                channels = width
        return widths

    def _middle(self, channels: int) -> Layers:
        """Nothing, a residual block, or two of them around a transformer."""
        config = self.config
        if config.middle_depth is None:
            return Layers()
        layers = self._block(channels, channels, config.middle_depth)
        if config.middle_depth:
            layers.append(self._residual(channels, channels))
        return Layers(layers)


class UNet(UNetEncoder):
    """Predicts what the parametrisation says (the noise, for SD1) from a noisy latent, its time and the prompt."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__(config)
        self._build_output(self.widths)
        channels = config.model_channels * config.channel_mult[0]
        self.out = Sequential(
            GroupNorm(norm_groups(channels, config.group_width), channels, eps=1e-5),
            nn.SiLU(),
            Conv2d(channels, config.out_channels, 3, padding=1),
        )
        spatial = (layer for layer in self.modules() if isinstance(layer, SpatialTransformer))
        for number, transformer in enumerate(spatial):
            transformer.number = number

    def _build_output(self, widths: list[int]) -> None:
        """The way up: every block also takes the output of an input block, the last one first."""
        config = self.config
        channels = widths[-1]
        skips, depths = iter(reversed(widths)), iter(config.depths_up)
        self.output_blocks = nn.ModuleList()
        for level in reversed(range(len(config.channel_mult))):
            width = config.channel_mult[level] * config.model_channels
            for index in range(config.res_blocks + 1):
                layers = self._block(channels + next(skips), width, next(depths), level)
                channels = width
                if level > 0 and index == config.res_blocks:
                    layers.append(Upsample(channels))
                self.output_blocks.append(Layers(layers))

    def memory_of(self, x: Tensor) -> int:
        """How many bytes a call for x needs beside the weights, about."""
        return MEMORY_OF_A_CELL * self.config.model_channels * x[:, 0].numel() * x.itemsize

    def forward(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor,
        y: Tensor | None = None,
        concat: Tensor | None = None,
        *,
        frames: int = 1,
        patches: Patches = NO_PATCHES,
    ) -> Tensor:
        """Takes x (B, c, h, w), timesteps (B,), context (B, T, context_dim), y (B, pooled_dim) or classes (B,).

        `concat` (B, in_channels - c, h, w) is put behind x; a network of videos is told how many `frames` each has,
        which stand behind one another in the batch. Returns (B, out_channels, h, w).
        """
        embedding = self.embedded(timesteps, y, x.dtype)
        control = patches.control or Control()
        channels = self.config.model_channels
        skips = []
        h = x if concat is None else torch.cat([x, concat], dim=1)
        for index, block in enumerate(self.input_blocks):
            at = patches.at("input", index, channels)
            h = controlled(block(h, embedding, context, patches, at, frames=frames), control.input, index)
            h = patched(h, patches.input, at)
            skips.append(h)
            h = patched(h, patches.input_after_skip, at)
        at = patches.at("middle", 0, channels)
        h = controlled(self.middle_block(h, embedding, context, patches, at, frames=frames), (control.middle,), 0)
        h = patched(h, patches.middle, at)
        for index, block in enumerate(self.output_blocks):
            at = patches.at("output", index, channels)
            skip = controlled(skips.pop(), control.skips, len(skips))
            for patch in patches.output:
                h, skip = patch(h, skip, at)
            size = skips[-1].shape[-2:] if skips else None
            h = block(torch.cat([h, skip], dim=1), embedding, context, patches, at, size=size, frames=frames)
        return self.out(h)
