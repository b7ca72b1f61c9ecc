"""Sigmas by formulas of their number and their ends, whatever the model: (steps + 1,) or less, float32, descending.

Where nothing else is said the last is 0.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import torch

from wftools.errors import RunError, shown

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import NoiseLevels

NEARLY_ZERO: Final = 1e-5  # what keeps Laplace's logarithms finite

ALMOST_NONE: Final = 1e-4
WRITTEN: Final = re.compile(r"[-+]?\d*\.*\d+")

IDEOGRAM_LOG_RATIOS: Final = (-15.0, 18.0)  # the ends of what Ideogram's network knows: ln(sigma / (1 - sigma)), twice


def karras(steps: int, low: float, high: float, rho: float = 7.0) -> Tensor:
    """Even distances in sigma ** (1 / rho). Karras et al. 2022, equation 5."""
    if rho == 0:
        raise RunError("the schedule of Karras et al. is not defined for a rho of 0")
    ramp = torch.linspace(0, 1, steps)
    ends = high ** (1 / rho), low ** (1 / rho)
    return ended((ends[0] + ramp * (ends[1] - ends[0])) ** rho)


def exponential(steps: int, low: float, high: float) -> Tensor:
    """Even distances in the logarithm."""
    log_low, log_high = _logarithms(low, high)
    return ended(torch.linspace(log_high, log_low, steps).exp())


def polyexponential(steps: int, low: float, high: float, rho: float = 1.0) -> Tensor:
    """Distances in the logarithm as those of the powers of a line: rho 1 is `exponential`. Crowson 2022."""
    log_low, log_high = _logarithms(low, high)
    ramp = torch.linspace(1, 0, steps) ** rho
    return ended((ramp * (log_high - log_low) + log_low).exp())


def laplace(steps: int, low: float, high: float, mu: float = 0.0, beta: float = 0.5) -> Tensor:
    """Quantiles of a Laplace distribution of the logarithm, between the ends. Hang et al. 2024. (steps,): no 0."""
    share = torch.linspace(0, 1, steps)
    side = (0.5 - share).sign()
    logarithm = mu - beta * side * (1 - 2 * (0.5 - share).abs() + NEARLY_ZERO).log()
    return logarithm.exp().clamp(low, high)


def variance_preserving(steps: int, beta_d: float = 19.9, beta_min: float = 0.1, end: float = 1e-3) -> Tensor:
    """Even times from 1 to `end` of a process whose noise grows linearly. Song et al. 2021."""
    time = torch.linspace(1, end, steps)
    return ended((beta_d * time**2 / 2 + beta_min * time).expm1().sqrt())


def ideogram(steps: int, width: int, height: int, mu: float = 0.0, std: float = 1.75) -> Tensor:
    """Quantiles of a logit-normal distribution, which larger pictures shift towards noise. Ideogram 2026, version 4."""
    mean = mu + 0.5 * math.log(width * height / 512**2)
    quantile = torch.linspace(0.0, 1.0, steps + 1, dtype=torch.float64)
    lowest, highest = (1 / (1 + math.exp(-end / 2)) for end in IDEOGRAM_LOG_RATIOS)
    return ended((mean + std * torch.special.ndtri(quantile)).sigmoid().clamp(lowest, highest).flip(0)[:-1])


def turbo(levels: NoiseLevels, steps: int, denoise: float = 1.0) -> Tensor:
    """Sigmas of the timesteps 999, 899 …: as many as there are steps, from the share `denoise` of the ten on."""
    timesteps = torch.arange(999, 0, -100)[10 - int(10 * denoise) :][:steps]
    return ended(levels.sigma(timesteps))


def flipped(sigmas: Tensor) -> Tensor:
    """Ascending instead of descending. A first one of 0 becomes ALMOST_NONE, since samplers divide by it."""
    flipped = sigmas.flip(0)
    if len(flipped) and flipped[0] == 0:
        flipped[0] = ALMOST_NONE
    return flipped


def started_at(sigmas: Tensor, first: float) -> Tensor:
    """Another first sigma. Raises RunError if there is none."""
    if len(sigmas) == 0:
        raise RunError("there are no sigmas, and so no first one")
    return torch.cat([sigmas.new_tensor([first]), sigmas[1:]])


def extended(sigmas: Tensor, steps: int, start: float, end: float, spacing: str) -> Tensor:
    """Each step from a sigma between `start` (below 0: above all) and `end` in so many smaller ones.

    These are as wide as each other ("linear"), or the wider the sooner ("cosine") or the later ("sine") they are.
    """
    start = math.inf if start < 0 else start
    shares = torch.linspace(0, 1, steps + 1)[1:-1]
    if spacing == "cosine":
        shares = (shares * math.pi / 2).sin()
    elif spacing == "sine":
        shares = 1 - (shares * math.pi / 2).cos()
    parts = []
    for sigma, sigma_next in pairwise(sigmas):
        parts.append(sigma.reshape(1))
        if end <= sigma <= start:
            parts.append(shares * (sigma_next - sigma) + sigma)
    return torch.cat([*parts, sigmas[-1:]])


def written(text: str) -> Tensor:
    """The numbers in a text, as ComfyUI finds them: none has an exponent. Raises RunError for one with two points."""
    numbers = WRITTEN.findall(text)
    if any(number.count(".") > 1 for number in numbers):
        raise RunError(f"{shown(text)} has a number with several points", hint="write sigmas as in 14.6, 7, 0.5, 0")
    return torch.tensor([float(number) for number in numbers])


def ended(sigmas: Tensor) -> Tensor:
    """Sigmas with a 0 at the end."""
    return torch.cat([sigmas, sigmas.new_zeros(1)]).float()


def _logarithms(low: float, high: float) -> tuple[float, float]:
    if low <= 0 or high <= 0:
        raise RunError(f"the sigmas from {high:g} to {low:g} have no logarithms", hint="take ends above 0")
    return math.log(low), math.log(high)
