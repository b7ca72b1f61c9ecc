"""Nodes of the category "image/upscaling": images at another size."""

from typing import Annotated, Final

from wftools.catalog.declare import IMAGE, Float, Int, choice, node
from wftools.imaging import CROPS, RESAMPLING
from wftools.nodes._widgets import PixelsOrZero

Method = Annotated[str, choice(RESAMPLING, listed=True)]

# The order, and "bilinear" twice, are ComfyUI's.
_METHODS_OF_MAX_DIMENSION: Final = ("area", "lanczos", "bilinear", "nearest-exact", "bilinear", "bicubic")


@node("ImageScale", category="image/upscaling", display_name="Upscale Image")
def image_scale(
    *,
    image: IMAGE,
    upscale_method: Method,
    width: PixelsOrZero = 512,
    height: PixelsOrZero = 512,
    crop: Annotated[str, choice(CROPS, listed=True)],
) -> IMAGE:
    """The images at the size given; a width or height of 0 keeps the aspect ratio."""
    from wftools.imaging.resample import scale

    return scale(image, width, height, upscale_method, crop)


@node("ImageScaleBy", category="image/upscaling", display_name="Upscale Image By")
def image_scale_by(
    *, image: IMAGE, upscale_method: Method, scale_by: Annotated[float, Float(0.01, 8.0, step=0.01)] = 1.0
) -> IMAGE:
    """The images with both sides multiplied."""
    from wftools.imaging import resample

    return resample.scale_by(image, scale_by, upscale_method)


@node("ImageScaleToTotalPixels", category="image/upscaling", display_name="Scale Image to Total Pixels")
def image_scale_to_total_pixels(
    *,
    image: IMAGE,
    upscale_method: Annotated[str, choice(RESAMPLING)],
    megapixels: Annotated[float, Float(0.01, 16.0, step=0.01)] = 1.0,
    resolution_steps: Annotated[int, Int(1, 256)] = 1,
) -> IMAGE:
    """The images at about `megapixels` * 2**20 pixels, both sides multiples of `resolution_steps`."""
    from wftools.imaging.resample import scale_to_pixels

    return scale_to_pixels(image, megapixels, resolution_steps, upscale_method)


@node("ImageScaleToMaxDimension", category="image/upscaling", display_name="Scale Image to Max Dimension")
def image_scale_to_max_dimension(
    *, image: IMAGE, upscale_method: Annotated[str, choice(_METHODS_OF_MAX_DIMENSION)], largest_size: PixelsOrZero = 512
) -> IMAGE:
    """The images with their longer side at `largest_size`."""
    from wftools.imaging.resample import scale_to_side

    return scale_to_side(image, largest_size, upscale_method)
