"""Where, when and with which weights a conditioning counts, as nodes say it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftools.diffusion.conditioning.hooks import combined
from wftools.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Conditioning, Hooks


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


def with_properties(
    conditioning: Conditioning,
    *,
    mask: Tensor | None,
    strength: float,
    to_bounds: bool,
    hooks: Hooks | None,
    timesteps: tuple[float, float] | None,
) -> Conditioning:
    """A conditioning with what is given: hooks after its own, a mask with its strength, a part of the way."""
    conditioning = with_hooks(conditioning, hooks)
    if mask is not None:
        conditioning = masked(conditioning, mask, strength, to_bounds=to_bounds)
    if timesteps is None:
        return conditioning
    start, end = timesteps
    return tuple(replace(cond, start_percent=start, end_percent=end) for cond in conditioning)


def as_default(conditioning: Conditioning, hooks: Hooks | None) -> Conditioning:
    """A conditioning that counts where others leave something, with hooks after its own."""
    return tuple(replace(cond, default=True) for cond in with_hooks(conditioning, hooks))


def with_hooks(conditioning: Conditioning, hooks: Hooks | None) -> Conditioning:
    """A conditioning with hooks after its own."""
    if hooks is None:
        return conditioning
    return tuple(
        replace(cond, hooks=hooks if cond.hooks is None else combined(cond.hooks, hooks)) for cond in conditioning
    )
