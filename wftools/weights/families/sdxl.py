"""Stable Diffusion XL: no attention at full size, and the size of the picture beside the text. Podell et al. 2023.

The text encoders are CLIP's ViT-L and OpenCLIP's ViT-bigG.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm
from wftools.weights.families._stable_diffusion import XL_LATENTS, openclip, parts
from wftools.weights.families.sd1 import IGNORED_IN_CLIP_L
from wftools.weights.networks import find
from wftools.weights.networks.clip_text import infer_clip_text

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.tensorfile import TensorFile

LATENT_FORM: Final = XL_LATENTS
CLIP_TYPES: Final = ()
SAVED: Final = CheckpointForm(
    texts={"clip_l": "conditioner.embedders.0.transformer.text_model.", "clip_g": "conditioner.embedders.1.model."},
    architecture="stable-diffusion-xl-v1-base",
    has_position_ids=True,
)

CLIP_L_PREFIXES: Final = ("conditioner.embedders.0.transformer.text_model.",)
CLIP_G_PREFIX: Final = "conditioner.embedders.1.model."


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if there are none, or the UNet is another family's."""
    texts = {
        "clip_l": find(file, "clip_l", CLIP_L_PREFIXES, infer_clip_text, IGNORED_IN_CLIP_L),
        "clip_g": openclip(file, "clip_g", CLIP_G_PREFIX),
    }
    if None in texts.values():
        texts = {}  # one of them alone is of no use
    return parts(
        file,
        lambda unet: unet.linear_projection and not unet.transformer_depth[0] and unet.transformer_depth[-1] > 0,
        texts,
    )
