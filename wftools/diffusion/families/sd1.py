"""Stable Diffusion 1: a UNet that predicts noise and attends to CLIP's last states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps
from wftools.diffusion.text.clip import clip_l
from wftools.diffusion.vae import image_vae
from wftools.errors import RunError
from wftools.values import NetworkInputs
from wftools.weights.families.sd1 import LATENT

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Cond, Parametrisation, Sampling
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

EPS: Final = Eps(DiscreteLevels())

clip = clip_l
vae = image_vae


def network(config: UNetConfig) -> UNet:
    """The UNet. Raises RunError for those that take more than the latent: inpainting and instruction models."""
    if config.in_channels != LATENT.channels:
        raise RunError("UNets that take more than the latent are not implemented in wftools yet")
    return UNet(config)


def parametrisation(_file: TensorFile) -> Parametrisation:
    """The same for all files of the family."""
    return EPS


def inputs(network: UNet, cond: Cond, _latent: Tensor, _sampling: Sampling) -> NetworkInputs:
    """The `context` (b, T, context_dim). Raises RunError for another width."""
    given, needed = cond.tensor.shape[-1], network.config.context_dim
    if given != needed:
        raise RunError(
            f"the conditioning is {given} wide, the model needs {needed}",
            hint="encode the prompt with the text encoder that belongs to the model",
        )
    return NetworkInputs({"context": cond.tensor})
