"""Nodes of the category model/sampling."""

from typing import Annotated

from wftools.catalog.declare import CONDITIONING, CONTEXT, LATENT, MODEL, Float, Int, Seed, choice, node
from wftools.diffusion.sampling import SAMPLERS, SCHEDULES


@node("KSampler", category="model/sampling")
def k_sampler(
    *,
    model: MODEL,
    seed: Seed = 0,
    steps: Annotated[int, Int(1, 10_000)] = 20,
    cfg: Annotated[float, Float(0.0, 100.0, step=0.1, round=0.01)] = 8.0,
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
