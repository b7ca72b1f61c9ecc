"""PhotoMaker: a person in a picture, fused with a word of a prompt.

Li et al. 2023, "PhotoMaker: Customizing Realistic Human Photos via Stacked ID Embedding". Attribute names are the keys
of the original file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812

from wftools.diffusion.networks.clip_vision import ClipVision
from wftools.diffusion.ops import LayerNorm, Linear, Module

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.weights.networks.photomaker import PhotoMakerConfig


class Mlp(Module):
    """A norm and two layers."""

    def __init__(self, in_width: int, width: int) -> None:
        super().__init__()
        self.layernorm = LayerNorm(in_width)
        self.fc1 = Linear(in_width, width)
        self.fc2 = Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(self.layernorm(x))))


class FuseModule(Module):
    """A word's state and a person's, both (1, width), to another state of the word."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp1 = Mlp(2 * width, width)
        self.mlp2 = Mlp(width, width)
        self.layer_norm = LayerNorm(width)

    def forward(self, word: Tensor, person: Tensor) -> Tensor:
        h = self.mlp1(torch.cat([word, person], dim=-1)) + word
        return self.layer_norm(h + self.mlp2(h))


class PhotoMaker(ClipVision):
    """A vision encoder whose pooled state is projected as wide as each of two texts, and the fusion."""

    def __init__(self, config: PhotoMakerConfig) -> None:
        super().__init__(config.vision)
        self.text_width = config.text_width
        self.visual_projection_2 = Linear(config.vision.width, config.second_width, bias=False)
        self.fuse_module = FuseModule(config.text_width)

    def fused(self, word: Tensor, pixels: Tensor) -> Tensor:
        """A word's state (1, text_width) with the person in a normalised picture (1, 3, side, side)."""
        vision = self.vision_model
        _, last = vision.encoder(vision.pre_layrnorm(vision.embeddings(pixels)))
        pooled = vision.post_layernorm(last[:, 0])
        person = torch.cat([self.visual_projection(pooled), self.visual_projection_2(pooled)], dim=-1)
        return self.fuse_module(word, person)
