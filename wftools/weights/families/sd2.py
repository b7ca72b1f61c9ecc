"""Stable Diffusion 2: linear projections around the transformers, and attention at full size.

The text encoder is OpenCLIP's ViT-H.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.weights.families import LatentForm, Parts
from wftools.weights.families._stable_diffusion import UNET_ADAPTERS, parts
from wftools.weights.keymaps.openclip import as_transformers
from wftools.weights.networks import find
from wftools.weights.networks.clip_text import infer_clip_text

if TYPE_CHECKING:
    from wftools.weights.tensorfile import TensorFile

LATENT_FORM: Final = LatentForm(channels=4, ratio=8, scale=0.18215)
CLIP_TYPES: Final = ("stable_diffusion",)
ADAPTER_PREFIXES: Final = {"network": UNET_ADAPTERS, "clip_h": ("lora_te_", "lora_te1_")}

CLIP_H_PREFIX: Final = "cond_stage_model.model."
IGNORED_IN_CLIP_H: Final = re.compile(r"logit_scale|attn_mask")


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if there are none, or the UNet is another family's."""
    clip_h = as_transformers(file.below(CLIP_H_PREFIX))
    return parts(
        file,
        lambda unet: unet.linear_projection and unet.transformer_depth[0] > 0,
        {"clip_h": find(clip_h, "clip_h", ("",), infer_clip_text, IGNORED_IN_CLIP_H)},
    )
