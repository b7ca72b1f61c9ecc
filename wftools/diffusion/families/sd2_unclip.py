"""Stable Diffusion 2 unCLIP: what a picture is about goes beside the text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.families import sd2
from wftools.diffusion.families.sd2 import clip, memory_of, network, parametrisation, vae
from wftools.diffusion.unclip import MERGED_NOISE, picture_vector
from wftools.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.networks.unet import UNet
    from wftools.values import Cond, NetworkInputs, Sampling

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]


def inputs(network: UNet, cond: Cond, latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The `context`, and in `y` (1, pooled_dim) the pictures and their noise; zeros if there are none.

    Raises RunError for pictures that were encoded for another model.
    """
    found = sd2.inputs(network, cond, latent, sampling)
    width = network.config.pooled_dim or 0
    pictures = cond.extras.get("unclip_conditioning", ())
    half = width // 2
    y = picture_vector(pictures, half, sampling.seed, MERGED_NOISE) if pictures else torch.zeros(1, width)
    if y.shape[1] != width:
        raise RunError(
            f"the picture is encoded in {y.shape[1] - half} numbers, the model needs {width - half}",
            hint="encode it with the CLIP_VISION that belongs to the model",
        )
    return replace(found, tensors={**found.tensors, "y": y})
