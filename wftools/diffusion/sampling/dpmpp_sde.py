"""DPM-Solver++ for the stochastic equation (Lu et al. 2022): exponential integrators with noise of a Brownian path."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from wftools.diffusion.sampling.ancestral import down_and_up
from wftools.diffusion.sampling.snr import half_log_snr, started
from wftools.diffusion.sampling.step import Noise, Step, Steps
from wftools.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise


def dpmpp_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,
    *,
    eta: float = 1.0,
    s_noise: float = 1.0,
    r: float = 0.5,
) -> Steps:
    """The single-step solver of second order: a call at r of each step, in half log SNR.

    Written for the latent at its own scale, y = x / alpha with noise of deviation sigma / alpha, so that it holds for
    flows too. Raises RunError for an r of 0.
    """
    if r == 0:
        raise RunError("dpmpp_sde asks the model at r of each step, which must be above 0")
    alpha = denoise.parametrisation.alpha
    sigmas = started(denoise, sigmas)
    s_noise = s_noise * denoise.parametrisation.noise_scale

    def moved(y: Tensor, towards: Tensor, span: tuple[Tensor, Tensor], times: tuple[Tensor, Tensor]) -> Tensor:
        """From one deviation to another, as if the network said `towards` all the way."""
        down, up = down_and_up(*span, eta)
        y = down / span[0] * y + (1.0 - down / span[0]) * towards
        return y + noise(*times) * s_noise * up if eta and s_noise else y

    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        if sigma_next == 0:
            x = denoised
            continue
        start, end = sigma / alpha(sigma), sigma_next / alpha(sigma_next)
        # By logarithms as ComfyUI rounds: the timestep is the nearest entry of a table, where another last bit shows.
        middle = start.log().lerp(end.log(), r).exp()
        sigma_middle = middle / (1.0 + middle) if denoise.parametrisation.is_flow else middle
        y = moved(x / alpha(sigma), denoised, (start, middle), (sigma, sigma_middle))
        denoised_middle = denoise(y * alpha(sigma_middle), sigma_middle)
        share = 1.0 / (2.0 * r)
        towards = (1.0 - share) * denoised + share * denoised_middle
        x = moved(x / alpha(sigma), towards, (start, end), (sigma, sigma_next)) * alpha(sigma_next)
    return x


def dpmpp_2m_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,
    *,
    eta: float = 1.0,
    s_noise: float = 1.0,
    solver_type: str = "midpoint",
) -> Steps:
    """Second order by the step before; `solver_type` "midpoint" or "heun" says how its difference counts."""
    sigmas = started(denoise, sigmas)
    s_noise = s_noise * denoise.parametrisation.noise_scale
    previous: tuple[Tensor, Tensor] | None = None  # the step before: its denoised latent, its width
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        if sigma_next == 0:
            x = denoised
            continue
        step = _reverse_step(denoise, sigma, sigma_next, eta)
        x = step.first_order(x, denoised)
        if previous is not None:
            denoised_before, width_before = previous
            change = (denoised - denoised_before) * step.width / width_before
            weight = step.phi_2 if solver_type == "heun" else 0.5 * step.phi_1
            x = x + step.alpha * weight * change
        if eta and s_noise:
            x = x + noise(sigma, sigma_next) * step.up * s_noise
        previous = denoised, step.width
    return x


def dpmpp_3m_sde(
    denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, eta: float = 1.0, s_noise: float = 1.0
) -> Steps:
    """Third order by the two steps before (Crowson 2023, k-diffusion); second and first order at the start."""
    sigmas = started(denoise, sigmas)
    s_noise = s_noise * denoise.parametrisation.noise_scale
    before: list[tuple[Tensor, Tensor]] = []  # the steps before, the last one first: their denoised latents, widths
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        if sigma_next == 0:
            x = denoised
            continue
        step = _reverse_step(denoise, sigma, sigma_next, eta)
        x = step.first_order(x, denoised)
        if before:
            r0 = before[0][1] / step.width
            slope = (denoised - before[0][0]) / r0
            if len(before) == 2:
                r1 = before[1][1] / step.width
                bend = (slope - (before[0][0] - before[1][0]) / r1) / (r0 + r1)
                slope = slope + bend * r0
                x = x - step.alpha * step.phi_3 * bend
            x = x + step.alpha * step.phi_2 * slope
        if eta and s_noise:
            x = x + noise(sigma, sigma_next) * step.up * s_noise
        before = [(denoised, step.width), *before[:1]]
    return x


class _ReverseStep(NamedTuple):
    """The coefficients of a step from one sigma to the next in the reverse-time equation."""

    width: Tensor  # in half log SNR
    keep: Tensor  # what x counts for
    alpha: Tensor  # what is left of the latent at the next sigma
    phi_1: Tensor  # times alpha: what the denoised latent counts for, and its changes by order
    phi_2: Tensor
    phi_3: Tensor
    up: Tensor  # the deviation of the noise

    def first_order(self, x: Tensor, denoised: Tensor) -> Tensor:
        """The latent at the next sigma, as if the network said the same all the way; without its noise."""
        return self.keep * x + self.alpha * self.phi_1 * denoised


def _reverse_step(denoise: Denoise, sigma: Tensor, sigma_next: Tensor, eta: float) -> _ReverseStep:
    """Eta scales the noise: 0 is the equation without any."""
    start, end = (half_log_snr(denoise.parametrisation, each) for each in (sigma, sigma_next))
    width = end - start
    span = width * (eta + 1)
    phi_1 = -(-span).expm1()
    phi_2 = 1.0 - phi_1 / span
    return _ReverseStep(
        width,
        keep=sigma_next / sigma * (-width * eta).exp(),
        alpha=sigma_next * end.exp(),
        phi_1=phi_1,
        phi_2=phi_2,
        phi_3=phi_2 / span - 0.5,
        up=sigma_next * (-(-2 * width * eta).expm1()).sqrt(),
    )
