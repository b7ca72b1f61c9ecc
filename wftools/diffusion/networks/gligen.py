"""GLIGEN: layers between the attentions of a UNet, which tell it where in the picture things are.

Li et al. 2023, "GLIGEN: Open-Set Grounded Text-to-Image Generation". Boxes are embedded as in Mildenhall et al. 2020,
"NeRF". Attribute names are those of the original files, whose layers stand here in the order of the UNet's way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from wftools.diffusion.networks.unet import CrossAttention, FeedForward
from wftools.diffusion.ops import LayerNorm, Linear, Module, Sequential
from wftools.diffusion.patches import NO_PATCHES
from wftools.weights.networks.gligen import COORDINATES

if TYPE_CHECKING:
    from wftools.diffusion.patches import At
    from wftools.weights.networks.gligen import GligenConfig

TEMPERATURE: Final = 100  # the frequencies are its powers from 0 to below 1


class Fuser(Module):
    """Attention of tokens to themselves and to boxes, and a feed-forward part; gated, and added to the input."""

    def __init__(self, width: int, config: GligenConfig) -> None:
        super().__init__()
        self.linear = Linear(config.token_width, width)
        self.attn = CrossAttention(width, width, config.heads(width))
        self.ff = FeedForward(width)
        self.norm1 = LayerNorm(width)
        self.norm2 = LayerNorm(width)
        self.alpha_attn = nn.Parameter(torch.zeros(()))
        self.alpha_dense = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, boxes: Tensor, at: At) -> Tensor:
        """Takes x (B, T, width) and boxes (B, N, token_width). Returns (B, T, width)."""
        both = self.norm1(torch.cat([x, self.linear(boxes)], dim=1))
        told = self.attn(both, both, "self", NO_PATCHES, at)[:, : x.shape[1]]
        x = x + torch.tanh(self.alpha_attn.to(x)) * told
        return x + torch.tanh(self.alpha_dense.to(x)) * self.ff(self.norm2(x))


class PositionNet(Module):
    """A token of each box and its text, or of nothing."""

    def __init__(self, config: GligenConfig) -> None:
        super().__init__()
        self.frequencies = config.frequencies
        width = 2 * COORDINATES * config.frequencies  # of an embedded box
        self.linears = Sequential(
            Linear(config.text_width + width, config.hidden),
            nn.SiLU(),
            Linear(config.hidden, config.hidden),
            nn.SiLU(),
            Linear(config.hidden, config.token_width),
        )
        self.null_positive_feature = nn.Parameter(torch.zeros(config.text_width))
        self.null_position_feature = nn.Parameter(torch.zeros(width))

    def forward(self, boxes: Tensor, texts: Tensor, slots: int) -> Tensor:
        """Takes boxes (N, 4) in shares of the picture, texts (N, text_width). Returns (1, slots, token_width)."""
        powers = torch.arange(self.frequencies) / self.frequencies
        angles = boxes[:, None] * (TEMPERATURE**powers)[:, None].to(boxes)  # (N, frequencies, 4)
        embedded = torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)  # (N, frequencies * 2 * 4)
        nothing = torch.cat([self.null_positive_feature, self.null_position_feature]).to(texts)
        given = torch.cat([texts, embedded.to(texts)], dim=1)
        return self.linears(torch.cat([given, nothing.expand(slots - len(given), -1)])[None])


class Gligen(Module):
    """All of it: what makes tokens of boxes, and the layers of the UNet that see them."""

    def __init__(self, config: GligenConfig) -> None:
        super().__init__()
        self.config = config
        self.position_net = PositionNet(config)
        self.fusers = nn.ModuleList(Fuser(width, config) for width in config.widths)
