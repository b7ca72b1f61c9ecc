"""SA-Solver (Xue et al. 2023, arXiv 2309.05019): Adams' predictor and corrector for the stochastic equation."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import torch

from wftools.diffusion.sampling.snr import half_log_snr, started
from wftools.diffusion.sampling.step import Noise, Step, Steps, weighted_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from wftools.values import Denoise

# Which part of the way is stochastic, unless something else is asked for.
STOCHASTIC_FROM: Final = 0.2
STOCHASTIC_TO: Final = 0.8


def sa_solver(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,
    *,
    eta: float = 1.0,
    start_sigma: float | None = None,
    end_sigma: float | None = None,
    s_noise: float = 1.0,
    predictor_order: int = 3,
    corrector_order: int = 4,
    use_pece: bool = False,
    simple_order_2: bool = False,
) -> Steps:
    """Predict the next latent by the denoised ones before, and correct it by the one that is found there.

    Tau is eta from start_sigma down to end_sigma (None: from 0.2 to 0.8 of the way) and 0 elsewhere. With `use_pece`
    the model is asked about the corrected latent, too. `simple_order_2`: the coefficients of the paper's appendix D for
    two points. Towards a last sigma of 0 the orders fall.
    """
    levels = denoise.parametrisation.levels
    start_sigma = levels.at_percent(STOCHASTIC_FROM) if start_sigma is None else start_sigma
    end_sigma = levels.at_percent(STOCHASTIC_TO) if end_sigma is None else end_sigma
    s_noise = s_noise * denoise.parametrisation.noise_scale
    sigmas = started(denoise, sigmas)
    times = half_log_snr(denoise.parametrisation, sigmas)
    to_zero = sigmas[-1] == 0
    latents: list[Tensor] = []  # denoised, the last one last
    x_predicted = x
    added: Tensor | float = 0.0  # the noise of the step before
    tau = 0.0
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x_predicted, sigma)
        yield Step(index, sigma, x_predicted, denoised)
        latents = [*latents, denoised][-max(predictor_order, corrector_order) :]
        steps_left = len(sigmas) - 1 - index if to_zero else len(sigmas)

        order = min(corrector_order, len(latents), steps_left)
        if index == 0 or order == 0 or (sigma_next == 0 and not use_pece):
            x = x_predicted
        else:
            span, knots = slice(index - 1, index + 1), times[index + 1 - order : index + 1]
            adams = _adams(sigmas[span], times[span], knots, tau, is_simple=simple_order_2, is_corrector=True)
            x = adams.moved(x, latents[-order:]) + added
            if use_pece:
                denoised = denoise(x, sigma)
                latents[-1] = denoised

        if sigma_next == 0:
            x_predicted = denoised
            continue
        tau = eta if start_sigma >= sigma_next >= end_sigma else 0.0
        order = min(predictor_order, len(latents), steps_left - 1)
        span, knots = slice(index, index + 2), times[index + 1 - order : index + 1]
        adams = _adams(sigmas[span], times[span], knots, tau, is_simple=simple_order_2, is_corrector=False)
        x_predicted = adams.moved(x, latents[-order:])
        added = 0.0
        if tau and s_noise:
            up = sigma_next * (-(-2 * tau**2 * times[span].diff()).expm1()).sqrt()
            added = noise(sigma, sigma_next) * up * s_noise
            x_predicted = x_predicted + added
    return x_predicted


class _Adams(NamedTuple):
    """The coefficients of a step, without its noise: the paper's equations 14 and 17."""

    keep: Tensor  # what x counts for
    weights: Tensor  # and each of the denoised latents

    def moved(self, x: Tensor, latents: Sequence[Tensor]) -> Tensor:
        """The latent at the end of the step."""
        return self.keep * x + weighted_sum(self.weights, latents)


def _adams(sigmas: Tensor, times: Tensor, knots: Tensor, tau: float, *, is_simple: bool, is_corrector: bool) -> _Adams:
    """Of the step between two sigmas and their times, by latents at the knots: equations 15 and 18, or appendix D."""
    rate = 1 + tau**2
    start, end = times
    width = end - start
    if is_simple and len(knots) == 2:
        whole = -(-rate * width).expm1()
        half = 0.5 * rate * width
        old = whole - half if is_corrector else half * width / (knots[0] - start)
        coefficients = torch.stack([old, whole - old])
    else:
        integrals = _exponential_integrals(start, end, len(knots), rate)
        coefficients = torch.linalg.solve(torch.vander(knots, len(knots), increasing=True).T, integrals)
    keep = sigmas[1] / sigmas[0] * (-(tau**2) * width).exp()
    return _Adams(keep, sigmas[1] * end.exp() * coefficients)


def _exponential_integrals(start: Tensor, end: Tensor, count: int, rate: float) -> Tensor:
    """Of t**p * rate * exp(rate * (t - end)) from start to end, for p from 0 on; by parts."""
    decay = (-rate * (end - start)).exp()
    integrals = [1 - decay]
    for power in range(1, count):
        integrals.append(end**power - start**power * decay - power / rate * integrals[-1])
    return torch.stack(integrals)
