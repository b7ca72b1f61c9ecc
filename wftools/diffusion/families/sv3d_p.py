"""Stable Video 3D along a path: it is told where the camera stands in each frame, in degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.families._stable_diffusion import spread
from wftools.diffusion.families.svd import (
    NUMBER_WIDTH,
    clip,
    embedded,
    memory_of,
    network,
    parametrisation,
    vae,
    video_inputs,
)
from wftools.diffusion.networks.unet import sinusoidal_embedding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from wftools.diffusion.networks.unet import UNet
    from wftools.values import Cond, NetworkInputs, Sampling

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]

ANGLE_WIDTH: Final = 512  # of the embedding of an angle
UP: Final = 90.0  # degrees: angles of height are counted from above


def inputs(network: UNet, cond: Cond, _latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The picture beside the frames, and in `y` its noise, and for each frame how high and where around we are."""
    said, frames = cond.extras.get, len(sampling.latent)
    parts = [
        embedded([said("augmentation_level", 0)], NUMBER_WIDTH),
        _embedded_angles(UP - _angles(said("elevation", 0))),
        _embedded_angles(_angles(said("azimuth", 0))),
    ]
    return video_inputs(network, cond, sampling, torch.cat([spread(part, frames) for part in parts], dim=1))


def _angles(given: float | Sequence[float]) -> Tensor:
    return torch.tensor(given, dtype=torch.float32).flatten()


def _embedded_angles(degrees: Tensor) -> Tensor:
    return sinusoidal_embedding(torch.deg2rad(torch.fmod(degrees, 360.0)), ANGLE_WIDTH)
