"""Nodes of the category "image" for compositions of layers."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Final

from wftools.catalog.declare import (
    BOOLEAN,
    CONTEXT,
    EXTRA_PNGINFO,
    IMAGE,
    LAYERS,
    MASK,
    OPTIONAL,
    PROMPT,
    STRING,
    Float,
    Int,
    Socket,
    choice,
    node,
)
from wftools.nodes._widgets import MAX_RESOLUTION
from wftools.nodes.image import preview_image
from wftools.values import Layer

_BLEND_MODES: Final = (
    "normal",
    "multiply",
    "screen",
    "overlay",
    "darken",
    "lighten",
    "color-dodge",
    "color-burn",
    "hard-light",
    "soft-light",
    "difference",
    "exclusion",
    "linear-dodge",
    "linear-burn",
    "vivid-light",
    "pin-light",
    "linear-light",
    "hard-mix",
    "subtract",
    "divide",
    "grain-extract",
    "grain-merge",
    "hue",
    "saturation",
    "color",
    "luminosity",
)

Position = Annotated[int, Int(-MAX_RESOLUTION, MAX_RESOLUTION)]
Size = Annotated[int, Int(0, MAX_RESOLUTION)]
LayersBelow = Annotated[LAYERS | None, OPTIONAL]


@node("AddLayer", category="image", display_name="Add Layer", experimental=True)
def add_layer(
    *,
    image: IMAGE,
    layers: LayersBelow = None,
    mask: Annotated[MASK | None, OPTIONAL] = None,
    name: Annotated[STRING, OPTIONAL] = "",
    x: Annotated[Position, OPTIONAL] = 0,
    y: Annotated[Position, OPTIONAL] = 0,
    opacity: Annotated[float, Float(0.0, 1.0, step=0.01), OPTIONAL] = 1.0,
    blend_mode: Annotated[str, choice(_BLEND_MODES), OPTIONAL] = "normal",
    rotation: Annotated[float, Float(-360.0, 360.0, step=1.0), OPTIONAL] = 0.0,
    width: Annotated[Size, OPTIONAL] = 0,
    height: Annotated[Size, OPTIONAL] = 0,
    z_index: Annotated[int, Int(-1000, 1000), OPTIONAL] = 0,
    flip_h: Annotated[BOOLEAN, OPTIONAL] = False,
    flip_v: Annotated[BOOLEAN, OPTIONAL] = False,
) -> LAYERS:
    """A composition with one more layer on it, turned clockwise by degrees; sides of 0 are those of the image."""
    from wftools.imaging.layers import added

    layer = Layer(
        image,
        mask,
        name or None,
        x,
        y,
        width or None,
        height or None,
        math.radians(rotation),
        opacity,
        blend_mode,
        z_index,
        flip_h,
        flip_v,
    )
    return added(layers, [layer])


@node("LayersFromBoundingBoxes", category="image", display_name="Layers From Bounding Boxes", experimental=True)
def layers_from_bounding_boxes(
    *,
    image: IMAGE,
    bboxes: Annotated[Any, Socket("BOUNDING_BOX,ARRAY,STRING")],
    mask: Annotated[MASK | None, OPTIONAL] = None,
    layers: LayersBelow = None,
    crop_to_content: Annotated[BOOLEAN, OPTIONAL] = True,
    canvas_width: Annotated[Size, OPTIONAL] = 0,
    canvas_height: Annotated[Size, OPTIONAL] = 0,
) -> LAYERS:
    """A composition with each image of a batch as a layer in its box."""
    from wftools.imaging.layers import with_boxes

    canvas = canvas_width, canvas_height
    return with_boxes(layers, image, bboxes, mask, canvas, is_cropped=crop_to_content)


@node("ImageCompositor", category="image", display_name="Create Layered Image", output_node=True, experimental=True)
def image_compositor(
    *,
    layers: LAYERS,
    compositor: Annotated[Mapping[str, Any] | str | None, Socket("COMPOSITOR", {"default": {}, "socketless": True})],
    prompt: PROMPT = None,
    extra_pnginfo: EXTRA_PNGINFO = None,
    context: CONTEXT,
) -> tuple[IMAGE, MASK]:
    """The layers as one image, and a mask that is 1 where it is transparent; written as PNG into the temp folder, too.

    What was changed by hand in the editor counts as long as the layers are those that were changed.
    """
    from wftools.imaging.layer_state import state_of
    from wftools.imaging.layers import composed, frames_of

    frames = frames_of(layers)
    image, mask = composed(frames, layers.canvas, state_of(compositor, frames))
    preview_image(images=image, prompt=prompt, extra_pnginfo=extra_pnginfo, context=context)
    return image, mask
