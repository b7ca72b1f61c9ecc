"""DPM-Solver++ (Lu et al. 2022): exponential integrators for the predicted latent, in t = -ln(sigma)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftools.diffusion.sampling.step import Denoise, Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor


def dpmpp_2m(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """Algorithm 2: second order by the step before, one model call a step; first order at both ends."""
    previous: tuple[Tensor, Tensor] | None = None  # the step before: its denoised latent, its width in t
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        width = sigma.log() - sigma_next.log()  # infinite for the last step, which leads to `denoised` itself
        extrapolated = denoised
        if previous is not None and sigma_next > 0:
            denoised_before, width_before = previous
            extrapolated = denoised + (denoised - denoised_before) * width / (2 * width_before)
        x = sigma_next / sigma * x - (-width).expm1() * extrapolated
        previous = denoised, width
    return x
