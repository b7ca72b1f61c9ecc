"""Text written on images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from PIL import Image, ImageColor, ImageDraw, ImageFont

from wftools.errors import RunError, shown
from wftools.imaging.checks import check
from wftools.imaging.eight_bits import to_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_LINE: Final = 1.2  # from line to line, times the size of the font
_MARGIN: Final = 0.01  # of the shorter side
_LEAST_PIXELS, _LEAST_SHARE = 10, 0.02  # of the height: no text is made smaller in order to fit
_SHRINKING: Final = 0.9  # from one attempt to the next
_STROKE: Final = 0.04  # of the size of the font
_BLACK: Final = (0, 0, 0, 255)
_NOTHING: Final = (0, 0, 0, 0)
_TRANSPARENT: Final = 1e-5  # an alpha by which nothing is divided


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks and where it stands."""

    percent: float = 5.0  # the size of the font, of the height of the image
    color: str = "#ffffff"
    position: str = "top"  # or "bottom"
    align: str = "left"  # or "center", "right"
    is_outlined: bool = True  # in black


def overlay(images: Tensor, text: str, style: Style) -> Tensor:
    """Images (B, H, W, C) with a text along their top or bottom.

    The font is made smaller until the text fits; long lines are broken. The backslash sequences for a new line and a
    tab count as these.
    """
    if not text.strip():
        return images
    check(images, "texts are written on", 3, 4)
    layer = _drawn(text.replace("\\n", "\n").replace("\\t", "\t"), images.shape[2], images.shape[1], style)
    pixels = to_image(layer).to(images)
    over, share = pixels[..., :3], pixels[..., 3:]
    if images.shape[-1] == 3:
        return images * (1 - share) + over * share
    alpha = share + (1 - share) * images[..., 3:]
    mixed = over * share + (1 - share) * images[..., :3] * images[..., 3:]
    return torch.cat([torch.where(alpha > _TRANSPARENT, mixed / alpha, 0).clamp(0, 1), alpha], dim=-1)


def _drawn(text: str, width: int, height: int, style: Style) -> Image.Image:
    """The text on a transparent layer of that size."""
    layer = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(layer)
    margin = round(_MARGIN * min(width, height))
    size = max(1, round(style.percent / 100 * height))
    least = min(size, max(_LEAST_PIXELS, round(_LEAST_SHARE * height)))
    while True:
        font = ImageFont.load_default(size)
        stroke = max(1, round(size * _STROKE)) if style.is_outlined else 0
        block = "\n".join(_wrapped(text, font, max(1, width - 2 * margin)))
        spacing = round(size * _LINE - _advance(draw, font, stroke))
        _, top, _, bottom = draw.multiline_textbbox((0, 0), block, font, spacing=spacing, stroke_width=stroke)
        if bottom - top <= max(1, height - 2 * margin) or size <= least:
            break
        size = max(least, int(size * _SHRINKING))

    x, anchor = {"left": (margin, "la"), "center": (width / 2, "ma"), "right": (width - margin, "ra")}[style.align]
    y = height - margin - bottom if style.position == "bottom" else margin - top
    draw.multiline_text(
        (x, y),
        block,
        _rgba(style.color),
        font,
        anchor,
        spacing,
        style.align,
        stroke_width=stroke,
        stroke_fill=_BLACK if style.is_outlined else _NOTHING,
    )
    return layer


def _rgba(color: str) -> tuple[int, ...]:
    try:
        return (*ImageColor.getrgb(color), 255)[:4]
    except ValueError as error:
        raise RunError(f"{shown(color)} is no colour", hint='colours are written "#rrggbb" or by name') from error


def _advance(draw: ImageDraw.ImageDraw, font: Font, stroke: int) -> float:
    """How far Pillow sets a second line below the first one."""
    one = draw.textbbox((0, 0), "Ay", font, stroke_width=stroke)
    two = draw.multiline_textbbox((0, 0), "Ay\nAy", font, spacing=0, stroke_width=stroke)
    return (two[3] - two[1]) - (one[3] - one[1])


def _wrapped(text: str, font: Font, width: float) -> Iterator[str]:
    """The lines of a text, broken between words, and within words that are longer than a line."""
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            *full, rest = _pieces(word, font, width)
            if full and line:
                yield line
                line = ""
            yield from full
            longer = f"{line} {rest}" if line else rest
            if line and font.getlength(longer) > width:
                yield line
                line = rest
            else:
                line = longer
        yield line


def _pieces(word: str, font: Font, width: float) -> Iterator[str]:
    """A word in pieces that fit into a line, each as long as possible."""
    while font.getlength(word) > width and len(word) > 1:
        fitting = next(n for n in range(1, len(word)) if font.getlength(word[: n + 1]) > width)
        yield word[:fitting]
        word = word[fitting:]
    yield word
