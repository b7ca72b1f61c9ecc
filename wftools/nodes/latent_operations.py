"""Nodes of the category model/latent/advanced/operations."""

from dataclasses import replace
from typing import Annotated

from wftools.catalog.declare import LATENT, LATENT_OPERATION, MODEL, Float, Int, node


@node("LatentApplyOperation", category="model/latent/advanced/operations", experimental=True)
def latent_apply_operation(*, samples: LATENT, operation: LATENT_OPERATION) -> LATENT:
    """A latent after an operation."""
    return replace(samples, samples=operation(samples.samples))


@node("LatentApplyOperationCFG", category="model/latent/advanced/operations", experimental=True)
def latent_apply_operation_cfg(*, model: MODEL, operation: LATENT_OPERATION) -> MODEL:
    """The operation on the difference by which a model is guided, at every step."""
    from wftools.diffusion.guidance.techniques.operated import operated_guidance

    return operated_guidance(model, operation)


@node("LatentOperationTonemapReinhard", category="model/latent/advanced/operations", experimental=True)
def latent_operation_tonemap_reinhard(
    *, multiplier: Annotated[float, Float(0.0, 100.0, step=0.01)] = 1.0
) -> LATENT_OPERATION:
    """Cells that are far longer than the others are shortened; the lower `multiplier`, the more."""
    from wftools.diffusion.latent_operations import TonemapReinhard

    return TonemapReinhard(multiplier)


@node("LatentOperationSharpen", category="model/latent/advanced/operations", experimental=True)
def latent_operation_sharpen(
    *,
    sharpen_radius: Annotated[int, Int(1, 31, step=1)] = 9,
    sigma: Annotated[float, Float(0.1, 10.0, step=0.1)] = 1.0,
    alpha: Annotated[float, Float(0.0, 5.0, step=0.01)] = 0.1,
) -> LATENT_OPERATION:
    """Directions of cells differ more from those around them; their lengths stay."""
    from wftools.diffusion.latent_operations import Sharpen

    return Sharpen(sharpen_radius, sigma, alpha)
