"""Stable Video 3D: a thing from all sides, along a path of the camera. Voleti et al. 2024."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm
from wftools.weights.families._stable_diffusion import LATENTS, parts
from wftools.weights.families.svd import VISION_PREFIX, makes_videos

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.tensorfile import TensorFile

VAE_PREFIX: Final = "conditioner.embedders.1.encoder."
NUMBERS: Final = 1280  # how wide what it is told in numbers is

LATENT_FORM: Final = LATENTS
CLIP_TYPES: Final = ()
SAVED: Final = CheckpointForm(texts={}, vae=VAE_PREFIX, vision=VISION_PREFIX)


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if the UNet is another family's."""
    found = parts(
        file,
        lambda unet: makes_videos(unet, NUMBERS),
        {},
        vae_prefixes=(VAE_PREFIX,),
        vision_prefix=VISION_PREFIX,
    )
    return found if found and found.network else None
