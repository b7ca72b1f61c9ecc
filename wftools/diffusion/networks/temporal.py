"""What a network of pictures has more of where it makes videos: convolutions along time, and how much they count.

Blattmann et al. 2023, "Stable Video Diffusion". Frames stand behind one another in the batch: (B T, C, H, W).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from wftools.diffusion.ops import Conv3d, GroupNorm, Linear, Module, Sequential
from wftools.errors import RunError
from wftools.weights.networks.declared import norm_groups

if TYPE_CHECKING:
    from collections.abc import Sequence


def along_time(x: Tensor, frames: int) -> Tensor:
    """(B T, C, H, W) -> (B, C, T, H, W). Raises RunError if these are no whole videos."""
    if len(x) % frames:
        raise RunError(f"{len(x)} latents are no videos of {frames} frames")
    return x.reshape(-1, frames, *x.shape[1:]).transpose(1, 2)


def as_frames(x: Tensor) -> Tensor:
    """(B, C, T, H, W) -> (B T, C, H, W)."""
    return x.transpose(1, 2).flatten(0, 1)


class Mixer(Module):
    """The share of what knows one frame only, the rest being of what knows its neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.mix_factor = nn.Parameter(torch.empty(1))

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        share = torch.sigmoid(self.mix_factor.to(spatial))
        return share * spatial + (1 - share) * temporal


class TimeResBlock(Module):
    """Two convolutions along time, added to the input, around the embedding of the frames' time, if it has one."""

    def __init__(self, channels: int, kernel: Sequence[int], group_width: int, embed_dim: int | None = None) -> None:
        super().__init__()
        padding = tuple(length // 2 for length in kernel)
        groups = norm_groups(channels, group_width)
        self.in_layers = Sequential(
            GroupNorm(groups, channels, eps=1e-5),
            nn.SiLU(),
            Conv3d(channels, channels, tuple(kernel), padding=padding),
        )
        if embed_dim is not None:
            self.emb_layers = Sequential(nn.SiLU(), Linear(embed_dim, channels))
        self.out_layers = Sequential(
            GroupNorm(groups, channels, eps=1e-5),
            nn.SiLU(),
            nn.Identity(),  # where training had dropout; keeps the keys' numbering
            Conv3d(channels, channels, tuple(kernel), padding=padding),
        )

    def forward(self, x: Tensor, frames: int, embedding: Tensor | None = None) -> Tensor:
        """Takes x (B T, C, H, W) and the embedding (B T, embed_dim). Returns (B T, C, H, W)."""
        video = along_time(x, frames)
        h = self.in_layers(video)
        if embedding is not None:
            h = h + along_time(self.emb_layers(embedding)[:, :, None, None], frames)
        return as_frames(video + self.out_layers(h))
