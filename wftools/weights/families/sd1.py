"""Stable Diffusion 1: its UNet alone projects into and out of the transformers with convolutions.

Rombach et al. 2022. The text encoder is CLIP's ViT-L.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm
from wftools.weights.families._stable_diffusion import LATENTS, parts
from wftools.weights.networks import find
from wftools.weights.networks.clip_text import OPENAI_MAX_LAYERS, infer_clip_text

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.tensorfile import TensorFile

LATENT_FORM: Final = LATENTS
CLIP_TYPES: Final = ("stable_diffusion",)
SAVED: Final = CheckpointForm(texts={"clip_l": "cond_stage_model.transformer.text_model."})

CLIP_L_PREFIXES: Final = (
    "cond_stage_model.transformer.text_model.",
    "cond_stage_model.transformer.",  # saved from a transformers version that has no `text_model`
    "text_model.",
    "",
)

# Buffers of old library versions, and what CLIP needs for pictures only.
IGNORED_IN_CLIP_L: Final = re.compile(r"(.*\.)?position_ids|logit_scale|text_projection(\.weight)?")


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if there are none, or the UNet is another family's."""
    clip_l = find(file, "clip_l", CLIP_L_PREFIXES, infer_clip_text, IGNORED_IN_CLIP_L)
    if clip_l is not None and clip_l.config.layers > OPENAI_MAX_LAYERS:
        clip_l = None  # OpenCLIP's, of another family
    return parts(file, lambda unet: not unet.linear_projection, {"clip_l": clip_l})
