"""CFG++ (Chung et al. 2024): steps towards the guided latent, along the noise that the negative side sees.

Guidance then moves the latent but not the noise, so that it does not lead away from what the network knows.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftools.diffusion.sampling.ancestral import down_and_up
from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise


def euler_ancestral_cfg_pp(
    denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0
) -> Steps:
    """Algorithm 2, with noise after each step: eta 0 adds none. Sigmas count for a latent at its own scale."""
    alpha = denoise.parametrisation.alpha
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        pair = denoise.pair(x, sigma)
        yield Step(index, sigma, x, pair.denoised)
        if sigma_next == 0:
            x = pair.denoised
            continue
        slope = (x - alpha(sigma) * pair.uncond) / sigma
        down, up = down_and_up(sigma / alpha(sigma), sigma_next / alpha(sigma_next), eta)
        x = alpha(sigma_next) * (pair.denoised + down * slope)
        if eta:
            x = x + alpha(sigma_next) * noise(sigma, sigma_next) * s_noise * up
    return x
