"""Scenes below each other as one SVG file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.draw.svg import Colours, backdrop, elements, escaped, number
from wftools.draw.svg.marks import sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.draw.scene import Mark, Scene
    from wftools.draw.svg.style import Style

_CAPTION: Final = 44.0  # above each of several scenes
_BETWEEN: Final = 40.0
_LEGEND: Final = 40.0
_LEFT: Final = 40.0
_ENTRY: Final = 110.0  # of the legend


def size(scenes: Sequence[Scene], legend: Sequence[Mark] = ()) -> tuple[float, float]:
    """The width and the height of a picture of some scenes."""
    above = _CAPTION if len(scenes) > 1 else 0.0
    height = sum(scene.bounds.height + above + _BETWEEN for scene in scenes) - _BETWEEN
    return max((scene.bounds.width for scene in scenes), default=1.0), max(height, 1.0) + (_LEGEND if legend else 0.0)


def picture(scenes: Sequence[Scene], style: Style, title: str, legend: Sequence[Mark] = ()) -> str:
    """The scenes, each with its name if there are several; `legend`: the marks that are explained above them."""
    colours = Colours()
    parts = [*_legend(legend)]
    top = _LEGEND if legend else 0.0
    for scene in scenes:
        if len(scenes) > 1:
            caption = f'<text class="caption title" x="{number(_LEFT)}" y="{number(top + 30)}">'
            parts.append(f"{caption}{escaped(scene.title)}</text>")
            top += _CAPTION
        shift = f"translate({number(-scene.bounds.x)} {number(top - scene.bounds.y)})"
        parts += [f'<g class="scene" transform="{shift}">', *elements(scene, colours), "</g>"]
        top += scene.bounds.height + _BETWEEN
    width, height = map(number, size(scenes, legend))
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" aria-label="{escaped(title)}">',
            f"<style>{colours.sheet(style)}</style>",
            backdrop("grid"),
            *parts,
            "</svg>\n",
        )
    )


def _legend(marks: Sequence[Mark]) -> Iterator[str]:
    for index, mark in enumerate(marks):
        x = _LEFT + _ENTRY * index
        yield f'{sign(mark, x, 22)}<text class="title" x="{number(x + 16)}" y="27">{mark}</text>'
