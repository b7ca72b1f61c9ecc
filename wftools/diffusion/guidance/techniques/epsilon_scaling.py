"""Ning et al. 2024, "Elucidating the Exposure Bias in Diffusion Models"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model


def epsilon_scaling(model: Model, scaling_factor: float) -> Model:
    """The predicted noise is divided by a factor, the same at every step."""
    return model.with_guidance(Guidance(after=(_ScaledNoise(scaling_factor),)))


@dataclass(frozen=True, slots=True)
class _ScaledNoise:
    scaling_factor: float

    def __call__(self, denoised: Tensor, asked: Asked) -> Tensor:
        return asked.x - (asked.x - denoised) / self.scaling_factor
