"""DPM-Solver-2 (Lu et al. 2022) in the form of Karras et al. 2022: a second model call inside each step."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftools.diffusion.sampling.ancestral import ancestral_step
from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise


def dpm_2(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """The slope at the geometric mean of a step's sigmas, without churn."""
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        x = _midpoint_step(denoise, x, denoised, sigma, sigma_next)
    return x


def dpm_2_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0
) -> Steps:
    """dpm_2 to below the next sigma, then noise up to it."""
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        down, keep, up = ancestral_step(denoise.parametrisation, sigma, sigma_next, eta)
        x = _midpoint_step(denoise, x, denoised, sigma, down)
        if down != 0 and eta:
            x = x * keep + noise(sigma, sigma_next) * s_noise * up
    return x


def _midpoint_step(denoise: Denoise, x: Tensor, denoised: Tensor, sigma: Tensor, target: Tensor) -> Tensor:
    """From sigma to a target; an Euler step where the target is 0, which has no geometric mean."""
    slope = (x - denoised) / sigma
    if target == 0:
        return x + slope * (target - sigma)
    middle = sigma.log().lerp(target.log(), 0.5).exp()
    x_middle = x + slope * (middle - sigma)
    return x + (x_middle - denoise(x_middle, middle)) / middle * (target - sigma)
