"""A picture that scales: one SVG file, which is dark or light as whoever looks at it prefers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.draw.svg.picture import picture

if TYPE_CHECKING:
    from wftools.draw.formats import Request

SUFFIXES: Final = (".svg",)
SHOWS_ALL: Final = False
EMBEDS: Final = False


def render(request: Request) -> bytes:
    """The scenes below each other, each with its name if there are several."""
    return picture(request.scenes, request.theme, request.drawing.title).encode()
