"""Schedules: which sigmas a sampler goes through.

    def karras(levels: NoiseLevels, steps: int) -> Tensor      # (steps + 1,), float32, descending, the last 0

Some schedules of ComfyUI give another length for some numbers of steps; that is part of what a workflow means.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from scipy.special import betaincinv
from torch import Tensor

from wftools.diffusion.sampling import spacings
from wftools.diffusion.sampling.spacings import ended
from wftools.errors import RunError
from wftools.values import NoiseLevels

Schedule = Callable[[NoiseLevels, int], Tensor]

NEARLY_ZERO: Final = 1e-5


def simple(levels: NoiseLevels, steps: int) -> Tensor:
    """Entries of the table at even distances from its end."""
    table = levels.sigmas
    stride = len(table) / steps
    return ended(torch.stack([table[-(1 + int(i * stride))] for i in range(steps)]))


def normal(levels: NoiseLevels, steps: int) -> Tensor:
    """Timesteps at even distances, both ends of the table included."""
    start, end = _timestep_range(levels)
    reaches_zero = math.isclose(float(levels.sigma(end)), 0.0, abs_tol=NEARLY_ZERO)
    timesteps = torch.linspace(float(start), float(end), steps + reaches_zero)
    sigmas = torch.stack([levels.sigma(timestep) for timestep in timesteps])
    return sigmas.float() if reaches_zero else ended(sigmas)


def sgm_uniform(levels: NoiseLevels, steps: int) -> Tensor:
    """Timesteps at even distances, of which the last is left out."""
    start, end = _timestep_range(levels)
    timesteps = torch.linspace(float(start), float(end), steps + 1)[:-1]
    return ended(torch.stack([levels.sigma(timestep) for timestep in timesteps]))


def ddim_uniform(levels: NoiseLevels, steps: int) -> Tensor:
    """Every n-th entry of the table (Song et al. 2020), n rounded down, so there may be more than steps + 1.

    Where the table starts at 0 already, its own entry is the end, and n is that of one step more.
    """
    table = levels.sigmas
    reaches_zero = math.isclose(float(table[1]), 0.0, abs_tol=NEARLY_ZERO)
    stride = max(len(table) // (steps + reaches_zero), 1)
    sigmas = table[1::stride].flip(0)
    return sigmas.float() if reaches_zero else ended(sigmas)


def karras(levels: NoiseLevels, steps: int) -> Tensor:
    """Even distances in sigma ** (1 / 7). Karras et al. 2022, equation 5."""
    return spacings.karras(steps, *_sigma_range(levels))


def exponential(levels: NoiseLevels, steps: int) -> Tensor:
    """Even distances in the logarithm."""
    return spacings.exponential(steps, *_sigma_range(levels))


def beta(levels: NoiseLevels, steps: int, a: float = 0.6, b: float = 0.6) -> Tensor:
    """Entries of the table at quantiles of a beta distribution, each once. Lee et al. 2024, arXiv 2407.12173.

    Raises RunError for parameters that are no beta distribution's.
    """
    if a <= 0 or b <= 0:
        raise RunError(f"there is no beta distribution with alpha {a:g} and beta {b:g}", hint="take two above 0")
    table = levels.sigmas
    quantiles = betaincinv(a, b, 1 - np.linspace(0, 1, steps, endpoint=False))
    indices = dict.fromkeys(np.rint(quantiles * (len(table) - 1)).astype(int).tolist())
    return ended(table[list(indices)])


def kl_optimal(levels: NoiseLevels, steps: int) -> Tensor:
    """Even distances in the arc tangent (Sabour et al. 2024, "Align Your Steps"). Not a number for one step."""
    low, high = _sigma_range(levels)
    share = torch.arange(steps, dtype=torch.float) / (steps - 1)
    return ended((share * math.atan(low) + (1 - share) * math.atan(high)).tan())


def linear_quadratic(levels: NoiseLevels, steps: int, threshold: float = 0.025) -> Tensor:
    """A line down to 1 - threshold of the noise, then the parabola that goes on from it to 0. Genmo 2024, Mochi."""
    if steps == 1:
        return torch.tensor([1.0, 0.0]) * levels.sigmas[-1]
    linear = steps // 2
    index = torch.arange(steps + 1, dtype=torch.float64)
    line = threshold * index / linear
    bend = (1.0 - threshold * steps / linear) / (steps - linear) ** 2
    shares = 1.0 - line - bend * (index - linear).clamp(min=0.0) ** 2
    shares[-1] = 0.0  # but for rounding it is
    return shares.float() * levels.sigmas[-1]


def _sigma_range(levels: NoiseLevels) -> tuple[float, float]:
    return float(levels.sigmas[0]), float(levels.sigmas[-1])


def _timestep_range(levels: NoiseLevels) -> tuple[Tensor, Tensor]:
    """First and last timestep, in the order of sampling."""
    return levels.timestep(levels.sigmas[-1]), levels.timestep(levels.sigmas[0])
