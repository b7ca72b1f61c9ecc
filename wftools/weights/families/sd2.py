"""Stable Diffusion 2: linear projections around the transformers, and attention at full size.

The text encoder is OpenCLIP's ViT-H.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm
from wftools.weights.families._stable_diffusion import LATENTS, clip_text, parts

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

LATENT_FORM: Final = LATENTS
CLIP_TYPES: Final = ("stable_diffusion",)
SAVED: Final = CheckpointForm(texts={"clip_h": "cond_stage_model.model."})

CLIP_H_PREFIXES: Final = ("cond_stage_model.model.", "conditioner.embedders.0.model.")


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if there are none, or the UNet is another family's."""
    return parts(
        file,
        lambda unet: is_of_its_form(unet) and unet.pooled_dim is None,
        {"clip_h": clip_text(file, "clip_h", *CLIP_H_PREFIXES)},
    )


def is_of_its_form(unet: UNetConfig) -> bool:
    """Whether a UNet is built as the family's, whatever it is told beside the text."""
    is_larger = unet.is_temporal or unet.classes is not None
    return unet.linear_projection and unet.transformer_depth[0] > 0 and not is_larger
