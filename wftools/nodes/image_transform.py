"""Nodes of the category "image/transform": cut, flip, turn."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from wftools.catalog.declare import IMAGE, Float, Int, Socket, choice, node
from wftools.catalog.dynamic import DynamicCombo, Match
from wftools.imaging import CROPS, RESAMPLING
from wftools.nodes._widgets import MAX_RESOLUTION, Offset, Pixels

_WHOLE: Final = {"x": 0, "y": 0, "width": 512, "height": 512}
_QUARTER_TURNS: Final = ("none", "90 degrees", "180 degrees", "270 degrees")

_SIDE: Final = Int(0, MAX_RESOLUTION, step=1, default=512)
_CROP: Final = choice(CROPS, default="center")

Region = Annotated[Mapping[str, Any], Socket("BOUNDING_BOX", {"default": _WHOLE, "socketless": True})]

ImageOrMask = Annotated[Any, Match("input_type", "IMAGE,MASK")]
ResizeType = Annotated[
    Mapping[str, Any],
    DynamicCombo(
        {
            "scale dimensions": {"width": _SIDE, "height": _SIDE, "crop": _CROP},
            "scale by multiplier": {"multiplier": Float(0.01, 8.0, step=0.01, default=1.0)},
            "scale longer dimension": {"longer_size": _SIDE},
            "scale shorter dimension": {"shorter_size": _SIDE},
            "scale width": {"width": _SIDE},
            "scale height": {"height": _SIDE},
            "scale total pixels": {"megapixels": Float(0.01, 16.0, step=0.01, default=1.0)},
            "match size": {"match": Socket("IMAGE,MASK"), "crop": _CROP},
            "scale to multiple": {"multiple": Int(1, MAX_RESOLUTION, step=1, default=8)},
        }
    ),
]


@node("ImageCrop", category="image/transform", display_name="Crop Image (DEPRECATED)", deprecated=True)
def image_crop(*, image: IMAGE, width: Pixels = 512, height: Pixels = 512, x: Offset = 0, y: Offset = 0) -> IMAGE:
    """The rectangle from (x, y), smaller where it reaches over the edge; at least the last column or row is left."""
    rows, columns = image.shape[1:3]
    x, y = min(x, columns - 1), min(y, rows - 1)
    return image[:, y : y + height, x : x + width]


@node("ImageCropV2", category="image/transform", display_name="Crop Image")
def image_crop_v2(*, image: IMAGE, crop_region: Region) -> IMAGE:
    """The rectangle of a bounding box, as ImageCrop takes it."""
    return image_crop(image=image, **{name: int(crop_region.get(name, value)) for name, value in _WHOLE.items()})


@node("ImageFlip", category="image/transform", display_name="Flip Image")
def image_flip(
    *, image: IMAGE, flip_method: Annotated[str, choice(("x-axis: vertically", "y-axis: horizontally"))]
) -> IMAGE:
    """The images mirrored at the x axis, upside down, or at the y axis, left to right."""
    return image.flip(1 if flip_method.startswith("x") else 2)


@node("ImageRotate", category="image/transform", display_name="Rotate Image")
def image_rotate(*, image: IMAGE, rotation: Annotated[str, choice(_QUARTER_TURNS)]) -> IMAGE:
    """The images turned clockwise."""
    return image.rot90(_QUARTER_TURNS.index(rotation), (2, 1))


@node("ResizeImageMaskNode", category="image/transform", display_name="Resize Image/Mask", outputs=("resized",))
def resize_image_mask_node(
    *,
    input: ImageOrMask,  # noqa: A002  (ComfyUI's name)
    resize_type: ResizeType,
    scale_method: Annotated[str, choice(RESAMPLING)] = "area",
) -> ImageOrMask:
    """Images or masks at another size, said in one of nine ways."""
    from wftools.imaging.resize import resize

    return resize(input, resize_type, scale_method)
