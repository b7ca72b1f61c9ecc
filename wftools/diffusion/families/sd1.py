"""Stable Diffusion 1: a UNet that predicts noise and attends to CLIP's last states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps
from wftools.diffusion.text.clip import TextEncoders, alone
from wftools.diffusion.text.tokenizer import END
from wftools.diffusion.text.tower import Tower
from wftools.diffusion.vae import image_vae
from wftools.errors import RunError
from wftools.values import Cond, NetworkInputs
from wftools.weights.families.sd1 import LATENT_FORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from wftools.context import Context, Placement
    from wftools.folders import Folders
    from wftools.values import Parametrisation, Sampling
    from wftools.weights.networks import Part
    from wftools.weights.networks.clip_text import ClipTextConfig
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

EPS: Final = Eps(DiscreteLevels())

vae = image_vae


def network(config: UNetConfig) -> UNet:
    """The UNet. Raises RunError for those that take more than the latent: inpainting and instruction models."""
    if config.in_channels != LATENT_FORM.channels:
        raise RunError("UNets that take more than the latent are not implemented in wftools yet")
    return UNet(config)


def parametrisation(_file: TensorFile) -> Parametrisation:
    """The same for all files of the family."""
    return EPS


def memory_of(network: UNet, x: Tensor) -> int:
    """The UNet's."""
    return network.memory_of(x)


def inputs(network: UNet, cond: Cond, _latent: Tensor, _sampling: Sampling) -> NetworkInputs:
    """The `context` (b, T, context_dim). Raises RunError for another width."""
    given, needed = cond.tensor.shape[-1], network.config.context_dim
    if given != needed:
        raise RunError(
            f"the conditioning is {given} wide, the model needs {needed}",
            hint="encode the prompt with the text encoder that belongs to the model",
        )
    return NetworkInputs({"context": cond.tensor})


def clip(texts: Mapping[str, Part[ClipTextConfig]], context: Context) -> TextEncoders:
    """CLIP's ViT-L: its last states, normalised, unless another layer is asked for."""
    return text_encoders(load_network(ClipText, texts["clip_l"], context.placement), context.placement, context.folders)


def text_encoders(clip_l: ClipText, placement: Placement, folders: Folders) -> TextEncoders:
    """The family's text encoder, its network being there already."""
    return TextEncoders({"clip_l": Tower(clip_l, END, placement)}, alone, folders)
