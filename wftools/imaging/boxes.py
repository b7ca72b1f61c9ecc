"""Bounding boxes: rectangles in pixels, {"x", "y", "width", "height"}, and what workflows give in their place."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import RunError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_GRID: Final = 1000  # the side of an element's picture, whatever its size in pixels
_MAX_PALETTE: Final = 5

Box = dict[str, Any]  # "x", "y", "width", "height" in pixels; "metadata": "type", "text", "desc", "palette" …


def boxes_of(given: object, width: int, height: int) -> list[Box]:
    """The boxes of a value: one box or a list of them, or of elements (see `elements_of`), or JSON of one of these.

    Of a list for each picture the first is taken. `width` and `height` are those of the picture of elements.
    """
    if isinstance(given, str):
        given = _parsed(given)
    if isinstance(given, dict):
        given = [given]
    if not isinstance(given, list):
        if given is None:
            return []
        raise RunError(f"bounding boxes are a list or JSON of one, not {shown(given)}")
    if given and isinstance(given[0], list):
        given = given[0]
    elif given and not _is_element(given[0]) and not _is_box(given[0]):
        raise RunError(
            f"{shown(given[0])} is no bounding box",
            hint='a box has "x", "y", "width" and "height", an element a "bbox" of four numbers',
        )
    elif given and _is_element(given[0]):
        return [_box_of_element(each, width, height) for each in given if isinstance(each, dict)]
    return [_known(each) for each in given if isinstance(each, dict)]


def _parsed(text: str) -> object:
    if not text.strip():
        return []
    try:
        return json.loads(text)
    except ValueError as error:
        raise RunError(f"the text of bounding boxes is no JSON: {error}") from error


def has_elements(given: object) -> bool:
    """Whether the boxes are elements, which need a size in pixels."""
    if isinstance(given, str):
        given = _parsed(given)
    items = given if isinstance(given, list) else [given]
    if items and isinstance(items[0], list):
        items = items[0]
    return any(_is_element(each) for each in items)


def _is_element(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("bbox"), list | tuple) and len(value["bbox"]) == 4


def _is_box(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= {"x", "y", "width", "height"}


def _known(box: Mapping[str, Any]) -> Box:
    """What is known of a box: its rectangle and what was said of it."""
    rectangle = {name: box.get(name, 0) for name in ("x", "y", "width", "height")}
    return {**rectangle, "metadata": box["metadata"]} if isinstance(box.get("metadata"), dict) else rectangle


def _box_of_element(element: Mapping[str, Any], width: int, height: int) -> Box:
    try:
        top, left, bottom, right = (float(number) / _GRID for number in element.get("bbox", ()))
        place = {
            "x": round(min(left, right) * width),
            "y": round(min(top, bottom) * height),
            "width": round(abs(right - left) * width),
            "height": round(abs(bottom - top) * height),
        }
    except (TypeError, ValueError, OverflowError) as error:
        raise RunError(f'the "bbox" of an element is four numbers, not {shown(element.get("bbox"))}') from error
    is_text = element.get("type") == "text"
    return {
        **place,
        "metadata": {
            "type": "text" if is_text else "obj",
            "text": element.get("text", "") if is_text else "",
            "desc": element.get("desc", ""),
            "palette": element.get("color_palette") or [],
        },
    }


@dataclass(frozen=True, slots=True)
class Region:
    """A box in shares of a picture's sides, and what is to be there. Negative sizes reach to the left and up."""

    x: float
    y: float
    width: float
    height: float
    type: str = ""  # "text", or another one for an object
    text: str = ""
    desc: str = ""
    palette: tuple[str, ...] = ()


def regions_of(boxes: Iterable[object], width: int, height: int) -> tuple[Region, ...]:
    """What boxes of a picture of a size say; what is no box is passed over."""
    return tuple(_region(box, width or 1, height or 1) for box in boxes if isinstance(box, dict))


def _region(box: Mapping[str, Any], width: int, height: int) -> Region:
    said = box.get("metadata")
    said = said if isinstance(said, dict) else {}
    palette = said.get("palette", ())
    colors = palette.values() if isinstance(palette, dict) else palette or ()
    x, y, across, down = (box.get(name, 0) for name in ("x", "y", "width", "height"))
    if not all(isinstance(number, int | float) and math.isfinite(number) for number in (x, y, across, down)):
        raise RunError(f"{shown(dict(box))} is no bounding box", hint="x, y, width and height are numbers")
    kind, text, desc = (said[name] if isinstance(said.get(name), str) else "" for name in ("type", "text", "desc"))
    return Region(
        x / width,
        y / height,
        across / width,
        down / height,
        kind,
        text,
        desc,
        tuple(color for color in colors if isinstance(color, str) and color),
    )


def pixel_boxes(regions: Iterable[Region], width: int, height: int) -> list[Box]:
    """The rectangles of regions in a picture of a size."""
    return [
        {
            "x": round(min(each.x, each.x + each.width) * width),
            "y": round(min(each.y, each.y + each.height) * height),
            "width": round(abs(each.width) * width),
            "height": round(abs(each.height) * height),
        }
        for each in regions
    ]


def elements_of(regions: Sequence[Region]) -> list[dict[str, Any]]:
    """Regions as prompts describe them: "bbox" is top, left, bottom, right in thousandths of the picture."""
    return [_element(each) for each in regions]


def _element(region: Region) -> dict[str, Any]:
    top, bottom = sorted(_on_grid(y) for y in (region.y, region.y + region.height))
    left, right = sorted(_on_grid(x) for x in (region.x, region.x + region.width))
    is_text = region.type == "text"
    return {
        "type": "text" if is_text else "obj",
        "bbox": [top, left, bottom, right],
        **({"text": region.text} if is_text else {}),
        "desc": region.desc,
        **({"color_palette": [c.upper() for c in region.palette[:_MAX_PALETTE]]} if region.palette else {}),
    }


def _on_grid(share: float) -> int:
    return max(0, min(_GRID, round(share * _GRID)))
