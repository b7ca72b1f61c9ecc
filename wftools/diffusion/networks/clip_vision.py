"""CLIP's encoder of pictures.

Radford et al. 2021; the transformer over patches is that of Dosovitskiy et al. 2020. Attribute names are the keys of
transformers' layout, its spelling of `pre_layrnorm` included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from wftools.diffusion.networks.clip_text import Encoder
from wftools.diffusion.ops import Conv2d, Embedding, LayerNorm, Linear, Module

if TYPE_CHECKING:
    from wftools.weights.networks.clip_vision import ClipVisionConfig


class Embeddings(Module):
    """A vector for each patch of a picture, and one for the whole, each with its place."""

    def __init__(self, config: ClipVisionConfig) -> None:
        super().__init__()
        self.class_embedding = nn.Parameter(torch.empty(config.width))
        self.patch_embedding = Conv2d(3, config.width, config.patch, stride=config.patch, bias=False)
        self.position_embedding = Embedding(config.positions, config.width)

    def forward(self, pixels: Tensor) -> Tensor:
        patches = self.patch_embedding(pixels).flatten(2).transpose(1, 2)  # (B, patches, width)
        whole = self.class_embedding.to(patches).expand(len(patches), 1, -1)
        vectors = torch.cat([whole, patches], dim=1)
        return vectors + self.position_embedding(torch.arange(vectors.shape[1], device=pixels.device), pixels.dtype)


class VisionTransformer(Module):
    """Pictures to the hidden states of their patches."""

    def __init__(self, config: ClipVisionConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(config)
        self.pre_layrnorm = LayerNorm(config.width)
        self.encoder = Encoder(config, config.layers)
        self.post_layernorm = LayerNorm(config.width)


class ClipVision(Module):
    """Pictures to hidden states, and to the vector that texts have too."""

    def __init__(self, config: ClipVisionConfig) -> None:
        super().__init__()
        self.config = config
        self.vision_model = VisionTransformer(config)
        self.visual_projection = Linear(config.width, config.projection_width, bias=False)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Normalised pictures (B, 3, side, side) to the last states and those before (B, positions, width), and to
        the projected state of the whole (B, projection_width).
        """
        vision = self.vision_model
        penultimate, last = vision.encoder(vision.pre_layrnorm(vision.embeddings(pixels)), -2)
        return last, penultimate, self.visual_projection(vision.post_layernorm(last[:, 0]))
