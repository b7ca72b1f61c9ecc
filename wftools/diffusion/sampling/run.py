"""Sampling from beginning to end: what the KSampler nodes do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from wftools.diffusion.guidance.cfg import Cfg
from wftools.diffusion.latents import check_form, fitted
from wftools.diffusion.sampling import SAMPLERS, Solver, sampler, schedule
from wftools.diffusion.sampling.mask import MaskedDenoise, fitted_mask
from wftools.diffusion.sampling.noise import generator, initial_noise, noise_of
from wftools.diffusion.sampling.step import Step, drive
from wftools.values import Denoise, Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.context import Context
    from wftools.values import Conditioning, Guider, Latent, Model, NoiseLevels

FULL_DENOISE: Final = 0.9999  # a denoise above this is a whole run


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
    source = generator(seed)
    noise = initial_noise(latent.samples, source, latent.batch_index)
    samples = integrate(
        Cfg(model, positive, negative, cfg),
        sampler(sampler_name),
        sigmas=sigmas,
        latent=latent,
        noise=noise,
        seed=seed,
        source=source,
        report=_progress(context, sigmas),
    )
    return replace(latent, samples=samples, downscale_ratio_spacial=None)


def sigmas_of(levels: NoiseLevels, schedule_name: str, sampler_name: str, steps: int, denoise: float) -> Tensor:
    """The sigmas of a run, empty if there is nothing to do."""
    if denoise <= 0:
        return torch.zeros(0)
    total = steps if denoise > FULL_DENOISE else int(steps / denoise)
    if sampler_name in SAMPLERS and SAMPLERS[sampler_name].skips_penultimate:
        sigmas = schedule(schedule_name)(levels, total + 1)
        sigmas = torch.cat([sigmas[:-2], sigmas[-1:]])
    else:
        sigmas = schedule(schedule_name)(levels, total)
    return sigmas if denoise > FULL_DENOISE else sigmas[-(steps + 1) :]


def integrate(
    guider: Guider,
    solver: Solver,
    *,
    sigmas: Tensor,
    latent: Latent,
    noise: Tensor,
    seed: int,
    source: torch.Generator | None = None,
    report: Callable[[Step], None],
) -> Tensor:
    """Take a latent with noise along the sigmas. Returns samples on the CPU, float32, in the VAE's scale.

    `source`: the generator that the noise was drawn from; patches draw from it further.
    """
    model = guider.model
    source = source or generator(seed)
    if len(sigmas) == 0:
        torch.set_rng_state(source.get_state())
        return latent.samples
    check_form(latent.samples, model.latent_format.channels, model.latent_format.dimensions, "the model")
    device = model.device
    start = model.latent_format.to_network(latent.samples).to(device)
    noise = noise.to(device) if model.guidance.noise is None else model.guidance.noise(noise, seed).to(device)
    sigmas = sigmas.to(device)
    mask = None if latent.noise_mask is None else fitted_mask(latent.noise_mask, start)
    sampling = Sampling(start, noise, mask, sigmas, source, seed)
    guider = guider.during(sampling)
    denoise: Denoise = guider
    if mask is not None:
        held = initial_noise(start, generator(seed + 1)).to(device) if solver.masks_anew else noise
        denoise = MaskedDenoise(guider, replace(sampling, noise=held), mask)
    x = model.parametrisation.start(start, noise, sigmas[0])
    with torch.no_grad():
        x = drive(solver(denoise, x, sigmas, noise_of(solver.noise, x, sigmas, seed, source)), report)
    torch.set_rng_state(
        source.get_state()
    )  # where ComfyUI leaves torch's own: the training of an adapter goes on there
    x = model.parametrisation.finish(x, sigmas[-1])
    return model.latent_format.from_network(x.float().cpu())


def _progress(context: Context, sigmas: Tensor) -> Callable[[Step], None]:
    """Tell how many steps are done of how many; at least as many as are done, where a sampler did not know before."""

    def report(step: Step) -> None:
        done = step.index + 1
        context.step(done, max(done, step.total or len(sigmas) - 1))

    return report
