"""Stable Diffusion 2: a UNet that predicts noise or the velocity, and attends to OpenCLIP's states before the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.diffusion.families import sd1
from wftools.diffusion.families._stable_diffusion import memory_of, network
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps, Velocity
from wftools.diffusion.text.clip import TextEncoders, alone
from wftools.diffusion.text.tokenizer import OPENCLIP_PADDING
from wftools.diffusion.text.tower import LAST_BUT_ONE, open_tower
from wftools.diffusion.vae import image_vae

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.context import Context
    from wftools.values import Parametrisation
    from wftools.weights.networks import Part
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile


__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]

# Nothing but the spread of one bias tells the models that predict the velocity; ComfyUI tells them so.
TELLING: Final = "output_blocks.11.1.transformer_blocks.0.norm1.bias"
SPREAD_OF_VELOCITY: Final = 0.09

inputs = sd1.inputs
vae = image_vae


def parametrisation(_file: TensorFile, network: Part[UNetConfig]) -> Parametrisation:
    """The noise or the velocity, as the values of one tensor tell; those that take more than the latent the noise."""
    levels, unet, config = DiscreteLevels(), network.tensors, network.config
    if config.in_channels == config.out_channels and TELLING in unet.tensors:
        spread = unet.tensor(TELLING).float().std(correction=0)
        return Velocity(levels) if spread > SPREAD_OF_VELOCITY else Eps(levels)
    return Eps(levels)


def clip(texts: Mapping[str, Part[Any]], context: Context) -> TextEncoders:
    """OpenCLIP's ViT-H: its states before the last layer, normalised, unless another layer is asked for."""
    tower = open_tower(texts["clip_h"], OPENCLIP_PADDING, context.placement, layer=LAST_BUT_ONE)
    return TextEncoders({"clip_h": tower}, alone, context.folders)
