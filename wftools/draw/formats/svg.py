"""A picture that scales: one SVG file, which is dark or light as whoever looks at it prefers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.draw.formats._canvas import SIGNS, elements
from wftools.draw.formats._style import Colours
from wftools.draw.formats._xml import escaped, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.draw.formats import Request
    from wftools.draw.formats._style import Style
    from wftools.draw.scene import Mark, Scene

SUFFIXES: Final = (".svg",)
SHOWS_ALL: Final = False
_CAPTION: Final = 44.0  # above each of several scenes
_BETWEEN: Final = 40.0
_LEGEND: Final = 40.0

GRID: Final = (
    '<defs><pattern id="grid" width="100" height="100" patternUnits="userSpaceOnUse">'
    '<path class="grid" d="M0 0H100V1H0zM0 0V100H1V0z"/></pattern></defs>'
)


def render(request: Request) -> bytes:
    """The scenes below each other, each with its name if there are several."""
    return picture(request.scenes, request.theme, request.drawing.title).encode()


def size(scenes: Sequence[Scene]) -> tuple[float, float]:
    """The width and the height of a picture of some scenes."""
    above = _CAPTION if len(scenes) > 1 else 0.0
    height = sum(scene.bounds.height + above + _BETWEEN for scene in scenes) - _BETWEEN
    return max((scene.bounds.width for scene in scenes), default=1.0), max(height, 1.0)


def picture(scenes: Sequence[Scene], style: Style, title: str, legend: Sequence[Mark] = ()) -> str:
    """An SVG of some scenes; `legend`: the marks that are explained above them."""
    colours = Colours()
    parts = [*_legend(legend)]
    top = _LEGEND if legend else 0.0
    for scene in scenes:
        if len(scenes) > 1:
            caption = f'<text class="caption title" x="40" y="{number(top + 30)}">'
            parts.append(f"{caption}{escaped(scene.title)}</text>")
            top += _CAPTION
        shift = f"translate({number(-scene.bounds.x)} {number(top - scene.bounds.y)})"
        parts += [f'<g class="scene" transform="{shift}">', *elements(scene, colours), "</g>"]
        top += scene.bounds.height + _BETWEEN
    wide, high = size(scenes)
    width, height = number(wide), number(high + (_LEGEND if legend else 0))
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" aria-label="{escaped(title)}">',
            f"<style>{colours.sheet(style)}</style>",
            GRID,
            '<rect class="canvas" width="100%" height="100%"/><rect fill="url(#grid)" width="100%" height="100%"/>',
            *filter(None, parts),
            "</svg>\n",
        )
    )


def _legend(marks: Sequence[Mark]) -> Iterator[str]:
    for index, mark in enumerate(marks):
        x = 40 + 110 * index
        yield f'<circle class="c {mark}" cx="{x}" cy="22" r="9"/>'
        yield f'<text class="badge" x="{x}" y="26.5">{SIGNS[mark]}</text>'
        yield f'<text class="title" x="{x + 16}" y="27">{mark}</text>'
