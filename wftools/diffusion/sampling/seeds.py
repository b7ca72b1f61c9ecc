"""SEEDS (Gonzalez et al. 2023, arXiv 2305.14267): exponential Runge-Kutta methods for the stochastic equation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from torch import Tensor

from wftools.diffusion.sampling.snr import half_log_snr, sigma_at, started
from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from wftools.values import Denoise

# What the denoised latents of the stages before count for in the next one, after a whole step of that span.
Weights = Callable[[Tensor], tuple[Tensor, ...]]


def seeds_2(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,
    *,
    eta: float = 1.0,
    s_noise: float = 1.0,
    r: float = 0.5,
    solver_type: str = "phi_1",
) -> Steps:
    """SEEDS-2 for the predicted latent: a second call of the model at r of each step, in half log SNR.

    `solver_type` says how the calls weigh: "phi_1" as if they were on a line, "phi_2" by an exponential integral. With
    r = 1 and "phi_2" this is Heun's method in its exponential form; eta 0 adds no noise.
    """

    def at_the_end(span: Tensor) -> tuple[Tensor, ...]:
        second = phi_2(span) / r if solver_type == "phi_2" else phi_1(span) / (2 * r)
        return phi_1(span) - second, second

    stages = [(r, lambda span: (phi_1(r * span),)), (1.0, at_the_end)]
    return (yield from _exponential(denoise, x, sigmas, noise, eta=eta, s_noise=s_noise, stages=stages))


def seeds_3(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,
    *,
    eta: float = 1.0,
    s_noise: float = 1.0,
    r_1: float = 1 / 3,
    r_2: float = 2 / 3,
) -> Steps:
    """SEEDS-3 for the predicted latent: calls of the model at r_1 and r_2 of each step, in half log SNR."""

    def at_r_2(span: Tensor) -> tuple[Tensor, ...]:
        second = r_2 / r_1 * phi_2(r_2 * span)
        return phi_1(r_2 * span) - second, second

    def at_the_end(span: Tensor) -> tuple[Tensor, ...]:
        third = phi_2(span) / r_2
        return phi_1(span) - third, span.new_zeros(()), third

    stages = [(r_1, lambda span: (phi_1(r_1 * span),)), (r_2, at_r_2), (1.0, at_the_end)]
    return (yield from _exponential(denoise, x, sigmas, noise, eta=eta, s_noise=s_noise, stages=stages))


def phi_1(span: Tensor) -> Tensor:
    """What a latent that stays the same counts for, after that span of half log SNR: 1 - exp(-span)."""
    return -(-span).expm1()


def phi_2(span: Tensor) -> Tensor:
    """What a change of 1, even over the span, counts for."""
    return 1.0 - phi_1(span) / span


def _exponential(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,
    *,
    eta: float,
    s_noise: float,
    stages: Sequence[tuple[float, Weights]],
) -> Steps:
    """An exponential Runge-Kutta method. Stages: how far in a step each is, and the weights there; the last is its end.

    The noise of a step grows from stage to stage, so that each sees that of the one before.
    """
    sigmas = started(denoise, sigmas)
    s_noise = s_noise * denoise.parametrisation.noise_scale
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        if sigma_next == 0:
            x = denoised
            continue
        start, end = (half_log_snr(denoise.parametrisation, each) for each in (sigma, sigma_next))
        width = end - start
        latents = [denoised]
        added: Tensor | float = 0.0  # the noise so far, of deviation sigma where all of x's is new
        at, share_before = sigma, 0.0
        for share, weights in stages:
            is_end = len(latents) == len(stages)
            time = end if is_end else start.lerp(end, share)
            there = sigma_next if is_end else sigma_at(denoise.parametrisation, time)
            y = there / sigma * (-share * width * eta).exp() * x
            for weight, latent in zip(weights(width * (eta + 1)), latents, strict=True):
                y = y + there * time.exp() * weight * latent
            if eta and s_noise:
                passed = (share - share_before) * width * eta
                added = added * (-passed).exp() + (-(-2 * passed).expm1()).sqrt() * noise(at, there)
                y = y + added * there * s_noise
            at, share_before = there, share
            if is_end:
                x = y
            else:
                latents.append(denoise(y, there))
    return x
