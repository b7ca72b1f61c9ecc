"""Playground 2.5: Stable Diffusion XL trained as Karras et al. 2022 do it, with the noise levels of EDM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.diffusion.families.sdxl import clip, inputs, memory_of, network, vae
from wftools.diffusion.sampling.levels import EdmLevels
from wftools.diffusion.sampling.parametrise import Edm

if TYPE_CHECKING:
    from wftools.values import Parametrisation
    from wftools.weights.networks import Part
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]

SIGMAS: Final = (0.002, 80.0)  # the least and the largest
DATA_DEVIATION: Final = 0.5


def parametrisation(_file: TensorFile, _network: Part[UNetConfig]) -> Parametrisation:
    """The same for all files of the family."""
    return Edm(EdmLevels(*SIGMAS), data_deviation=DATA_DEVIATION)
