"""Playground 2.5: Stable Diffusion XL with the noise levels of EDM and latents of its own scale. Li et al. 2024."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import LatentForm, sdxl

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.tensorfile import TensorFile

LATENT_FORM: Final = LatentForm(
    channels=4,
    ratio=8,
    scale=0.5,
    means=(-1.6574, 1.886, -1.383, 2.5155),
    deviations=(8.4927, 5.9022, 6.5498, 5.2299),
)
CLIP_TYPES: Final = ()
SAVED: Final = sdxl.SAVED
MARKERS: Final = ("edm_mean", "edm_std")  # tensors whose names tell


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if it is another's of SDXL's form."""
    return sdxl.recognise(file) if all(name in file.tensors for name in MARKERS) else None
