"""Nodes of the category "image/color"."""

from wftools.catalog.declare import IMAGE, node


@node("ImageInvert", category="image/color", display_name="Invert Image Colors")
def image_invert(*, image: IMAGE) -> IMAGE:
    """The negative: 1 - x, alpha included."""
    return 1 - image


@node("ImageRGBToYUV", category="image/color", display_name="Image RGB to YUV", outputs=("Y", "U", "V"))
def image_rgb_to_yuv(*, image: IMAGE) -> tuple[IMAGE, IMAGE, IMAGE]:
    """Brightness and the two colour differences of the images, as grey images."""
    from wftools.imaging.checks import check
    from wftools.imaging.color import rgb_to_ycbcr

    check(image, "brightness and colour are told of", 3, 4)
    converted = rgb_to_ycbcr(image[..., :3])
    luma, blueness, redness = (converted[..., channel, None].expand_as(converted) for channel in range(3))
    return luma, blueness, redness


@node("ImageYUVToRGB", category="image/color", display_name="Image YUV to RGB")
def image_yuv_to_rgb(
    *,
    Y: IMAGE,
    U: IMAGE,
    V: IMAGE,
) -> IMAGE:
    """The images of which these are brightness and colour differences; colours count as the grey of their mean."""
    from wftools.imaging.color import merged, ycbcr_to_rgb

    return ycbcr_to_rgb(merged((Y, U, V)))
