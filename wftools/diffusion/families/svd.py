"""Stable Video Diffusion: a batch of latents are the frames of one video."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

import torch

from wftools.diffusion.families._stable_diffusion import checked_context, memory_of, picture
from wftools.diffusion.networks.unet import UNet, sinusoidal_embedding
from wftools.diffusion.sampling.levels import EdmLevels
from wftools.diffusion.sampling.parametrise import Velocity
from wftools.diffusion.vae import image_vae
from wftools.errors import RunError
from wftools.values import NetworkInputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from wftools.context import Context
    from wftools.values import Cond, Parametrisation, Sampling
    from wftools.weights.networks import Part
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]

SIGMAS: Final = (0.002, 700.0)  # the least and the largest
NUMBER_WIDTH: Final = 256  # of the embedding of each number

vae = image_vae


def network(config: UNetConfig) -> UNet:
    """The UNet."""
    return UNet(config)


def parametrisation(_file: TensorFile, _network: Part[UNetConfig]) -> Parametrisation:
    """The velocity, at the levels of Karras et al. 2022."""
    return Velocity(EdmLevels(*SIGMAS))


def inputs(network: UNet, cond: Cond, _latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The picture beside the frames, and in `y` frames a second, how much moves, and the noise of the picture."""
    said = cond.extras.get
    numbers = [said("fps", 6) - 1, said("motion_bucket_id", 127), said("augmentation_level", 0)]
    return video_inputs(network, cond, sampling, embedded(numbers, NUMBER_WIDTH).flatten()[None])


def video_inputs(network: UNet, cond: Cond, sampling: Sampling, y: Tensor) -> NetworkInputs:
    """What every network of videos is given, and `y` (b, pooled_dim)."""
    tensors = {"context": checked_context(network, cond), "concat": picture(cond, sampling), "y": y}
    return NetworkInputs(tensors, {"frames": len(sampling.latent)})


def embedded(numbers: Sequence[float], width: int) -> Tensor:
    """Numbers as cosines and sines: (n, width)."""
    return sinusoidal_embedding(torch.tensor(numbers, dtype=torch.float32), width)


def clip(_texts: Mapping[str, Part[Any]], _context: Context) -> NoReturn:
    """Raise RunError: the family reads no texts."""
    raise RunError("the model has no text encoder")
