"""The upscaler of Stable Diffusion 2, to four times the size: it sees the small picture, and how noisy that is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm, LatentForm
from wftools.weights.families._stable_diffusion import clip_text, parts
from wftools.weights.families.sd2 import CLIP_H_PREFIXES

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.tensorfile import TensorFile

LATENT_FORM: Final = LatentForm(channels=4, ratio=4, scale=0.08333)
CLIP_TYPES: Final = ()
SAVED: Final = CheckpointForm(texts={"clip_h": "cond_stage_model.model."})


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if the UNet is another family's."""
    found = parts(
        file,
        lambda unet: unet.linear_projection and unet.classes is not None and not unet.is_temporal,
        {"clip_h": clip_text(file, "clip_h", *CLIP_H_PREFIXES)},
    )
    if found is None or found.network is None:
        return None
    unet = found.network
    eight_heads = replace(unet.config, head_dim=None)  # as SD1
    return replace(found, network=replace(unet, config=eight_heads))
