"""Stable Diffusion 2 with a picture beside the text: unCLIP (Ramesh et al. 2022).

CLIP's encoder of pictures is in the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm
from wftools.weights.families._stable_diffusion import LATENTS, clip_text, parts
from wftools.weights.families.sd2 import CLIP_H_PREFIXES, is_of_its_form

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.tensorfile import TensorFile

VISION_PREFIX: Final = "embedder.model.visual."

LATENT_FORM: Final = LATENTS
CLIP_TYPES: Final = ()
SAVED: Final = CheckpointForm(texts={"clip_h": "cond_stage_model.model."}, vision=VISION_PREFIX)


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if there are none, or the UNet is another family's."""
    found = parts(
        file,
        lambda unet: is_of_its_form(unet) and unet.pooled_dim is not None,
        {"clip_h": clip_text(file, "clip_h", *CLIP_H_PREFIXES)},
        vision_prefix=VISION_PREFIX,
    )
    return found if found and found.network else None
