"""Nodes of the category "image/transform": cut, flip, turn, pad, put side by side."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from wftools.catalog.declare import BOOLEAN, IMAGE, MASK, OPTIONAL, Float, Int, Socket, choice, node
from wftools.catalog.dynamic import DynamicCombo, Match
from wftools.imaging import CROPS, RESAMPLING
from wftools.nodes._widgets import MAX_RESOLUTION, ColorText, Offset, Pixels, PixelsOrZero

_WHOLE: Final = {"x": 0, "y": 0, "width": 512, "height": 512}
_QUARTER_TURNS: Final = ("none", "90 degrees", "180 degrees", "270 degrees")

_DIRECTIONS: Final = ("right", "down", "left", "up")
_SPACINGS: Final = ("white", "black", "red", "green", "blue")
_METHODS_OF_PADDING: Final = ("area", "bicubic", "nearest-exact", "bilinear", "lanczos")

_SIDE: Final = Int(0, MAX_RESOLUTION, step=1, default=512)
_CROP: Final = choice(CROPS, default="center")

Margin = Annotated[int, Int(0, MAX_RESOLUTION, step=8)]
SubjectSide = Annotated[int, Int(64, 4096, step=8)]
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
    from wftools.imaging.canvas import cropped

    return cropped(image, x, y, width, height)


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


@node("ImagePadForOutpaint", category="image/transform", display_name="Pad Image for Outpainting")
def image_pad_for_outpaint(
    *,
    image: IMAGE,
    left: Margin = 0,
    top: Margin = 0,
    right: Margin = 0,
    bottom: Margin = 0,
    feathering: PixelsOrZero = 40,
) -> tuple[IMAGE, MASK]:
    """The images with grey margins, and a mask of these that fades into the images."""
    from wftools.imaging.canvas import pad_for_outpaint

    return pad_for_outpaint(image, left=left, top=top, right=right, bottom=bottom, feathering=feathering)


@node("ImageStitch", category="image/transform", display_name="Stitch Images")
def image_stitch(
    *,
    image1: IMAGE,
    direction: Annotated[str, choice(_DIRECTIONS)] = "right",
    match_image_size: BOOLEAN = True,
    spacing_width: Annotated[int, Int(0, 1024, step=2)] = 0,
    spacing_color: Annotated[str, choice(_SPACINGS)] = "white",
    image2: Annotated[IMAGE | None, OPTIONAL] = None,
) -> IMAGE:
    """The second images beside the first ones."""
    from wftools.imaging.canvas import stitch

    if image2 is None:
        return image1
    return stitch(image1, image2, direction, is_matched=match_image_size, spacing=spacing_width, color=spacing_color)


@node("ResizeAndPadImage", category="image/transform", display_name="Resize And Pad Image")
def resize_and_pad_image(
    *,
    image: IMAGE,
    target_width: Pixels = 512,
    target_height: Pixels = 512,
    padding_color: Annotated[str, choice(("white", "black"))],
    interpolation: Annotated[str, choice(_METHODS_OF_PADDING)],
) -> IMAGE:
    """The images as large as fits into a size, in its middle."""
    from wftools.imaging.canvas import fit

    return fit(image, target_width, target_height, 1.0 if padding_color == "white" else 0.0, interpolation)


@node("ImageCropToMask", category="image/transform", display_name="Crop Image to Mask", outputs=("images",))
def image_crop_to_mask(
    *,
    images: IMAGE,
    masks: MASK,
    width: SubjectSide = 1024,
    height: SubjectSide = 1024,
    pad_factor: Annotated[float, Float(1.0, 2.0, step=0.01)] = 1.0,
    grow_mask: Annotated[int, Int(-32, 32, step=1)] = 0,
    background: ColorText = "#000000",
) -> IMAGE:
    """What the masks show, cut out of the images, in the middle of pictures of a size and on one colour."""
    from wftools.imaging.color import rgb_of
    from wftools.imaging.subject import crop_to_mask

    color = rgb_of(background, (0, 0, 0))
    return crop_to_mask(images, masks, width, height, margin=pad_factor, growth=grow_mask, background=color)
