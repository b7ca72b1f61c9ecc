"""Nodes of the categories "model/sampling" and "model/sampling/custom": those that sample."""

from typing import Annotated

from wftools.catalog.declare import (
    BOOLEAN,
    CONDITIONING,
    CONTEXT,
    GUIDER,
    LATENT,
    MODEL,
    NOISE,
    SAMPLER,
    SIGMAS,
    Float,
    Int,
    Seed,
    choice,
    node,
)
from wftools.diffusion.sampling import SAMPLERS, SCHEDULES
from wftools.nodes._widgets import Cfg, Steps


@node("KSampler", category="model/sampling")
def k_sampler(
    *,
    model: MODEL,
    seed: Seed = 0,
    steps: Steps = 20,
    cfg: Cfg = 8.0,
    sampler_name: Annotated[str, choice(SAMPLERS, listed=True)],
    scheduler: Annotated[str, choice(SCHEDULES, listed=True)],
    positive: CONDITIONING,
    negative: CONDITIONING,
    latent_image: LATENT,
    denoise: Annotated[float, Float(0.0, 1.0, step=0.01)] = 1.0,
    context: CONTEXT,
) -> LATENT:
    """Denoise a latent, guided towards `positive` and away from `negative`.

    With denoise < 1 only the last `steps` of steps / denoise are run, from latent_image plus noise.
    """
    from wftools.diffusion.sampling.run import sample

    return sample(
        model,
        positive,
        negative,
        latent_image,
        seed=seed,
        steps=steps,
        cfg=cfg,
        sampler_name=sampler_name,
        schedule_name=scheduler,
        denoise=denoise,
        context=context,
    )


@node("KSamplerAdvanced", category="model/sampling", display_name="KSampler (Advanced)")
def k_sampler_advanced(
    *,
    model: MODEL,
    add_noise: Annotated[str, choice(["enable", "disable"], listed=True)],
    noise_seed: Seed = 0,
    steps: Steps = 20,
    cfg: Cfg = 8.0,
    sampler_name: Annotated[str, choice(SAMPLERS, listed=True)],
    scheduler: Annotated[str, choice(SCHEDULES, listed=True)],
    positive: CONDITIONING,
    negative: CONDITIONING,
    latent_image: LATENT,
    start_at_step: Annotated[int, Int(0, 10_000)] = 0,
    end_at_step: Annotated[int, Int(0, 10_000)] = 10_000,
    return_with_leftover_noise: Annotated[str, choice(["disable", "enable"], listed=True)],
    context: CONTEXT,
) -> LATENT:
    """Denoise a latent from one step of a run to another, so that several nodes can share the run."""
    from wftools.diffusion.sampling.noise import InitialNoise
    from wftools.diffusion.sampling.run import sample_section

    return sample_section(
        model,
        positive,
        negative,
        latent_image,
        noise=InitialNoise(noise_seed, is_empty=add_noise == "disable"),
        steps=steps,
        cfg=cfg,
        sampler_name=sampler_name,
        schedule_name=scheduler,
        start=start_at_step,
        end=end_at_step,
        leaves_noise=return_with_leftover_noise == "enable",
        context=context,
    )


@node("SamplerCustom", category="model/sampling/custom", outputs=("output", "denoised_output"))
def sampler_custom(
    *,
    model: MODEL,
    add_noise: BOOLEAN = True,
    noise_seed: Seed = 0,
    cfg: Cfg = 8.0,
    positive: CONDITIONING,
    negative: CONDITIONING,
    sampler: SAMPLER,
    sigmas: SIGMAS,
    latent_image: LATENT,
    context: CONTEXT,
) -> tuple[LATENT, LATENT]:
    """Denoise a latent along sigmas of one's own; the second output is what the last step made of it."""
    from wftools.diffusion.guidance.cfg import Cfg as Guider
    from wftools.diffusion.sampling.noise import InitialNoise
    from wftools.diffusion.sampling.run import sample_along

    noise = InitialNoise(noise_seed, is_empty=not add_noise)
    return sample_along(sigmas, Guider(model, positive, negative, cfg), sampler, noise, latent_image, context=context)


@node("SamplerCustomAdvanced", category="model/sampling/custom", outputs=("output", "denoised_output"))
def sampler_custom_advanced(
    *, noise: NOISE, guider: GUIDER, sampler: SAMPLER, sigmas: SIGMAS, latent_image: LATENT, context: CONTEXT
) -> tuple[LATENT, LATENT]:
    """The same with noise and guidance of one's own."""
    from wftools.diffusion.sampling.run import sample_along

    return sample_along(sigmas, guider, sampler, noise, latent_image, context=context)
