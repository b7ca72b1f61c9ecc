"""CLIP's encoder of pictures: a vision transformer.

Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision"; Dosovitskiy et al. 2020.
Attribute names are those of transformers, below `vision_model.`, misspelt as they are; the projection stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.networks.clip_text import Encoder
from wftools.diffusion.ops import Conv2d, Embedding, LayerNorm, Linear, Module

if TYPE_CHECKING:
    from wftools.weights.networks.clip_vision import ClipVisionConfig

MEAN: Final = (0.48145466, 0.4578275, 0.40821073)  # of red, green and blue in the pictures that CLIP was trained with
DEVIATION: Final = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a vision encoder makes of pictures."""

    last: Tensor  # (B, 1 + patches, width): the states of the whole and of each patch
    last_but_one: Tensor  # the same of the layer before
    pooled: Tensor  # (B, width): the state of the whole, normalised


class Embeddings(Module):
    """Patches as vectors, behind one for the whole; the table of positions."""

    def __init__(self, config: ClipVisionConfig) -> None:
        super().__init__()
        self.class_embedding = nn.Parameter(torch.zeros(config.width))
        self.patch_embedding = Conv2d(config.channels, config.width, config.patch, stride=config.patch, bias=False)
        self.position_embedding = Embedding(config.positions, config.width)

    def forward(self, pixels: Tensor) -> Tensor:
        patches = self.patch_embedding(pixels).flatten(2).transpose(1, 2)  # (B, width, h, w) -> (B, h * w, width)
        whole = self.class_embedding.to(patches).expand(len(patches), 1, -1)
        tokens = torch.cat([whole, patches], dim=1)
        return tokens + self.position_embedding(torch.arange(tokens.shape[1], device=tokens.device), tokens.dtype)


class ClipVision(Module):
    """Pictures to hidden states."""

    def __init__(self, config: ClipVisionConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.pre_layrnorm = LayerNorm(config.width)
        self.encoder = Encoder(config, is_causal=False)
        self.post_layernorm = LayerNorm(config.width)
        width = config.projection_width
        self.visual_projection = None if width is None else Linear(config.width, width, bias=False)

    def seen(self, pixels: Tensor) -> Seen:
        """Of pictures (B, channels, image_size, image_size) as `preprocessed` gives them."""
        h = before = self.pre_layrnorm(self.embeddings(pixels))
        for layer in self.encoder.layers:
            before, h = h, layer(h)
        return Seen(h, before, self.post_layernorm(h[:, 0]))


def preprocessed(image: Tensor, size: int, *, is_cropped: bool = True) -> Tensor:
    """Pictures (B, H, W, C) in 0..1 as CLIP sees them: (B, 3, size, size), in whole 255ths, normalised.

    The shorter side is brought to the size, and the middle cut out; or both sides are, if nothing is to be cropped.
    """
    pixels = image[..., :3].movedim(-1, 1)
    sides = pixels.shape[-2:]
    if tuple(sides) != (size, size):
        scale = size / min(sides)
        height, width = (round(scale * side) if is_cropped else size for side in sides)
        pixels = F.interpolate(pixels, size=(height, width), mode="bicubic", antialias=True)
        top, left = (height - size) // 2, (width - size) // 2
        pixels = pixels[..., top : top + size, left : left + size]
    pixels = (255.0 * pixels).clamp(0, 255).round() / 255.0
    mean, deviation = (pixels.new_tensor(each).reshape(3, 1, 1) for each in (MEAN, DEVIATION))
    return (pixels - mean) / deviation
