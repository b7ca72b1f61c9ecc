"""Nodes of the category "image/filters"."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from wftools.catalog.declare import IMAGE, Float, Int, Seed, choice, node
from wftools.catalog.dynamic import DynamicCombo
from wftools.nodes._widgets import Share

_BLEND_MODES: Final = ("normal", "multiply", "screen", "overlay", "soft_light", "difference")
_DITHERS: Final = ("none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-8", "bayer-16")
_MORPHOLOGY: Final = ("erode", "dilate", "open", "close", "gradient", "bottom_hat", "top_hat")
_TRANSFERS: Final = ("reinhard_lab", "mkl_lab", "histogram")

Radius = Annotated[int, Int(1, 31, step=1)]
Threshold = Annotated[float, Float(0.01, 0.99, step=0.01)]
SourceStats = Annotated[
    Mapping[str, Any],
    DynamicCombo({"per_frame": {}, "uniform": {}, "target_frame": {"target_index": Int(0, 10_000, default=0)}}),
]


@node("ImageBlend", category="image/filters", display_name="Blend Images")
def image_blend(
    *, image1: IMAGE, image2: IMAGE, blend_factor: Share = 0.5, blend_mode: Annotated[str, choice(_BLEND_MODES)]
) -> IMAGE:
    """The first images with a mixture of both over them."""
    from wftools.imaging.blend import blend

    return blend(image1, image2, blend_factor, blend_mode)


@node("ImageBlur", category="image/filters", display_name="Blur Image")
def image_blur(
    *, image: IMAGE, blur_radius: Radius = 1, sigma: Annotated[float, Float(0.1, 10.0, step=0.1)] = 1.0
) -> IMAGE:
    """The images out of focus; `sigma` counts in radii."""
    from wftools.imaging.filters import blur

    return blur(image, blur_radius, sigma)


@node("ImageSharpen", category="image/filters", display_name="Sharpen Image")
def image_sharpen(
    *,
    image: IMAGE,
    sharpen_radius: Radius = 1,
    sigma: Annotated[float, Float(0.1, 10.0, step=0.01)] = 1.0,
    alpha: Annotated[float, Float(0.0, 5.0, step=0.01)] = 1.0,
) -> IMAGE:
    """The images with clearer details; `sigma` counts in radii."""
    from wftools.imaging.filters import sharpen

    return sharpen(image, sharpen_radius, sigma, alpha)


@node("ImageQuantize", category="image/filters", display_name="Quantize Image")
def image_quantize(
    *, image: IMAGE, colors: Annotated[int, Int(1, 256, step=1)] = 256, dither: Annotated[str, choice(_DITHERS)]
) -> IMAGE:
    """The images in few colours."""
    from wftools.imaging.quantize import quantize

    return quantize(image, colors, dither)


@node("ImageAddNoise", category="image/filters", display_name="Add Noise to Image")
def image_add_noise(*, image: IMAGE, seed: Seed = 0, strength: Share = 0.5) -> IMAGE:
    """The images with normal noise on each channel."""
    from wftools.imaging.filters import add_noise

    return add_noise(image, seed, strength)


@node("ColorTransfer", category="image/filters", display_name="Transfer Color", outputs=("image",))
def color_transfer(
    *,
    image_target: IMAGE,
    image_ref: IMAGE,
    method: Annotated[str, choice(_TRANSFERS)],
    source_stats: SourceStats,
    strength: Annotated[float, Float(0.0, 10.0, step=0.01)] = 1.0,
) -> IMAGE:
    """The images with the colours of others."""
    from wftools.imaging.color_transfer import transfer

    source, index = source_stats["source_stats"], source_stats.get("target_index", 0)
    return transfer(image_target, image_ref, method, source=source, index=index, strength=strength)


@node("Morphology", category="image/filters", display_name="Apply Morphology")
def morphology(
    *,
    image: IMAGE,
    operation: Annotated[str, choice(_MORPHOLOGY)],
    kernel_size: Annotated[int, Int(3, 999, step=1)] = 3,
) -> IMAGE:
    """What is bright grows or shrinks, channel by channel."""
    from wftools.imaging.morphology import morph

    return morph(image, operation, kernel_size)


@node("Canny", category="image/filters", display_name="Detect Edges (Canny)")
def canny(*, image: IMAGE, low_threshold: Threshold = 0.4, high_threshold: Threshold = 0.8) -> IMAGE:
    """The edges of the images in white on black."""
    from wftools.imaging.canny import canny as edges_of

    return edges_of(image, low_threshold, high_threshold)
