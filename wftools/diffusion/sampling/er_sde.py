"""ER-SDE (Cui et al. 2023, arXiv 2309.06169): the reverse-time equation with any measure of noise."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.sampling.snr import half_log_snr, started
from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise

INTEGRATION_POINTS: Final = 200

ER_SDE, REVERSE_TIME, ODE = "ER-SDE", "Reverse-time SDE", "ODE"


def er_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,
    *,
    solver_type: str = ER_SDE,
    max_stage: int = 3,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Steps:
    """VP ER-SDE-Solver-3, less with fewer stages: a stage more for each step that there was.

    Time is sigma / alpha, the deviation of noise in a latent at its own scale. `solver_type` chooses how much noise
    there is at a time, which eta scales: with 0, or as "ODE", there is none.
    """
    parametrisation = denoise.parametrisation
    if solver_type == ODE or eta == 0:
        solver_type, s_noise = ODE, 0.0
    s_noise = s_noise * parametrisation.noise_scale
    sigmas = started(denoise, sigmas)
    times = (-half_log_snr(parametrisation, sigmas)).exp()
    before: list[Tensor] = []  # of the step before: its denoised latent, and how that changed
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        if sigma_next == 0:
            x = denoised
            continue
        time, time_next = times[index], times[index + 1]
        alpha, alpha_next = sigma / time, sigma_next / time_next
        phi_next = _noise_measure(time_next, solver_type, eta)
        r = phi_next / _noise_measure(time, solver_type, eta)
        x = alpha_next / alpha * r * x + alpha_next * (1 - r) * denoised
        changes = [denoised]
        if before and max_stage > 1:
            width = time_next - time
            share = -width / INTEGRATION_POINTS
            points = time_next + torch.arange(INTEGRATION_POINTS, dtype=x.dtype, device=x.device) * share
            measures = _noise_measure(points, solver_type, eta)
            slope = (denoised - before[0]) / (time - times[index - 1])
            x = x + alpha_next * (width + (1 / measures).sum() * share * phi_next) * slope
            changes.append(slope)
            if len(before) > 1 and max_stage > 2:
                bend = (slope - before[1]) / ((time - times[index - 2]) / 2)
                moment = ((points - time) / measures).sum() * share
                x = x + alpha_next * (width**2 / 2 + moment * phi_next) * bend
        if s_noise:
            up = (time_next**2 - time**2 * r**2).sqrt().nan_to_num(nan=0.0)
            x = x + alpha_next * noise(sigma, sigma_next) * s_noise * up
        before = changes
    return x


def _noise_measure(time: Tensor, solver_type: str, eta: float) -> Tensor:
    """Phi of the paper: it grows with the noise that a solver adds."""
    if solver_type == ODE:
        return time
    if solver_type == REVERSE_TIME:
        return time ** (eta + 1)
    return time * ((time**0.3).exp() + 10.0) ** eta
