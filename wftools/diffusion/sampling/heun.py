"""Second order by correction."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise


def heun(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """Karras et al. 2022, algorithm 2 without churn: the mean of the slopes at both ends of a step."""
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        slope = (x - denoised) / sigma
        width = sigma_next - sigma
        predicted = x + slope * width
        if sigma_next == 0:
            x = predicted
        else:
            slope_next = (predicted - denoise(predicted, sigma_next)) / sigma_next
            x = x + (slope + slope_next) / 2 * width
    return x
