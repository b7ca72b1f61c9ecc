"""CFG++ (Chung et al. 2024): steps towards the guided latent, along the noise that the negative side sees.

Guidance then moves the latent but not the noise, so that it does not lead away from what the network knows.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftools.diffusion.sampling.ancestral import down_and_up
from wftools.diffusion.sampling.dpmpp import moved
from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise


def euler_ancestral_cfg_pp(
    denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0
) -> Steps:
    """Algorithm 2, with noise after each step: eta 0 adds none. Sigmas count for a latent at its own scale."""
    alpha = denoise.parametrisation.alpha
    s_noise = s_noise * denoise.parametrisation.noise_scale
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        pair = denoise.pair(x, sigma)
        yield Step(index, sigma, x, pair.denoised)
        if sigma_next == 0:
            x = pair.denoised
            continue
        slope = (x - alpha(sigma) * pair.uncond) / sigma
        down, up = down_and_up(sigma / alpha(sigma), sigma_next / alpha(sigma_next), eta)
        x = alpha(sigma_next) * (pair.denoised + down * slope)
        if eta and s_noise:
            x = x + alpha(sigma_next) * noise(sigma, sigma_next) * s_noise * up
    return x


def euler_cfg_pp_alternative(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """Euler's step along the noise that is left where the guided latent is taken away twice, but the negative once.

    ComfyUI's first try at CFG++, which it keeps beside the other one.
    """
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        pair = denoise.pair(x, sigma)
        yield Step(index, sigma, x, pair.denoised)
        slope = (x - pair.denoised + pair.uncond - pair.denoised) / sigma
        x = x + slope * (sigma_next - sigma)
    return x


def dpmpp_2s_ancestral_cfg_pp(
    denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0
) -> Steps:
    """`dpmpp_2s_ancestral` that starts each time from x moved as guidance moves the latent, whatever the kind of noise.

    So what the step keeps of x is the noise that the negative side sees.
    """
    s_noise = s_noise * denoise.parametrisation.noise_scale
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        pair = denoise.pair(x, sigma)
        yield Step(index, sigma, x, pair.denoised)
        down, up = down_and_up(sigma, sigma_next, eta)
        latest = pair
        if down != 0:
            middle = sigma.log().lerp(down.log(), 0.5).exp()
            latest = denoise.pair(moved(x + (pair.denoised - pair.uncond), pair.denoised, sigma, middle), middle)
        x = moved(x + (pair.denoised - latest.uncond), latest.denoised, sigma, down)
        if sigma_next > 0 and eta:
            x = x + noise(sigma, sigma_next) * s_noise * up
    return x


def dpmpp_2m_cfg_pp(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """`dpmpp_2m`: the guided latent, and beside it the noise that the negative side sees, a step further.

    The change since the step before is that from its negative side to the guided latent now, as ComfyUI has it.
    """
    previous: tuple[Tensor, Tensor] | None = None  # the step before: its negative side, its width in -ln(sigma)
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        pair = denoise.pair(x, sigma)
        yield Step(index, sigma, x, pair.denoised)
        width = sigma.log() - sigma_next.log()  # infinite for the last step, which leads to the guided latent itself
        keep = (-width).exp()
        x = pair.denoised + keep * (x - pair.uncond)
        if previous is not None and sigma_next > 0:
            uncond_before, width_before = previous
            x = x - (-width).expm1() * width / (2 * width_before) * (pair.denoised - uncond_before)
        previous = pair.uncond, width
    return x
