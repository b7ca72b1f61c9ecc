"""Stable Diffusion 2: a UNet that predicts noise or the velocity, and attends to OpenCLIP's states before the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.diffusion.families import sd1
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps, Velocity
from wftools.diffusion.text.clip import TextEncoders, alone
from wftools.diffusion.text.tokenizer import OPENCLIP_PADDING
from wftools.diffusion.text.tower import LAST_BUT_ONE, Tower
from wftools.diffusion.vae import image_vae

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.context import Context
    from wftools.values import Parametrisation
    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile


# Nothing but the spread of one bias tells the models that predict the velocity; ComfyUI tells them so.
TELLING: Final = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias"
SPREAD_OF_VELOCITY: Final = 0.09

network = sd1.network
memory_of = sd1.memory_of
inputs = sd1.inputs
vae = image_vae


def parametrisation(file: TensorFile) -> Parametrisation:
    """The noise or the velocity, as the values of one tensor tell."""
    levels = DiscreteLevels()
    if TELLING in file.tensors and file.read(TELLING).float().std(correction=0) > SPREAD_OF_VELOCITY:
        return Velocity(levels)
    return Eps(levels)


def clip(texts: Mapping[str, Part[Any]], context: Context) -> TextEncoders:
    """OpenCLIP's ViT-H: its states before the last layer, normalised, unless another layer is asked for."""
    tower = Tower(
        load_network(ClipText, texts["clip_h"], context.placement),
        OPENCLIP_PADDING,
        context.placement,
        layer=LAST_BUT_ONE,
    )
    return TextEncoders({"clip_h": tower}, alone, context.folders)
