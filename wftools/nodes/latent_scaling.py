"""Nodes of the category model/latent that need no VAE: scaled, composed, masked."""

from dataclasses import replace
from typing import Annotated, Final

from wftools.catalog.declare import BOOLEAN, LATENT, MASK, OPTIONAL, Float, Int, choice, node
from wftools.imaging import CROPS
from wftools.nodes._widgets import MAX_RESOLUTION

RESAMPLING: Final = ("nearest-exact", "bilinear", "area", "bicubic", "bislerp")

Side = Annotated[int, Int(0, MAX_RESOLUTION, step=8)]


@node("LatentUpscale", category="model/latent", display_name="Upscale Latent")
def latent_upscale(
    *,
    samples: LATENT,
    upscale_method: Annotated[str, choice(RESAMPLING, listed=True)],
    width: Side = 512,
    height: Side = 512,
    crop: Annotated[str, choice(CROPS, listed=True)],
) -> LATENT:
    """A latent of so many pixels; a side of 0 follows from the other."""
    from wftools.diffusion.latent_arithmetic import upscaled

    return upscaled(samples, upscale_method, width, height, crop)


@node("LatentUpscaleBy", category="model/latent", display_name="Upscale Latent By")
def latent_upscale_by(
    *,
    samples: LATENT,
    upscale_method: Annotated[str, choice(RESAMPLING, listed=True)],
    scale_by: Annotated[float, Float(0.01, 8.0, step=0.01)] = 1.5,
) -> LATENT:
    """A latent whose sides are multiplied."""
    from wftools.diffusion.latent_arithmetic import upscaled_by

    return upscaled_by(samples, upscale_method, scale_by)


@node("LatentComposite", category="model/latent", display_name="Latent Composite")
def latent_composite(
    *, samples_to: LATENT, samples_from: LATENT, x: Side = 0, y: Side = 0, feather: Side = 0
) -> LATENT:
    """One latent upon another, its inner edges fading over `feather` pixels."""
    from wftools.diffusion.latent_arithmetic import composed

    return composed(samples_to, samples_from, x, y, feather)


@node("LatentCompositeMasked", category="model/latent", display_name="Latent Composite Masked")
def latent_composite_masked(
    *,
    destination: LATENT,
    source: LATENT,
    x: Side = 0,
    y: Side = 0,
    resize_source: BOOLEAN = False,
    mask: Annotated[MASK | None, OPTIONAL] = None,
) -> LATENT:
    """One latent upon another from the pixel (x, y) on, to the share that the mask says."""
    from wftools.diffusion.latent_arithmetic import CELL
    from wftools.imaging.composite import paste

    pasted = paste(destination.samples, source.samples, x // CELL, y // CELL, mask, is_fitted=resize_source)
    return replace(destination, samples=pasted)


@node("SetLatentNoiseMask", category="model/latent", display_name="Set Latent Noise Mask")
def set_latent_noise_mask(*, samples: LATENT, mask: MASK) -> LATENT:
    """A latent that samplers change only where the mask is 1."""
    return replace(samples, noise_mask=mask.reshape(-1, 1, *mask.shape[-2:]))


@node("LatentBlend", category="experimental", display_name="Latent Blend")
def latent_blend(
    *, samples1: LATENT, samples2: LATENT, blend_factor: Annotated[float, Float(0, 1, step=0.01)] = 0.5
) -> LATENT:
    """`blend_factor` of the first latent and the rest of the second."""
    from wftools.diffusion.latent_arithmetic import blended

    return blended(samples1, samples2, blend_factor)
