"""Nodes of the category model/latent/advanced: arithmetic of latents."""

from dataclasses import replace
from typing import Annotated

from wftools.catalog.declare import LATENT, Float, Int, choice, node
from wftools.nodes._widgets import MAX_RESOLUTION, Share


@node("LatentAdd", category="model/latent/advanced")
def latent_add(*, samples1: LATENT, samples2: LATENT) -> LATENT:
    """The sum of two latents, the second at the size of the first."""
    from wftools.diffusion.latent_arithmetic import combined

    return combined(samples1, samples2, 1)


@node("LatentSubtract", category="model/latent/advanced")
def latent_subtract(*, samples1: LATENT, samples2: LATENT) -> LATENT:
    """The first latent less the second, which is brought to its size."""
    from wftools.diffusion.latent_arithmetic import combined

    return combined(samples1, samples2, -1)


@node("LatentMultiply", category="model/latent/advanced")
def latent_multiply(*, samples: LATENT, multiplier: Annotated[float, Float(-10.0, 10.0, step=0.01)] = 1.0) -> LATENT:
    """A latent times a number."""
    return replace(samples, samples=samples.samples * multiplier)


@node("LatentInterpolate", category="model/latent/advanced")
def latent_interpolate(*, samples1: LATENT, samples2: LATENT, ratio: Share = 1.0) -> LATENT:
    """Between two latents, direction and length of each cell by themselves; a ratio of 1 is the first."""
    from wftools.diffusion.latent_arithmetic import interpolated

    return interpolated(samples1, samples2, ratio)


@node("LatentConcat", category="model/latent/advanced")
def latent_concat(
    *, samples1: LATENT, samples2: LATENT, dim: Annotated[str, choice(("x", "-x", "y", "-y", "t", "-t"))]
) -> LATENT:
    """Two latents side by side along an axis; with "-" the second comes first."""
    from wftools.diffusion.latent_arithmetic import joined

    return joined(samples1, samples2, dim)


@node("LatentCut", category="model/latent/advanced")
def latent_cut(
    *,
    samples: LATENT,
    dim: Annotated[str, choice(("x", "y", "t"))],
    index: Annotated[int, Int(-MAX_RESOLUTION, MAX_RESOLUTION, step=1)] = 0,
    amount: Annotated[int, Int(1, MAX_RESOLUTION, step=1)] = 1,
) -> LATENT:
    """So many cells along an axis from `index` on, counted from the end if it is negative."""
    from wftools.diffusion.latent_arithmetic import cut

    return cut(samples, dim, index, amount)


@node("LatentCutToBatch", category="model/latent/advanced")
def latent_cut_to_batch(
    *,
    samples: LATENT,
    dim: Annotated[str, choice(("t", "x", "y"))],
    slice_size: Annotated[int, Int(1, MAX_RESOLUTION, step=1)] = 1,
) -> LATENT:
    """The slices of a latent along an axis as a batch."""
    from wftools.diffusion.latent_arithmetic import cut_to_batch

    return cut_to_batch(samples, dim, slice_size)


@node("LatentBatchSeedBehavior", category="model/latent/advanced")
def latent_batch_seed_behavior(
    *, samples: LATENT, seed_behavior: Annotated[str, choice(("random", "fixed"))] = "fixed"
) -> LATENT:
    """A batch whose samples each get noise of their own, or all the same."""
    from wftools.diffusion.latent_arithmetic import seeded_alike

    return seeded_alike(samples) if seed_behavior == "fixed" else replace(samples, batch_index=None)
