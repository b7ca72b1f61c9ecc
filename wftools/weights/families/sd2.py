"""Stable Diffusion 2: linear projections around the transformers, and attention at full size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import LatentForm, Parts
from wftools.weights.families._stable_diffusion import UNET_ADAPTERS, parts

if TYPE_CHECKING:
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

LATENT: Final = LatentForm(channels=4, ratio=8, scale=0.18215)
CLIP_TYPES: Final = ("stable_diffusion",)
ADAPTER_PREFIXES: Final = {"network": UNET_ADAPTERS}


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if there are none, or the UNet is another family's."""
    return parts(file, _is_own, {})


def _is_own(unet: UNetConfig) -> bool:
    return unet.linear_projection and unet.transformer_depth[0] > 0
