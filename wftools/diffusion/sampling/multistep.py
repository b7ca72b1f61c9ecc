"""Adams and Bashforth's methods: the slopes of steps before stand for calls of the model between two sigmas."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import torch
from numpy.polynomial import legendre
from torch import Tensor

from wftools.diffusion.sampling.step import Noise, Step, Steps, weighted_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.values import Denoise


def lms(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, order: int = 4) -> Steps:  # noqa: ARG001
    """Linear multistep: the integral of the polynomial through the last slopes. Crowson 2022, k-diffusion."""
    slopes: deque[Tensor] = deque(maxlen=order)  # the last one first
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        slopes.appendleft((x - denoised) / sigma)
        if sigma_next == 0:
            x = denoised
        else:
            knots = sigmas[index + 1 - len(slopes) : index + 1].flip(0)
            x = x + weighted_sum(_lagrange_integrals(knots.double().cpu(), sigma.item(), sigma_next.item()), slopes)
    return x


def ipndm(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, max_order: int = 4) -> Steps:  # noqa: ARG001
    """Zhang and Chen 2022 ("DEIS"): the coefficients are those of even steps, whatever the steps are."""
    slopes: deque[Tensor] = deque(maxlen=max_order)  # the last one first
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        slopes.appendleft((x - denoised) / sigma)
        if sigma_next == 0:
            x = denoised
        else:
            x = x + (sigma_next - sigma) * weighted_sum(EVEN_STEPS[len(slopes) - 1], slopes)
    return x


# Adams and Bashforth's coefficients by order, less one.
EVEN_STEPS: Final = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)


def ipndm_v(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, max_order: int = 4) -> Steps:  # noqa: ARG001
    """`ipndm` with coefficients of the steps as they are. Zhou et al. 2024, diff-sampler."""
    slopes: deque[Tensor] = deque(maxlen=max_order)  # the last one first
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        slopes.appendleft((x - denoised) / sigma)
        if sigma_next == 0:
            x = denoised
        else:
            first = index + 1 - len(slopes)
            widths = sigmas[first : index + 2].diff().flip(0)  # the coming step's, then those before
            x = x + (sigma_next - sigma) * _uneven_steps(slopes, widths)
    return x


def _uneven_steps(slopes: Sequence[Tensor], widths: Tensor) -> Tensor:
    """The mean slope of the coming step, by Newton's differences of the last slopes.

    The terms of third and fourth order are those of the published code, which differ from Adams and Bashforth's: a
    factor h / (h + h1) of the third was misplaced, and the last slope of the fourth has another quotient.
    """
    d, h = slopes, widths
    mean = d[0]
    if len(d) > 1:
        mean = mean + h[0] / h[1] / 2 * (d[0] - d[1])
    if len(d) > 2:
        weight = (1 - h[0] ** 2 / (3 * h[1] * (h[1] + h[2]))) / 2
        mean = mean + weight * (d[0] - d[1] - h[1] / h[2] * (d[1] - d[2]))
    if len(d) > 3:
        two, three = h[0] + h[1], h[0] + h[1] + h[2]
        weight = (1 - h[0] / (3 * two)) / 2 + (1 - h[0] / (2 * two)) * h[0] / (6 * three)
        weight = weight * h[0] * two * three / (h[1] * (h[1] + h[2]) * (h[1] + h[2] + h[3]))
        ratio = h[1] * (h[1] + h[2]) / (h[2] * (h[2] + h[3]))
        second = d[0] - d[1] - h[1] / h[2] * (d[1] - d[2])
        mean = mean + weight * (second - ratio * (d[1] - (1 + h[2] / h[3]) * d[2] + h[1] / h[2] * d[3]))
    return mean


def deis(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, max_order: int = 3) -> Steps:  # noqa: ARG001
    """Zhang and Chen 2022: the polynomial is one in the time of a linear schedule of variances (VP)."""
    times = _vp_times(sigmas.cpu())
    slopes: deque[Tensor] = deque(maxlen=max_order)  # the last one first
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        slopes.appendleft((x - denoised) / sigma)
        if len(slopes) == 1 or sigma_next <= 0:
            x = x + (sigma_next - sigma) * slopes[0]
        else:
            knots = times[index + 1 - len(slopes) : index + 1].flip(0)
            x = x + weighted_sum(_deis_weights(knots, times[index], times[index + 1]), slopes)
    return x


# The schedule of DEIS, sigma(t)**2 + 1 = exp(BETA_D / 2 * t**2 + BETA_MIN * t), has these sigmas at EARLIEST and at 1.
# In float32 as the published code has it: the first logarithm is off by a hundredth there.
EARLIEST: Final = 1e-3
_ENDS: Final = (torch.tensor([0.002, 80.0]) ** 2 + 1).log()
BETA_D: Final = 2 * (_ENDS[0] / EARLIEST - _ENDS[1]) / (EARLIEST - 1)
BETA_MIN: Final = _ENDS[1] - 0.5 * BETA_D

INTEGRATION_POINTS: Final = 10_000


def _vp_times(sigmas: Tensor) -> Tensor:
    """When the schedule of DEIS has those sigmas."""
    return ((BETA_MIN**2 + 2 * BETA_D * (sigmas**2 + 1).log()).sqrt() - BETA_MIN) / BETA_D


def _deis_weights(knots: Tensor, start: Tensor, end: Tensor) -> list[Tensor]:
    """What the slope at each knot counts for from start to end: the integral of its polynomial, and of sigma's change.

    A sum over points, both ends included, of the width of as many intervals, as the published code has it.
    """
    times = torch.linspace(start.item(), end.item(), INTEGRATION_POINTS, dtype=knots.dtype)
    alpha_bar = (-0.5 * times**2 * BETA_D - times * BETA_MIN).exp()
    change = 0.5 * (times * BETA_D + BETA_MIN) / (alpha_bar * (1 - alpha_bar)).sqrt()
    width = (end - start) / INTEGRATION_POINTS
    return [(change * _lagrange(knots, j, times)).sum() * width for j in range(len(knots))]


def _lagrange_integrals(knots: Tensor, start: float, end: float) -> list[float]:
    """What the value at each knot counts for in the integral of their polynomial: Gauss and Legendre's rule, exact."""
    points, weights = (torch.from_numpy(each) for each in legendre.leggauss((len(knots) + 1) // 2))
    half = (end - start) / 2
    times = start + half * (points + 1)
    return [(weights * _lagrange(knots, j, times)).sum().item() * half for j in range(len(knots))]


def _lagrange(knots: Tensor, j: int, at: Tensor) -> Tensor:
    """The polynomial that is 1 at knot j and 0 at the others."""
    values = torch.ones_like(at)
    for k, knot in enumerate(knots):
        if k != j:
            values = values * (at - knot) / (knots[j] - knot)
    return values
