"""Nodes of the category "image" for what was drawn by hand."""

from typing import Annotated, Any

from wftools.catalog.declare import CONTEXT, IMAGE, MASK, OPTIONAL, Int, String, node
from wftools.context import Context
from wftools.nodes._files import content_of
from wftools.nodes._widgets import ColorText

Side = Annotated[int, Int(64, 4096, step=64, hidden=True, socketless=True)]


def drawing(*, mask: str, context: Context, **_: Any) -> str:
    """What tells one drawing from another: the content of its file, if there is one."""
    return content_of("mask")(mask=mask, context=context) if mask.strip() else ""


@node("Painter", category="image", display_name="Painter", changed=drawing)
def painter(
    *,
    mask: Annotated[str, String(widgetType="PAINTER", image_upload=True, socketless=True)] = "",
    width: Side = 512,
    height: Side = 512,
    bg_color: ColorText = "#000000",
    image: Annotated[IMAGE | None, OPTIONAL] = None,
    context: CONTEXT,
) -> tuple[IMAGE, MASK]:
    """The first image, or a blank one, with the drawing of a file stretched over it, and the drawing's opacity."""
    from wftools.imaging.color import rgb_of
    from wftools.imaging.painting import blank, painted

    base = blank(width, height, rgb_of(bg_color, (0, 0, 0))) if image is None else image[:1]
    return painted(base, context.folders.file(mask) if mask.strip() else None)
