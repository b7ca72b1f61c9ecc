"""Huang et al. 2025, "FreSca: Scaling in Frequency Space Enhances Diffusion Models"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.frequencies import scaled_frequencies
from wftools.diffusion.guidance import Asked, Guidance

if TYPE_CHECKING:
    from wftools.values import Model


def fresca(model: Model, scale_low: float, scale_high: float, freq_cutoff: int) -> Model:
    """Low and high frequencies of the guidance are scaled apart.

    Low are those within `freq_cutoff` steps of the lowest one on each axis.
    """
    return model.with_guidance(Guidance(before=(_FreSca(scale_low, scale_high, freq_cutoff),)))


@dataclass(frozen=True, slots=True)
class _FreSca:
    scale_low: float
    scale_high: float
    freq_cutoff: int

    def __call__(self, asked: Asked) -> Asked:
        if asked.positive is None or asked.negative is None:
            return asked
        guidance = asked.cond - asked.uncond
        scales = torch.full(guidance.shape, self.scale_high, device=guidance.device)
        low = scales
        for axis in range(2, guidance.ndim):
            middle = guidance.shape[axis] // 2
            reach = min(self.freq_cutoff, middle)
            low = low.narrow(axis, middle - reach, 2 * reach)
        low.fill_(self.scale_low)
        return replace(asked, cond=scaled_frequencies(guidance, scales) + asked.uncond)
