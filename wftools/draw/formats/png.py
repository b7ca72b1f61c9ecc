"""A picture of pixels, which ComfyUI opens as the workflow that is put into it; needs the extra `draw`."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final

from wftools.draw.svg.picture import picture, size
from wftools.errors import WftoolsError

if TYPE_CHECKING:
    from wftools.draw.formats import Request, Theme

SUFFIXES: Final = (".png",)
SHOWS_ALL: Final = False
EMBEDS: Final = True

MAX_SIDE: Final = 16_000  # pixels; what is larger is drawn smaller
MAX_PIXELS: Final = 50_000_000


def render(request: Request) -> bytes:
    """The picture, dark unless light is asked for."""
    theme: Theme = "light" if request.theme == "light" else "dark"
    return rasterised(picture(request.scenes, theme, request.drawing.title), *size(request.scenes))


def rasterised(svg: str, width: float, height: float, zoom: float = 1.0) -> bytes:
    """An SVG of a size in pixels, so many times as large. Raises WftoolsError if what draws it is not installed."""
    try:
        import resvg_py
    except ImportError as error:
        raise WftoolsError(
            "pictures of pixels need resvg-py, which is not installed",
            hint="pip install 'wftools[draw]', or draw an SVG: -o picture.svg",
        ) from error
    zoom = min(zoom, MAX_SIDE / max(width, height), sqrt(MAX_PIXELS / (width * height)))
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom))
