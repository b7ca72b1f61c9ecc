"""The upscaler of Stable Diffusion 2: it sees the small picture beside the latent, and how much noise that has."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.families._stable_diffusion import checked_context, memory_of, of_size, spread
from wftools.diffusion.families.sd2 import clip, vae
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.noise import generator
from wftools.diffusion.sampling.parametrise import Velocity
from wftools.diffusion.unclip import SEED_BEFORE
from wftools.values import NetworkInputs

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Cond, Parametrisation, Sampling
    from wftools.weights.networks import Part
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]

BETAS: Final = (0.0001, 0.02)  # the first and the last, of the model and of the small picture's noise
PICTURE_CHANNELS: Final = 3
MAX_LEVEL: Final = 350  # of the small picture's noise


def network(config: UNetConfig) -> UNet:
    """The UNet."""
    return UNet(config)


def parametrisation(_file: TensorFile, _network: Part[UNetConfig]) -> Parametrisation:
    """The velocity."""
    return Velocity(DiscreteLevels(beta_start=BETAS[0], beta_end=BETAS[1]))


def inputs(network: UNet, cond: Cond, _latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The `context`, the small picture in -1..1 in `concat`, and its level of noise in `y`."""
    share: float = cond.extras.get("noise_augmentation", 0.0)
    picture: Tensor | None = cond.extras.get("concat_image")
    latent = sampling.latent
    if picture is None:
        picture = torch.zeros_like(latent[:, :PICTURE_CHANNELS])
    picture = of_size(picture, latent)
    level = round(MAX_LEVEL * share)
    if share > 0:
        kept = _alphas_bar()[level]
        noise = torch.randn(picture.shape, generator=generator(sampling.seed - SEED_BEFORE))
        picture = kept.sqrt().float() * picture + (1.0 - kept).sqrt().float() * noise.to(picture)
    context = checked_context(network, cond)
    return NetworkInputs({"context": context, "concat": spread(picture, len(latent)), "y": torch.tensor([level])})


@cache
def _alphas_bar() -> Tensor:
    """What is left of a picture at each level, float64."""
    first, last = (beta**0.5 for beta in BETAS)
    return torch.cumprod(1.0 - torch.linspace(first, last, 1000, dtype=torch.float64) ** 2, dim=0)
