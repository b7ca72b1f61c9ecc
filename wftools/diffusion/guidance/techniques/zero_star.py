"""Fan et al. 2025, "CFG-Zero*: Improved Classifier-Free Guidance for Flow Matching Models"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model


def cfg_zero_star(model: Model) -> Model:
    """The negative side's score is scaled to come as near to the positive one's as it can."""
    return model.with_guidance(Guidance(after=(_nearest,)))


def _nearest(denoised: Tensor, asked: Asked) -> Tensor:
    cond, uncond = ((asked.x - side).flatten(1) for side in (asked.cond, asked.uncond))
    nearest = (cond * uncond).sum(1) / ((uncond**2).sum(1) + 1e-8)
    nearest = nearest.reshape(-1, *[1] * (denoised.ndim - 1))
    return denoised + asked.uncond * (nearest - 1.0) + asked.scale * asked.uncond * (1.0 - nearest)
