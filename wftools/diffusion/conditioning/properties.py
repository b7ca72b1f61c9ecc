"""Where, when and with which weights a conditioning counts, as nodes say it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftools.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Conditioning


def masked(conditioning: Conditioning, mask: Tensor, strength: float, *, to_bounds: bool) -> Conditioning:
    """A conditioning that counts as much as a mask (H, W) or (B, H, W) says, times the strength.

    Where `to_bounds`, the network sees nothing of the latent but the bounds of the mask.
    """
    mask = mask[None] if mask.ndim < 3 else mask
    if 0 in mask.shape:
        raise RunError(f"the mask is empty: it has the shape {list(mask.shape)}")
    return tuple(
        replace(cond, mask=mask, set_area_to_bounds=to_bounds, mask_strength=strength) for cond in conditioning
    )
