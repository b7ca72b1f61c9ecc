"""CosXL: Stable Diffusion XL that predicts the velocity, at the noise levels that its file tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.diffusion.families import sdxl
from wftools.diffusion.families._stable_diffusion import unet_inputs
from wftools.diffusion.families.sdxl import clip, memory_of, network, vae
from wftools.diffusion.sampling.levels import EdmLevels
from wftools.diffusion.sampling.parametrise import Velocity
from wftools.weights.families.cosxl import LATENT_FORM, SIGMA_MAX, SIGMA_MIN

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.networks.unet import UNet
    from wftools.values import Cond, NetworkInputs, Parametrisation, Sampling
    from wftools.weights.networks import Part
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]


def parametrisation(file: TensorFile, _network: Part[UNetConfig]) -> Parametrisation:
    """The velocity, at levels up to a sigma that the file tells, and down to another if it does."""
    largest = file.tensor(SIGMA_MAX).item()
    least = file.tensor(SIGMA_MIN).item() if SIGMA_MIN in file.tensors else EdmLevels.sigma_min
    return Velocity(EdmLevels(least, largest))


def inputs(network: UNet, cond: Cond, _latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """As SDXL's; but a picture beside the latent is at the network's scale."""
    found = unet_inputs(network, cond, sampling, LATENT_FORM, scales_picture=True)
    return sdxl.with_numbers(found, network, cond, sdxl.size_of_picture(cond, sampling), sampling.seed)
