"""CosXL: Stable Diffusion XL with the noise levels of EDM, which the file tells, and a velocity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.weights.families import sdxl

if TYPE_CHECKING:
    from wftools.weights.families import Parts
    from wftools.weights.tensorfile import TensorFile

SIGMA_MAX: Final = "edm_vpred.sigma_max"  # a tensor of one value
SIGMA_MIN: Final = "edm_vpred.sigma_min"

LATENT_FORM: Final = sdxl.LATENT_FORM
CLIP_TYPES: Final = ()
SAVED: Final = sdxl.SAVED


def recognise(file: TensorFile) -> Parts | None:
    """The family's networks in a file; None if it is another's of SDXL's form."""
    return sdxl.recognise(file) if SIGMA_MAX in file.tensors else None
