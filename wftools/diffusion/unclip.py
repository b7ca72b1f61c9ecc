"""unCLIP: what a picture is about, noised, in place of or beside what a text says (Ramesh et al. 2022)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.networks.unet import sinusoidal_embedding
from wftools.diffusion.sampling.noise import generator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from wftools.values import ClipVisionOutput

LEVELS: Final = 1000
SEED_BEFORE: Final = 10  # the noise is that of the run's seed less this
MERGED_NOISE: Final = 0.05  # of several pictures together
_MAX_BETA: Final = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class ShownPicture:
    """A picture that a conditioning is about."""

    clip_vision_output: ClipVisionOutput
    strength: float
    noise_augmentation: float  # share of all levels


def picture_vector(pictures: Sequence[ShownPicture], width: int, seed: int, merged_noise: float) -> Tensor:
    """What pictures are about, and how noisy that is: (1, width of the embeddings + width), float32.

    Several are added up, and noised once more together. The noise goes on from the last picture's, as in ComfyUI, where
    every picture has the same.
    """
    found, source = [], generator(seed - SEED_BEFORE)
    for picture in pictures:
        for embedding in picture.clip_vision_output.image_embeds:
            source = generator(seed - SEED_BEFORE)
            found.append(_noised(embedding[None], picture.noise_augmentation, width, source) * picture.strength)
    if len(found) == 1:
        return found[0]
    total = torch.stack(found).sum(0)
    return _noised(total[:, :width], merged_noise, width, source)


def _noised(embedding: Tensor, share: float, width: int, source: torch.Generator) -> Tensor:
    """An embedding (1, C) with noise, and the embedding of the level."""
    level = round((LEVELS - 1) * share)
    kept = _alphas_bar()[level]
    noise = torch.randn(embedding.shape, generator=source)
    noised = kept.sqrt().float() * embedding.float() + (1.0 - kept).sqrt().float() * noise
    return torch.cat([noised, sinusoidal_embedding(torch.tensor([level]), width)], dim=1)


@cache
def _alphas_bar() -> Tensor:
    """The cosine schedule of Nichol and Dhariwal 2021, float64."""

    def kept(time: float) -> float:
        return math.cos((time + 0.008) / 1.008 * math.pi / 2) ** 2

    betas = [min(1 - kept((t + 1) / LEVELS) / kept(t / LEVELS), _MAX_BETA) for t in range(LEVELS)]
    return torch.cumprod(1.0 - torch.tensor(betas, dtype=torch.float64), dim=0)
