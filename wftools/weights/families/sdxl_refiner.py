"""The refiner of Stable Diffusion XL: no attention at the lowest resolution either. Podell et al. 2023."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm
from wftools.weights.families._stable_diffusion import XL_LATENTS, clip_text, parts
from wftools.weights.families.sdxl import is_of_its_form

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.tensorfile import TensorFile

LATENT_FORM: Final = XL_LATENTS
CLIP_TYPES: Final = ("stable_diffusion",)
SAVED: Final = CheckpointForm(
    texts={"clip_g": "conditioner.embedders.0.model."}, architecture="stable-diffusion-xl-v1-refiner"
)

CLIP_G_PREFIX: Final = "conditioner.embedders.0.model."


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if there are none, or the UNet is another family's."""
    return parts(
        file,
        lambda unet: is_of_its_form(unet) and not unet.transformer_depth[-1],
        {"clip_g": clip_text(file, "clip_g", CLIP_G_PREFIX)},
    )
