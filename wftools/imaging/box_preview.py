"""Bounding boxes drawn on a dimmed picture, so that a person sees what is where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from wftools.imaging.checks import check
from wftools.imaging.color import rgb_of
from wftools.imaging.eight_bits import to_image, to_picture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from wftools.imaging.boxes import Region

    Rgb = tuple[int, int, int]

_LONGEST: Final = 1024  # pixels of the longer side
_DIMMED: Final = 0.25  # of the brightness that was
_GREY: Final = (140, 140, 140)  # of a box without colours
_MAX_SWATCHES: Final = 5
_READABLE: Final = 130  # the least luma of text, of 255


def preview(regions: Sequence[Region], width: int, height: int, background: Tensor | None = None) -> Tensor:
    """Regions in their first colours, numbered, with their colours and descriptions: (1, H, W, 3).

    On the first picture of `background` (B, H, W, C), or on grey of the aspect of `width` and `height`.
    """
    if background is not None:
        check(background, "boxes are drawn on", 3, 4)
    picture = _canvas(width, height) if background is None else _dimmed(background[0])
    overlay = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(overlay)
    for number, region in enumerate(regions, start=1):
        _draw_region(draw, region, number, *picture.size)
    composed = Image.alpha_composite(picture.convert("RGBA"), overlay).convert("RGB")
    return to_image(composed)[None]


def _canvas(width: int, height: int) -> Image.Image:
    grey = round(_DIMMED * 128)
    return Image.new("RGB", _scaled(width, height), (grey, grey, grey))


def _dimmed(image: Tensor) -> Image.Image:
    picture = to_picture(image[..., :3])
    resized = picture.resize(_scaled(*picture.size), Image.Resampling.LANCZOS)
    return ImageEnhance.Brightness(resized).enhance(_DIMMED)


def _scaled(width: int, height: int) -> tuple[int, int]:
    factor = min(1.0, _LONGEST / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def _draw_region(draw: ImageDraw.ImageDraw, region: Region, number: int, width: int, height: int) -> None:
    size = max(10, round(height / 64))
    font, small = ImageFont.load_default(size), ImageFont.load_default(max(9, size - 2))
    color = rgb_of(region.palette[0], (255, 255, 255)) if region.palette else _GREY
    left, right = sorted(_within(x * width, width) for x in (region.x, region.x + region.width))
    top, bottom = sorted(_within(y * height, height) for y in (region.y, region.y + region.height))
    draw.rectangle((left, top, right, bottom), outline=(*color, 255), width=2)

    swatches = region.palette[:_MAX_SWATCHES]
    if right - left > 2:
        each = (right - left) / max(1, len(swatches))
        for index, swatch in enumerate(swatches):
            start, stop = left + round(index * each), left + round((index + 1) * each)
            draw.rectangle((start, top, stop, top + max(5, size // 2)), fill=rgb_of(swatch, (255, 255, 255)))

    tag = f"{number:02}"
    draw.rectangle((left, top, left + draw.textlength(tag, small) + 6, top + size + 2), fill=(*color, 255))
    ink = (0, 0, 0, 255) if _luma(color) > 140 else (255, 255, 255, 255)
    draw.text((left + 3, top + 1), tag, fill=ink, font=small)

    if right - left > 8:
        y = top + size + 5
        for line in _wrapped(draw, _description(region), font, right - left - 8):
            if y > bottom:
                break
            draw.text((left + 4, y), line, fill=(*_readable(color), 255), font=font)
            y += size + 2


def _description(region: Region) -> str:
    if region.type == "text" and region.text:
        return f'"{region.text}"' + (f" — {region.desc}" if region.desc else "")
    return region.desc


def _within(position: float, limit: int) -> int:
    return max(0, min(limit, round(position)))


def _wrapped(
    draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float
) -> Iterator[str]:
    """The lines of a text, broken between words."""
    if not text:
        return
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and draw.textlength(longer, font) > width:
                yield line
                line = word
            else:
                line = longer
        yield line


def _luma(color: Rgb) -> float:
    red, green, blue = color
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _readable(color: Rgb) -> Rgb:
    """A colour, mixed with white if it is too dark to be read."""
    share = max(0.0, (_READABLE - _luma(color)) / (255 - _luma(color))) if _luma(color) < 255 else 0.0
    red, green, blue = (round(part + (255 - part) * share) for part in color)
    return red, green, blue
