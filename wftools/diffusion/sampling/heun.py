"""Second order by correction."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftools.diffusion.sampling.step import Noise, Step, Steps

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise


def heun(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """Karras et al. 2022, algorithm 2 without churn: the mean of the slopes at both ends of a step."""
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        slope = (x - denoised) / sigma
        width = sigma_next - sigma
        predicted = x + slope * width
        if sigma_next == 0:
            x = predicted
        else:
            slope_next = (predicted - denoise(predicted, sigma_next)) / sigma_next
            x = x + (slope + slope_next) / 2 * width
    return x


def heunpp2(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise) -> Steps:  # noqa: ARG001
    """Heun++ (Carzit 2023, sd-webui-samplers-scheduler): slopes two sigmas ahead, weighted by how low these are.

    A slope weighs as its sigma does beside the first one, so that the correction fades on the way. The last step but
    one looks ahead once, the last one not at all.
    """
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma)
        yield Step(index, sigma, x, denoised)
        slope = (x - denoised) / sigma
        width = sigma_next - sigma
        if sigma_next == sigmas[-1]:
            x = x + slope * width
            continue
        ahead = sigmas[index + 1 : index + 3]
        if ahead[1] == sigmas[-1]:
            ahead = ahead[:1]
        shares = ahead / ((len(ahead) + 1) * sigmas[0])
        mean = slope * (1.0 - shares.sum())
        at, x_ahead, slope_ahead = sigma, x, slope
        for share, sigma_ahead in zip(shares, ahead, strict=True):
            x_ahead = x_ahead + slope_ahead * (sigma_ahead - at)
            slope_ahead = (x_ahead - denoise(x_ahead, sigma_ahead)) / sigma_ahead
            mean = mean + slope_ahead * share
            at = sigma_ahead
        x = x + mean * width
    return x
