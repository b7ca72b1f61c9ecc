"""Nodes of the category "text" that write on images."""

from typing import Annotated

from wftools.catalog.declare import BOOLEAN, IMAGE, Float, String, choice, node
from wftools.nodes._widgets import ColorText


@node("TextOverlay", category="text", display_name="Draw Text Overlay", outputs=("images",))
def text_overlay(
    *,
    images: IMAGE,
    text: Annotated[str, String(multiline=True)] = "",
    font_size: Annotated[float, Float(0.5, 50.0, step=0.5)] = 5.0,
    color: ColorText = "#ffffff",
    position: Annotated[str, choice(("top", "bottom"))] = "top",
    align: Annotated[str, choice(("left", "center", "right"))] = "left",
    outline: BOOLEAN = True,
) -> IMAGE:
    """The images with a text along their top or bottom; the font's size is a percentage of the height."""
    from wftools.imaging.text import Style, overlay

    return overlay(images, text, Style(font_size, color, position, align, outline))
