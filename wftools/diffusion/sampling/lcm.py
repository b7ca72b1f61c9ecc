"""Samplers of consistency models (Song et al. 2023; Luo et al. 2023): to the end at once, and back to a lower sigma."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from wftools.diffusion.sampling.step import Noise, Step, Steps
from wftools.imaging.resample import resample

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise


def lcm(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,
    *,
    s_noise: float = 1.0,
    s_noise_end: float | None = None,
    noise_clip_std: float = 0.0,
) -> Steps:
    """Multistep consistency sampling: the denoised latent, with new noise of the next sigma.

    The noise is scaled by s_noise at the first step, by s_noise_end at the last, evenly between; and held within
    noise_clip_std deviations, unless that is 0.
    """
    steps = len(sigmas) - 1
    scale_end = s_noise if s_noise_end is None else s_noise_end
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        x = denoised
        if sigma_next > 0:
            added = noise(sigma, sigma_next)
            if noise_clip_std > 0:
                limit = noise_clip_std * added.std()
                added = added.clamp(-limit, limit)
            added = added * (s_noise + (scale_end - s_noise) * index / max(steps - 1, 1))
            x = denoise.parametrisation.noised(x, added, sigma_next)
    return x


def lcm_upscale(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    noise: Noise,
    *,
    total_upscale: float = 2.0,
    upscale_steps: int | None = None,
    upscale_method: str = "bislerp",
) -> Steps:
    """The same, with a larger latent after each of the first steps: evenly up to `total_upscale` times its sides.

    `upscale_steps`: how many of the steps do it; None: about half of them, at least one.
    """
    height, width = x.shape[-2:]
    count = max(len(sigmas) // 2, 1) if upscale_steps is None else min(upscale_steps, len(sigmas))
    factors = np.linspace(1.0, total_upscale, count + 1)[1:]
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        x = denoised
        if index < count:
            x = resample(x, round(width * factors[index]), round(height * factors[index]), upscale_method)
        if sigma_next > 0:
            x = x + sigma_next * noise(sigma, sigma_next, x)
    return x
