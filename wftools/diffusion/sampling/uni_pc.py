"""UniPC (Zhao et al. 2023, arXiv 2302.04867): a predictor and a corrector that share their calls of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.sampling.step import Noise, Step, Steps, weighted_sum

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Denoise

MAX_ORDER: Final = 3
LAST_SIGMA: Final = 0.001  # where it ends instead of at 0, which has no logarithm


def uni_pc(denoise: Denoise, x: Tensor, sigmas: Tensor, noise: Noise, *, variant: str = "bh1") -> Steps:  # noqa: ARG001
    """The multistep method with B(h) = -h ("bh1") or exp(-h) - 1 ("bh2"), h the width of a step in -ln(sigma).

    The call at each predicted place corrects x there. The order falls towards the end, whose place is not corrected.
    A run of one step calls the model once and takes nothing of it, as ComfyUI has it: x is but brought to the variance
    of its last sigma.
    """
    steps = len(sigmas) - 1
    if steps < 1:
        return x
    ends_at_zero = sigmas[-1] == 0
    if ends_at_zero:
        sigmas = torch.cat([sigmas[:-1], sigmas.new_tensor([LAST_SIGMA])])
    # As ComfyUI rounds: by the variances of latent and noise, whose difference from 1 float32 hardly holds at the end.
    log_alpha = 0.5 * (1 / (sigmas**2 + 1)).log()
    noise_variance = 1 - (2 * log_alpha).exp()
    times = log_alpha - 0.5 * noise_variance.log()
    deviations = noise_variance.sqrt() / log_alpha.exp()
    denoised = denoise(x, sigmas[0])
    yield Step(0, sigmas[0], x, denoised)
    if steps == 1:
        x = x * ((1 + sigmas[1] ** 2) / (1 + sigmas[0] ** 2)) ** 0.5
    latents = [denoised]  # the last one first
    for index in range(1, steps + 1 if steps > 1 else 1):
        order = min(index, MAX_ORDER, steps - 1, steps + 1 - index)
        h = times[index] - times[index - 1]
        b = -h if variant == "bh1" else (-h).expm1()
        ratios = (times[index - order : index - 1].flip(0) - times[index - 1]) / h
        changes = [(latent - latents[0]) / ratio for latent, ratio in zip(latents[1:order], ratios, strict=True)]
        predictor, corrector = _coefficients(ratios, h, b)
        moved = deviations[index] / deviations[index - 1] * x - (-h).expm1() * latents[0]
        predicted = moved - b * weighted_sum(predictor, changes) if changes else moved
        if index == steps:
            x = predicted
            break
        denoised = denoise(predicted, sigmas[index])
        yield Step(index, sigmas[index], predicted, denoised)
        x = moved - b * weighted_sum(corrector, [*changes, denoised - latents[0]])
        latents = [denoised, *latents][:MAX_ORDER]
    # ComfyUI brings a flow to its own scale from the sigma where it ended.
    return x / denoise.parametrisation.alpha(sigmas[-1]) if ends_at_zero else x


def _coefficients(ratios: Tensor, h: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """What the changes to the latents before count for in the predictor, and with that to the new one in the corrector.

    Equation 8 of the paper; one half where there is but one.
    """
    half = h.new_tensor([0.5])
    places = torch.cat([ratios, h.new_ones(1)])
    matrix = torch.stack([places**power for power in range(len(places))])
    phi, factorial, right = (-h).expm1() / -h - 1, 1, []
    for order in range(2, len(places) + 2):
        right.append(phi * factorial / b)
        factorial *= order
        phi = phi / -h - 1 / factorial
    values = torch.stack(right)
    predictor = half if len(ratios) == 1 else torch.linalg.solve(matrix[:-1, :-1], values[:-1])
    corrector = half if len(ratios) == 0 else torch.linalg.solve(matrix, values)
    return predictor, corrector
