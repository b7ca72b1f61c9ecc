"""Stable Diffusion 1: a UNet that predicts noise and attends to CLIP's last states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.diffusion.families._stable_diffusion import memory_of, network, unet_inputs
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps
from wftools.diffusion.text.clip import TextEncoders, alone
from wftools.diffusion.text.tokenizer import END
from wftools.diffusion.text.tower import Tower, open_tower
from wftools.diffusion.vae import image_vae
from wftools.weights.families.sd1 import LATENT_FORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from wftools.context import Context, Placement
    from wftools.diffusion.networks.clip_text import ClipText
    from wftools.diffusion.networks.unet import UNet
    from wftools.folders import Folders
    from wftools.values import Cond, NetworkInputs, Parametrisation, Sampling
    from wftools.weights.networks import Part
    from wftools.weights.networks.clip_text import ClipTextConfig
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]

EPS: Final = Eps(DiscreteLevels())

vae = image_vae


def parametrisation(_file: TensorFile, _network: Part[UNetConfig]) -> Parametrisation:
    """The same for all files of the family."""
    return EPS


def inputs(network: UNet, cond: Cond, _latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The `context`, and what the UNet sees beside the latent. Raises RunError for a context of another width."""
    return unet_inputs(network, cond, sampling, LATENT_FORM)


def clip(texts: Mapping[str, Part[ClipTextConfig]], context: Context) -> TextEncoders:
    """CLIP's ViT-L: its last states, normalised, unless another layer is asked for."""
    return TextEncoders({"clip_l": open_tower(texts["clip_l"], END, context.placement)}, alone, context.folders)


def text_encoders(clip_l: ClipText, placement: Placement, folders: Folders) -> TextEncoders:
    """The family's text encoder, its network being there already."""
    return TextEncoders({"clip_l": Tower(clip_l, END, placement)}, alone, folders)
