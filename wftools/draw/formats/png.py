"""A picture of pixels, in which ComfyUI finds the workflow again; needs the extra `draw`."""

from __future__ import annotations

import io
import json
from math import sqrt
from typing import TYPE_CHECKING, Any, Final

from wftools.document.containers import embed_texts
from wftools.draw.svg.picture import picture, size
from wftools.errors import WftoolsError

if TYPE_CHECKING:
    from wftools.document import Document
    from wftools.draw.formats import Request, Theme

SUFFIXES: Final = (".png",)
SHOWS_ALL: Final = False

MAX_SIDE: Final = 16_000  # pixels; what is larger is drawn smaller
MAX_PIXELS: Final = 50_000_000

_KEYS: Final = {"ui": "workflow", "api": "prompt"}  # under which ComfyUI writes each form


def render(request: Request) -> bytes:
    """The picture, dark unless light is asked for. The workflow is in it, as in the pictures that ComfyUI saves."""
    theme: Theme = "light" if request.theme == "light" else "dark"
    pixels = _rasterised(picture(request.scenes, theme, request.drawing.title), *size(request.scenes))
    if request.document is None:
        return pixels
    out = io.BytesIO()
    embed_texts(io.BytesIO(pixels), _texts(request.document), out)
    return out.getvalue()


def _rasterised(svg: str, width: float, height: float) -> bytes:
    try:
        import resvg_py
    except ImportError as error:
        raise WftoolsError(
            "pictures of pixels need resvg-py, which is not installed",
            hint="pip install 'wftools[draw]', or draw an SVG: -o picture.svg",
        ) from error
    zoom = min(1.0, MAX_SIDE / max(width, height), sqrt(MAX_PIXELS / (width * height)))
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom))


def _texts(document: Document) -> dict[str, str]:
    forms: list[Any] = [document, document.companion]
    return {_KEYS[each.form]: json.dumps(each.tree) for each in reversed(forms) if each is not None}
