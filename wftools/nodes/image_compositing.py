"""Nodes of the category "image/compositing": images on images, and alpha channels."""

from typing import Annotated, Final

from wftools.catalog.declare import BOOLEAN, IMAGE, MASK, OPTIONAL, choice, node
from wftools.nodes._widgets import Offset

_OPERATORS: Final = (
    "ADD",
    "CLEAR",
    "DARKEN",
    "DST",
    "DST_ATOP",
    "DST_IN",
    "DST_OUT",
    "DST_OVER",
    "LIGHTEN",
    "MULTIPLY",
    "OVERLAY",
    "SCREEN",
    "SRC",
    "SRC_ATOP",
    "SRC_IN",
    "SRC_OUT",
    "SRC_OVER",
    "XOR",
)


@node("ImageCompositeMasked", category="image/compositing", display_name="Image Composite Masked")
def image_composite_masked(
    *,
    destination: IMAGE,
    source: IMAGE,
    x: Offset = 0,
    y: Offset = 0,
    resize_source: BOOLEAN = False,
    mask: Annotated[MASK | None, OPTIONAL] = None,
) -> IMAGE:
    """Images with others on them from (x, y) on, to the share that the mask says."""
    from wftools.imaging.composite import composite

    return composite(destination, source, x, y, mask, is_fitted=resize_source)


@node("PorterDuffImageComposite", category="image/compositing", display_name="Porter-Duff Image Composite")
def porter_duff_image_composite(
    *,
    source: IMAGE,
    source_alpha: MASK,
    destination: IMAGE,
    destination_alpha: MASK,
    mode: Annotated[str, choice(_OPERATORS)] = "DST",
) -> tuple[IMAGE, MASK]:
    """Two transparent images by one of the operators of Porter and Duff; the masks are 1 where they are transparent."""
    from wftools.imaging.composite import porter_duff

    return porter_duff(source, source_alpha, destination, destination_alpha, mode)


@node("SplitImageWithAlpha", category="image/compositing", display_name="Split Image with Alpha")
def split_image_with_alpha(*, image: IMAGE) -> tuple[IMAGE, MASK]:
    """The colours of the images, and a mask that is 1 where they are transparent."""
    from wftools.imaging.composite import split_alpha

    return split_alpha(image)


@node("JoinImageWithAlpha", category="image/compositing", display_name="Join Image with Alpha")
def join_image_with_alpha(*, image: IMAGE, alpha: MASK) -> IMAGE:
    """The images with an alpha channel from a mask that is 1 where they are to be transparent."""
    from wftools.imaging.composite import join_alpha

    return join_alpha(image, alpha)
