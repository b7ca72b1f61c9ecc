"""Sampling from beginning to end: what the KSampler nodes do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from wftools.diffusion.latents import check_form, fitted
from wftools.diffusion.sampling import WITHOUT_PENULTIMATE, sampler, schedule
from wftools.diffusion.sampling.guidance import Cfg
from wftools.diffusion.sampling.mask import MaskedDenoise, fitted_mask
from wftools.diffusion.sampling.noise import generator, initial_noise, stepwise_noise
from wftools.diffusion.sampling.step import Denoise, Sampler, Step, drive
from wftools.values import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.context import Context
    from wftools.values import Conditioning, Latent, Model, NoiseLevels

FULL: Final = 0.9999  # a denoise above this is a whole run


def sample(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    latent: Latent,
    *,
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    schedule_name: str,
    denoise: float = 1.0,
    context: Context,
) -> Latent:
    """Noise a latent and denoise it again, guided towards `positive` and away from `negative`.

    With denoise < 1 only the last `steps` of steps / denoise are run; with 0 the latent stays as it is. Raises
    RunError for a sampler or schedule that is not there, or a latent that is not of the model's kind.
    """
    latent = fitted(latent, model.latent_format)
    sigmas = sigmas_of(model.parametrisation.levels, schedule_name, sampler_name, steps, denoise)
    noise = initial_noise(latent.samples, generator(seed), latent.batch_index)
    samples = integrate(
        model,
        partial(Cfg, model, positive, negative, cfg),
        sampler(sampler_name),
        sigmas=sigmas,
        latent=latent,
        noise=noise,
        seed=seed,
        report=_progress(context, sigmas),
    )
    return replace(latent, samples=samples, downscale_ratio_spacial=None)


def sigmas_of(levels: NoiseLevels, schedule_name: str, sampler_name: str, steps: int, denoise: float) -> Tensor:
    """The sigmas of a run, empty if there is nothing to do."""
    if denoise <= 0:
        return torch.zeros(0)
    total = steps if denoise > FULL else int(steps / denoise)
    if sampler_name in WITHOUT_PENULTIMATE:
        sigmas = schedule(schedule_name)(levels, total + 1)
        sigmas = torch.cat([sigmas[:-2], sigmas[-1:]])
    else:
        sigmas = schedule(schedule_name)(levels, total)
    return sigmas if denoise > FULL else sigmas[-(steps + 1) :]


def integrate(
    model: Model,
    guide: Callable[[Sampling], Denoise],
    sampler: Sampler,
    *,
    sigmas: Tensor,
    latent: Latent,
    noise: Tensor,
    seed: int,
    report: Callable[[Step], None],
) -> Tensor:
    """Take a latent with noise along the sigmas, guided by what `guide` makes for this run.

    Returns samples on the CPU, float32, in the VAE's scale.
    """
    if len(sigmas) == 0:
        return latent.samples
    check_form(latent.samples, model.latent_format.channels, model.latent_format.dimensions, "the model")
    device = model.device
    start = model.latent_format.to_network(latent.samples).to(device)
    noise = noise.to(device)
    sigmas = sigmas.to(device)
    mask = None if latent.noise_mask is None else fitted_mask(latent.noise_mask, start)
    guided = guide(Sampling(start, noise, mask))
    denoise = guided if mask is None else MaskedDenoise(guided, model.parametrisation, mask, start, noise)
    x = model.parametrisation.start(start, noise, sigmas[0])
    with torch.no_grad():
        x = drive(sampler(denoise, x, sigmas, stepwise_noise(x, seed)), report)
    x = model.parametrisation.finish(x, sigmas[-1])
    return model.latent_format.from_network(x.float().cpu())


def _progress(context: Context, sigmas: Tensor) -> Callable[[Step], None]:
    total = len(sigmas) - 1
    return lambda step: context.step(step.index + 1, total)
