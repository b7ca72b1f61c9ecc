"""Stable Diffusion 1: its UNet alone projects into and out of the transformers with convolutions.

Rombach et al. 2022. The text encoder is CLIP's ViT-L.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm
from wftools.weights.families._stable_diffusion import LATENTS, clip_text, parts

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.tensorfile import TensorFile

LATENT_FORM: Final = LATENTS
CLIP_TYPES: Final = ("stable_diffusion",)
SAVED: Final = CheckpointForm(texts={"clip_l": "cond_stage_model.transformer.text_model."})

CLIP_L_PREFIX: Final = "cond_stage_model.transformer."


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if there are none, or the UNet is another family's."""
    return parts(file, lambda unet: not unet.linear_projection, {"clip_l": clip_text(file, "clip_l", CLIP_L_PREFIX)})
