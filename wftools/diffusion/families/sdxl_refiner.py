"""The refiner of Stable Diffusion XL: the larger text encoder alone, and how a picture is liked. Podell et al. 2023."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.diffusion.families._stable_diffusion import memory_of, network, unet_inputs
from wftools.diffusion.families.sdxl import parametrisation, size_of_original, tower, with_numbers
from wftools.diffusion.text.clip import TextEncoders, alone
from wftools.diffusion.text.tokenizer import OPENCLIP_PADDING
from wftools.diffusion.vae import image_vae
from wftools.weights.families.sdxl_refiner import LATENT_FORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from wftools.context import Context
    from wftools.diffusion.networks.unet import UNet
    from wftools.values import Cond, NetworkInputs, Sampling
    from wftools.weights.networks import Part

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]

# What a picture is taken to be liked, from 1 to 10, where a cond says nothing: of the negative side, and of others.
DISLIKED: Final = 2.5
LIKED: Final = 6.0

vae = image_vae


def inputs(network: UNet, cond: Cond, _latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The `context`, and in `y` the pooled text, height, width, crop at the top and at the left, and the score."""
    score = DISLIKED if cond.extras.get("prompt_type") == "negative" else LIKED
    said = cond.extras.get
    numbers = [
        *size_of_original(cond, sampling),
        said("crop_h", 0),
        said("crop_w", 0),
        said("aesthetic_score", score),
    ]
    return with_numbers(unet_inputs(network, cond, sampling, LATENT_FORM), network, cond, numbers, sampling.seed)


def clip(texts: Mapping[str, Part[Any]], context: Context) -> TextEncoders:
    """OpenCLIP's ViT-bigG: the states before its last layer, not normalised."""
    return TextEncoders({"clip_g": tower(texts["clip_g"], OPENCLIP_PADDING, context)}, alone, context.folders)
