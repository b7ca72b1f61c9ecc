"""Levin and Fried 2023, "Differential Diffusion: Giving Each Pixel Its Strength"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftools.diffusion.guidance import Guidance

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model, Sampling


def differential_diffusion(model: Model, strength: float) -> Model:
    """A mask's grey says when sampling may begin to change a cell: at 1 at once, at 0 in the end.

    `strength`: how much of that there is in the mask, beside the mask itself; 0 counts as 1, as in ComfyUI.
    """
    return model.with_guidance(Guidance(mask_at=_Differential(strength or 1.0)))


@dataclass(frozen=True, slots=True)
class _Differential:
    strength: float

    def __call__(self, mask: Tensor, sigma: Tensor, sampling: Sampling, model: Model) -> Tensor:
        levels = model.parametrisation.levels
        assert sampling.sigmas is not None  # only a run has masks
        first = sampling.sigmas[0]
        last = sampling.sigmas[-1].clamp(min=levels.sigmas[0].to(first))
        begin, end, now = (levels.timestep(each) for each in (first, last, sigma))
        changed = (mask >= (now - end) / (begin - end)).to(mask.dtype)
        return self.strength * changed + (1 - self.strength) * mask
