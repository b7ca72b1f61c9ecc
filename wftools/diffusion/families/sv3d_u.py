"""Stable Video 3D that turns around a thing at one height: it is told the noise of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.networks.unet import UNet
    from wftools.values import Cond, NetworkInputs, Sampling

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]


def inputs(network: UNet, cond: Cond, _latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The picture beside the frames, and in `y` its noise."""
    return video_inputs(network, cond, sampling, embedded([cond.extras.get("augmentation_level", 0)], NUMBER_WIDTH))
