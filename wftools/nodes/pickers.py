"""Nodes of the category "utilities" by which values are picked: colours, sizes, curves, boxes."""

import math
from typing import Annotated, Any, Final

from wftools.catalog.declare import (
    CURVE,
    EXTRA_PNGINFO,
    FLOAT,
    HISTOGRAM,
    IMAGE,
    INT,
    OPTIONAL,
    PROMPT,
    Float,
    Int,
    Socket,
    choice,
    node,
)
from wftools.errors import RunError, shown
from wftools.nodes._widgets import ColorText
from wftools.values import Curve

_RATIOS: Final = {
    "1:1 (Square)": (1, 1),
    "2:3 (Portrait Photo)": (2, 3),
    "3:2 (Photo)": (3, 2),
    "3:4 (Portrait Standard)": (3, 4),
    "4:3 (Standard)": (4, 3),
    "9:16 (Portrait Widescreen)": (9, 16),
    "16:9 (Widescreen)": (16, 9),
    "21:9 (Ultrawide)": (21, 9),
}

_STRAIGHT: Final = {"points": [[0.0, 0.0], [1.0, 1.0]], "interpolation": "monotone_cubic"}

Side = Annotated[int, Int(64, 16384, step=16)]
Boxes = Annotated[list[Any], Socket("BOUNDING_BOXES", {"default": []})]


@node("ColorToRGBInt", category="utilities", display_name="Color Picker", outputs=("rgb_int", "hex", "alpha"))
def color_to_rgb_int(*, color: ColorText = "#ffffff") -> tuple[INT, Annotated[str, Socket("COLOR")], FLOAT]:
    """A colour "#rrggbb" or "#rrggbbaa" as 0xRRGGBB and as text without alpha, and its opacity in 0..1."""
    from wftools.imaging.color import rgba_of

    number, opacity = rgba_of(color)
    return number, color[:7], opacity


@node("ResolutionSelector", category="utilities", display_name="Resolution Selector", outputs=("width", "height"))
def resolution_selector(
    *,
    aspect_ratio: Annotated[str, choice(_RATIOS)] = "1:1 (Square)",
    megapixels: Annotated[float, Float(0.1, 16.0, step=0.1)] = 1.0,
    multiple: Annotated[int, Int(8, 128, step=4)] = 8,
) -> tuple[INT, INT]:
    """Width and height of about `megapixels` * 2**20 pixels in an aspect ratio, multiples of `multiple`."""
    across, down = _RATIOS[aspect_ratio]
    unit = math.sqrt(megapixels * 2**20 / (across * down))
    return round(across * unit / multiple) * multiple, round(down * unit / multiple) * multiple


@node("CurveEditor", category="utilities", display_name="Curve Editor", outputs=("curve",))
def curve_editor(
    *,
    curve: Annotated[Any, Socket("CURVE", {"default": _STRAIGHT, "socketless": True})],
    histogram: Annotated[HISTOGRAM | None, OPTIONAL] = None,  # noqa: ARG001  # the editor shows it
) -> CURVE:
    """The curve through the points of the widget."""
    if isinstance(curve, Curve):
        return curve
    said = curve if isinstance(curve, dict) else {"points": curve}
    try:
        points = sorted(((float(x), float(y)) for x, y in said["points"]), key=lambda point: point[0])
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{shown(curve)} is no curve", hint='a curve has "points", a list of [x, y]') from error
    is_linear = said.get("interpolation") == "linear"
    return Curve(tuple(points), "linear" if is_linear else "monotone_cubic")


@node(
    "ImageHistogram",
    category="utilities",
    display_name="Image Histogram",
    outputs=("rgb", "luminance", "red", "green", "blue"),
)
def image_histogram(*, image: IMAGE) -> tuple[HISTOGRAM, HISTOGRAM, HISTOGRAM, HISTOGRAM, HISTOGRAM]:
    """How many pixels of the first image have each of 256 brightnesses."""
    from wftools.imaging.histogram import histograms

    return histograms(image)


@node(
    "CreateBoundingBoxes",
    category="utilities",
    display_name="Create Bounding Boxes",
    output_node=True,
    outputs=("preview", "bboxes", "elements"),
    experimental=True,
)
def create_bounding_boxes(
    *,
    width: Side = 1024,
    height: Side = 1024,
    editor_state: Boxes,
    background: Annotated[IMAGE | None, OPTIONAL] = None,
    bboxes: Annotated[Any, Socket("BOUNDING_BOX,ARRAY,STRING"), OPTIONAL] = None,
    last_incoming: Annotated[
        list[Any] | None, Socket("BOUNDING_BOXES", {"default": [], "socketless": True}), OPTIONAL
    ] = None,
    prompt: PROMPT = None,  # noqa: ARG001  # ComfyUI declares it
    extra_pnginfo: EXTRA_PNGINFO = None,  # noqa: ARG001
) -> tuple[IMAGE, Annotated[list[Any], Socket("BOUNDING_BOX")], Annotated[list[Any], Socket("ARRAY")]]:
    """Bounding boxes as a picture, in pixels, and as elements of a prompt.

    Those of the editor count, until others come in than those that it began with.
    """
    from wftools.imaging.box_preview import preview
    from wftools.imaging.boxes import boxes_of, elements_of, pixel_boxes, regions_of

    incoming = boxes_of(bboxes, width, height)
    boxes = incoming if incoming and incoming != last_incoming else editor_state or []
    regions = regions_of(boxes, width, height)
    pixels = pixel_boxes(regions, width, height)
    return preview(regions, width, height, background), [pixels] if pixels else [], elements_of(regions)
