"""Stable Video Diffusion: a video from its first picture. Blattmann et al. 2023."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm
from wftools.weights.families._stable_diffusion import LATENTS, parts

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

VISION_PREFIX: Final = "conditioner.embedders.0.open_clip.model.visual."
NUMBERS: Final = 768  # how wide what it is told in numbers is

LATENT_FORM: Final = LATENTS
CLIP_TYPES: Final = ()
SAVED: Final = CheckpointForm(texts={}, vision=VISION_PREFIX, architecture="stable-video-diffusion-img2vid-v1")


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if the UNet is another family's."""
    found = parts(file, lambda unet: makes_videos(unet, NUMBERS), {}, vision_prefix=VISION_PREFIX)
    return found if found and found.network else None


def makes_videos(unet: UNetConfig, numbers: int) -> bool:
    """Whether a UNet makes videos, and is told so many numbers."""
    return unet.is_temporal and unet.pooled_dim == numbers
