"""Nodes of the category "image/color"."""

from wftools.catalog.declare import IMAGE, node


@node("ImageInvert", category="image/color", display_name="Invert Image Colors")
def image_invert(*, image: IMAGE) -> IMAGE:
    """The negative: 1 - x, alpha included."""
    return 1 - image
