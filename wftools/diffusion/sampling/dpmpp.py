"""DPM-Solver++ (Lu et al. 2022): exponential integrators for the predicted latent, in half log SNR."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftools.diffusion.sampling.ancestral import ancestral_step
from wftools.diffusion.sampling.snr import half_log_snr, sigma_at
from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise, Parametrisation


def dpmpp_2m(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """Algorithm 2: second order by the step before, one model call a step; first order at both ends."""
    previous: tuple[Tensor, Tensor] | None = None  # the step before: its denoised latent, its width in -ln(sigma)
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


def dpmpp_2s_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0
) -> Steps:
    """Algorithm 1: second order by a call in the middle, to below the next sigma; then noise up to it."""
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        down, keep, up = ancestral_step(denoise.parametrisation, sigma, sigma_next, eta)
        towards = denoised
        if down != 0:
            middle = _middle(denoise.parametrisation, sigma, down)
            towards = denoise(moved(x, denoised, sigma, middle), middle)
        x = moved(x, towards, sigma, down)
        if sigma_next > 0 and eta:
            x = x * keep + noise(sigma, sigma_next) * s_noise * up
    return x


def moved(x: Tensor, towards: Tensor, sigma: Tensor, target: Tensor) -> Tensor:
    """The latent at another sigma, as if the network said `towards` all the way."""
    return target / sigma * x + (1.0 - target / sigma) * towards


def _middle(parametrisation: Parametrisation, sigma: Tensor, target: Tensor) -> Tensor:
    """The sigma halfway in half log SNR. From a flow's sigma of 1, where that is endless, ComfyUI has a fixed one."""
    if parametrisation.is_flow and sigma == 1:
        return sigma.new_tensor(0.9999)
    start, end = half_log_snr(parametrisation, sigma), half_log_snr(parametrisation, target)
    return sigma_at(parametrisation, start + 0.5 * (end - start))
