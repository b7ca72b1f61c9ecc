"""Stable Zero123: a picture from another side (Liu et al. 2023).

SD1's UNet, and a layer for where the camera stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wftools.weights.families import CheckpointForm
from wftools.weights.families._stable_diffusion import LATENTS, parts
from wftools.weights.networks import Part

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

CAMERA: Final = "cc_projection."  # the layer's tensors
VISION_PREFIX: Final = "cond_stage_model.model.visual."

LATENT_FORM: Final = LATENTS
CLIP_TYPES: Final = ()
SAVED: Final = CheckpointForm(texts={}, vision=VISION_PREFIX, apart=(CAMERA,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Zero123Config:
    """SD1's UNet, and how wide what is told of picture and camera is."""

    unet: UNetConfig
    camera_width: int


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if it has no layer for the camera, or the UNet is another family's."""
    camera = file.below(CAMERA)
    if len(camera.shapes.get("weight", ())) != 2 or "bias" not in camera.tensors:
        return None
    found = parts(file, lambda unet: not unet.linear_projection, {}, vision_prefix=VISION_PREFIX)
    if found is None or found.network is None:
        return None
    unet = found.network
    prefix = SAVED.network if file.below(SAVED.network).tensors else ""
    names = {name: prefix + name for name in unet.tensors.tensors}
    tensors = file.renamed(names | {CAMERA + name: CAMERA + name for name in ("weight", "bias")})
    config = Zero123Config(unet=unet.config, camera_width=camera.shapes["weight"][1])
    return replace(found, network=Part(config, tensors, unet.prefix))
