"""DPM-Solver++ (Lu et al. 2022): exponential integrators for the predicted latent, in t = -ln(sigma)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.sampling.ancestral import down_and_up
from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise

AFTER_THE_START: Final = 1e-4  # the share of the way at which ComfyUI starts a flow whose first sigma is 1


def dpmpp_2m(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """Algorithm 2: second order by the step before, one model call a step; first order at both ends."""
    previous: tuple[Tensor, Tensor] | None = None  # the step before: its denoised latent, its width in t
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
    """The single-step solver of second order for the stochastic equation: a call at r of each step, in t.

    Written for the latent at its own scale, y = x / alpha with noise of deviation sigma / alpha, so that it holds for
    flows too.
    """
    alpha = denoise.parametrisation.alpha
    sigmas = _started(denoise, sigmas)

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


def _started(denoise: Denoise, sigmas: Tensor) -> Tensor:
    """The sigmas of a run; a flow's first one, at which nothing of the latent is left, a little lower."""
    if not denoise.parametrisation.is_flow or len(sigmas) < 2 or sigmas[0] < 1:
        return sigmas
    first = denoise.parametrisation.levels.at_percent(AFTER_THE_START)
    return torch.cat([sigmas.new_tensor([first]), sigmas[1:]])
