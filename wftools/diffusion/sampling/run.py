"""Sampling from beginning to end: what the nodes do that sample."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import torch
from torch import Tensor

from wftools.diffusion.guidance.cfg import Cfg
from wftools.diffusion.latents import at_network_scale, check_form, fitted
from wftools.diffusion.sampling import SAMPLERS, Solver, sampler, schedule
from wftools.diffusion.sampling.mask import MaskedDenoise, fitted_mask
from wftools.diffusion.sampling.noise import InitialNoise, generator, initial_noise, noise_of
from wftools.diffusion.sampling.step import Step, drive
from wftools.errors import RunError
from wftools.values import Denoise, Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.context import Context
    from wftools.values import Conditioning, Guider, Latent, Model, NoiseLevels

FULL_DENOISE: Final = 0.9999  # a denoise above this is a whole run
MOST_STEPS: Final = 1_000_000  # of a whole run: the most steps of a widget at the least share of one


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
    sigmas = sigmas_of(model.parametrisation.levels, schedule_name, sampler_name, steps, denoise)
    guider, noise = Cfg(model, positive, negative, cfg), InitialNoise(seed)
    return sample_along(sigmas, guider, sampler(sampler_name), noise, latent, context=context).output


def sample_section(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    latent: Latent,
    *,
    noise: InitialNoise,
    steps: int,
    cfg: float,
    sampler_name: str,
    schedule_name: str,
    start: int,
    end: int,
    leaves_noise: bool,
    context: Context,
) -> Latent:
    """The same from one step of a whole run to another, which may leave the noise of the latter's sigma.

    A section without a step leaves the latent as it is.
    """
    sigmas = sigmas_of(model.parametrisation.levels, schedule_name, sampler_name, steps, 1.0)
    if end < len(sigmas) - 1:
        sigmas = sigmas[: end + 1]
        if not leaves_noise:
            sigmas = torch.cat([sigmas[:-1], torch.zeros(1)])
    sigmas = sigmas[start:] if start < len(sigmas) - 1 else torch.zeros(0)
    guider = Cfg(model, positive, negative, cfg)
    return sample_along(sigmas, guider, sampler(sampler_name), noise, latent, context=context).output


class Sampled(NamedTuple):
    """What a run gives."""

    output: Latent
    denoised: Latent  # what the last step made of the latent there; the output, if there was no step


def sample_along(
    sigmas: Tensor, guider: Guider, solver: Solver, noise: InitialNoise, latent: Latent, *, context: Context
) -> Sampled:
    """Noise a latent and take it along the sigmas. Raises RunError if it is not of the model's kind."""
    form = guider.model.latent_format
    latent = fitted(latent, form)
    source = generator(noise.seed)
    seen: list[Tensor] = []

    def report(step: Step) -> None:
        seen[:] = [step.denoised]
        # At least as many as are done, where a sampler did not know before.
        context.step(step.index + 1, max(step.index + 1, step.total or len(sigmas) - 1))

    samples = integrate(
        guider,
        solver,
        sigmas=sigmas,
        latent=latent,
        noise=noise.draw(latent, source),
        seed=noise.seed,
        source=source,
        report=report,
    )
    output = replace(latent, samples=samples, downscale_ratio_spacial=None)
    return Sampled(output, replace(latent, samples=form.from_network(seen[0].float().cpu())) if seen else output)


def noised(model: Model, latent: Latent, noise: InitialNoise, sigmas: Tensor) -> Latent:
    """A latent with noise of the first sigma, or of as much as there is from the first to the last of several."""
    if len(sigmas) == 0:
        return latent
    scale = (sigmas[0] - sigmas[-1]).abs() if len(sigmas) > 1 else sigmas[0]
    start = at_network_scale(latent.samples, model.latent_format)
    x = model.parametrisation.noised(start, noise.draw(latent, generator(noise.seed)), scale)
    samples = model.latent_format.from_network(x)
    return replace(latent, samples=samples.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0))


def sigmas_of(levels: NoiseLevels, schedule_name: str, sampler_name: str, steps: int, denoise: float) -> Tensor:
    """The sigmas of a run, empty if there is nothing to do."""
    if denoise <= 0:
        return torch.zeros(0)
    total = steps if denoise > FULL_DENOISE else _whole(steps, denoise)
    if sampler_name in SAMPLERS and SAMPLERS[sampler_name].skips_penultimate:
        sigmas = schedule(schedule_name)(levels, total + 1)
        sigmas = torch.cat([sigmas[:-2], sigmas[-1:]])
    else:
        sigmas = schedule(schedule_name)(levels, total)
    return sigmas if denoise > FULL_DENOISE else sigmas[-(steps + 1) :]


def last_sigmas(levels: NoiseLevels, schedule_name: str, steps: int, denoise: float) -> Tensor:
    """The last `steps` steps of a schedule with steps / denoise of them; none with a denoise of 0."""
    if denoise <= 0:
        return torch.zeros(0)
    return schedule(schedule_name)(levels, _whole(steps, denoise))[-(steps + 1) :]


def _whole(steps: int, denoise: float) -> int:
    """How many steps a run has of which these are the share `denoise`. Raises RunError for more than MOST_STEPS."""
    whole = steps / denoise
    if not whole <= MOST_STEPS:
        raise RunError(
            f"with a denoise of {denoise:g} the {steps} steps are the last of {whole:g}",
            hint=f"0 runs none; otherwise {steps / MOST_STEPS:g} is the least for so many steps",
        )
    return int(whole)


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
    if len(latent.samples) == 0:
        raise RunError("the latent holds no picture")
    device = model.device
    start = at_network_scale(latent.samples, model.latent_format).float().to(device)
    noise = noise.float() if model.guidance.noise is None else model.guidance.noise(noise.float(), seed)
    noise = noise.to(device)
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
    # Where ComfyUI leaves torch's own generator: the training of an adapter goes on there.
    torch.set_rng_state(source.get_state())
    x = model.parametrisation.finish(x, sigmas[-1])
    return model.latent_format.from_network(x.float().cpu())
