"""First-order samplers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftools.diffusion.sampling.ancestral import ancestral_step
from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise


def euler(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """Karras et al. 2022, algorithm 2 without churn: first order, one model call a step."""
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        x = x + (x - denoised) / sigma * (sigma_next - sigma)
    return x


def euler_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0
) -> Steps:
    """Euler's step to below the next sigma, then noise up to it: eta 0 is `euler`, 1 keeps the variance of DDPM."""
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        down, keep, up = ancestral_step(denoise.parametrisation, sigma, sigma_next, eta)
        if down == 0:
            x = denoised
        else:
            x = x + (x - denoised) / sigma * (down - sigma)
            if eta:
                x = x * keep + noise(sigma, sigma_next) * s_noise * up
    return x


def ddpm(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:
    """Ho et al. 2020, algorithm 2: the mean of the posterior, then noise of its variance. Flows are no case apart."""
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        share = sigma_next**2 / sigma**2
        x = share * x + (1.0 - share) * denoised
        if sigma_next > 0:
            x = x + noise(sigma, sigma_next) * sigma_next * (1.0 - share) ** 0.5
    return x
