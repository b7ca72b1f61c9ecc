"""Nodes of the category "model/sampling/noise"."""

from wftools.catalog.declare import LATENT, MODEL, NOISE, SIGMAS, Seed, node

_CATEGORY = "model/sampling/noise"


@node("RandomNoise", category=_CATEGORY)
def random_noise(*, noise_seed: Seed = 0) -> NOISE:
    """The noise of a seed."""
    from wftools.diffusion.sampling.noise import InitialNoise

    return InitialNoise(noise_seed)


@node("DisableNoise", category=_CATEGORY)
def disable_noise() -> NOISE:
    """No noise at the start. Samplers that add some on their way draw that of the seed 0."""
    from wftools.diffusion.sampling.noise import InitialNoise

    return InitialNoise(0, is_empty=True)


@node("AddNoise", category=_CATEGORY, experimental=True)
def add_noise(*, model: MODEL, noise: NOISE, sigmas: SIGMAS, latent_image: LATENT) -> LATENT:
    """A latent with noise, of as much as the model has between the first and the last sigma."""
    from wftools.diffusion.sampling.run import noised

    return noised(model, latent_image, noise, sigmas)
