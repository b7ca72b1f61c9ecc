"""Gradient estimation (Permenter and Yuan 2023, arXiv 2306.04848): two steps' slopes err less than the last alone."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise


def gradient_estimation(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,  # noqa: ARG001
    *,
    ge_gamma: float = 2.0,
) -> Steps:
    """Euler's step by gamma times the slope less gamma - 1 times the one before."""
    before: Tensor | None = None
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        slope, width = (x - denoised) / sigma, sigma_next - sigma
        if sigma_next == 0:
            x = denoised
        else:
            x = x + slope * width
            if before is not None:
                x = x + (ge_gamma - 1) * (slope - before) * width
        before = slope
    return x


def gradient_estimation_cfg_pp(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,  # noqa: ARG001
    *,
    ge_gamma: float = 2.0,
) -> Steps:
    """The same as CFG++ (Chung et al. 2024): towards the guided latent, along the noise that the negative side sees."""
    before: Tensor | None = None
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        pair = denoise.pair(x, sigma)
        yield Step(index, sigma, x, pair.denoised)
        slope, width = (x - pair.uncond) / sigma, sigma_next - sigma
        if sigma_next == 0:
            x = pair.denoised
        else:
            x = pair.denoised + slope * sigma_next
            if before is not None:
                x = x + (ge_gamma - 1) * (slope - before) * width
        before = slope
    return x
