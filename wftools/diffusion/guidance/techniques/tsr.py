"""Xu et al. 2025, "Temporal Score Rescaling for Temperature Sampling in Diffusion and Flow Models"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model


def temporal_score_rescaling(model: Model, tsr_k: float, tsr_sigma: float) -> Model:
    """Equation 6: samples that vary less for a `tsr_k` above 1, and more below it.

    The larger `tsr_sigma`, the earlier it sets in.
    """
    return model.with_guidance(Guidance(after=(_RescaledScore(tsr_k, tsr_sigma),)))


@dataclass(frozen=True, slots=True)
class _RescaledScore:
    k: float
    sigma: float

    def __call__(self, denoised: Tensor, asked: Asked) -> Tensor:
        sigma = asked.sigma
        if self.k == 1 or sigma == 0:
            return denoised
        alpha = asked.model.parametrisation.alpha(sigma)
        snr = (alpha / sigma) ** 2
        if snr == 0:
            return denoised
        variance = self.sigma**2
        ratio = (snr * variance + 1) / (snr * variance / self.k + 1)
        if torch.isposinf(snr):
            ratio = torch.full_like(ratio, self.k)
        # (x - ratio * sigma * noise) / alpha, for the noise by which x and the prediction differ.
        return torch.lerp(asked.x / alpha, denoised, ratio)
