"""Refined exponential solvers in several steps (Zhang et al. 2023, arXiv 2308.02157)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from wftools.diffusion.sampling.ancestral import down_and_up
from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise


def res_multistep_ancestral(
    denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0
) -> Steps:
    """Second order by the step before, to below the next sigma; then noise up to it. Eta 0 adds none."""
    s_noise = s_noise * denoise.parametrisation.noise_scale
    before: _Before | None = None
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        down, up = down_and_up(sigma, sigma_next, eta)
        if down == 0 or before is None:
            x = x + (x - denoised) / sigma * (down - sigma)
        else:
            x = _second_order(x, denoised, sigma, down, before)
        if sigma_next > 0 and eta:
            x = x + noise(sigma, sigma_next) * s_noise * up
        before = _Before(denoised, sigma, down)
    return x


def res_multistep_ancestral_cfg_pp(
    denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0
) -> Steps:
    """The same as CFG++ (Chung et al. 2024): the steps are of what the negative side sees."""
    s_noise = s_noise * denoise.parametrisation.noise_scale
    before: _Before | None = None
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        pair = denoise.pair(x, sigma)
        yield Step(index, sigma, x, pair.denoised)
        down, up = down_and_up(sigma, sigma_next, eta)
        if down == 0 or before is None:
            x = pair.denoised + (x - pair.uncond) / sigma * down
        else:
            x = _second_order(x + (pair.denoised - pair.uncond), pair.uncond, sigma, down, before)
        if sigma_next > 0 and eta:
            x = x + noise(sigma, sigma_next) * s_noise * up
        before = _Before(pair.uncond, sigma, down)
    return x


class _Before(NamedTuple):
    """The step before."""

    denoised: Tensor
    sigma: Tensor  # where it started
    down: Tensor  # where it led, but for its noise


def _second_order(x: Tensor, denoised: Tensor, sigma: Tensor, target: Tensor, before: _Before) -> Tensor:
    """From sigma to a target. The paper's coefficients, of which those that are not numbers count for nothing."""
    width = sigma.log() - target.log()
    c2 = (before.down.log() - before.sigma.log()) / width
    phi_1 = (-width).expm1() / -width
    phi_2 = (phi_1 - 1.0) / -width
    b2 = (phi_2 / c2).nan_to_num(nan=0.0)
    b1 = (phi_1 - phi_2 / c2).nan_to_num(nan=0.0)
    moved: Tensor = (-width).exp() * x + width * (b1 * denoised + b2 * before.denoised)
    return moved
