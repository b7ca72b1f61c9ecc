"""Stable Diffusion XL: no attention at full size, and the size of the picture beside the text. Podell et al. 2023.

The text encoders are CLIP's ViT-L and OpenCLIP's ViT-bigG.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm
from wftools.weights.families._stable_diffusion import XL_LATENTS, clip_text, parts

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

LATENT_FORM: Final = XL_LATENTS
CLIP_TYPES: Final = ("sdxl",)
SAVED: Final = CheckpointForm(
    texts={"clip_l": "conditioner.embedders.0.transformer.text_model.", "clip_g": "conditioner.embedders.1.model."},
    architecture="stable-diffusion-xl-v1-base",
    has_position_ids=True,
)

CLIP_L_PREFIX: Final = "conditioner.embedders.0.transformer."
CLIP_G_PREFIX: Final = "conditioner.embedders.1.model."


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if there are none, or the UNet is another family's."""
    return parts(
        file,
        lambda unet: is_of_its_form(unet) and unet.transformer_depth[-1] > 0,
        {
            "clip_l": clip_text(file, "clip_l", CLIP_L_PREFIX),
            "clip_g": clip_text(file, "clip_g", CLIP_G_PREFIX),
        },
    )


def is_of_its_form(unet: UNetConfig) -> bool:
    """Whether a UNet has no attention at full size, as the base and the refiner."""
    return unet.linear_projection and not unet.transformer_depth[0] and unet.classes is None
