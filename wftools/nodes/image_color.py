"""Nodes of the category "image/color"."""

from wftools.catalog.declare import IMAGE, node


@node("ImageInvert", category="image/color", display_name="Invert Image Colors")
def image_invert(*, image: IMAGE) -> IMAGE:
    """The negative: 1 - x, alpha included."""
    return 1 - image


@node("ImageRGBToYUV", category="image/color", display_name="Image RGB to YUV", outputs=("Y", "U", "V"))
def image_rgb_to_yuv(*, image: IMAGE) -> tuple[IMAGE, IMAGE, IMAGE]:
    """Brightness and the two colour differences of the images, as grey images."""
    from wftools.imaging.color import rgb_to_ycbcr

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
    import torch

    from wftools.imaging.color import ycbcr_to_rgb

    return ycbcr_to_rgb(torch.stack([image[..., :3].mean(dim=-1) for image in (Y, U, V)], dim=-1))
