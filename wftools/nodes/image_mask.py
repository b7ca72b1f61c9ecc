"""Nodes of the category "image/mask"."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from wftools.catalog.declare import BOOLEAN, CONTEXT, EXTRA_PNGINFO, IMAGE, MASK, PROMPT, Int, choice, node
from wftools.catalog.dynamic import Autogrow
from wftools.memory import make_room
from wftools.nodes._widgets import MAX_RESOLUTION, Color, Offset, Pixels, Share
from wftools.nodes.image import preview_image

_CHANNELS: Final = ("red", "green", "blue", "alpha")
_OPERATIONS: Final = ("multiply", "add", "subtract", "and", "or", "xor")

Masks = Annotated[Mapping[str, Any], Autogrow({"mask": MASK}, least=1, most=50)]


@node("MaskToImage", category="image/mask", display_name="Convert Mask to Image")
def mask_to_image(*, mask: MASK) -> IMAGE:
    """A mask as a grey image."""
    from wftools.imaging.mask import to_image

    return to_image(mask)


@node("ImageToMask", category="image/mask", display_name="Convert Image to Mask")
def image_to_mask(*, image: IMAGE, channel: Annotated[str, choice(_CHANNELS)]) -> MASK:
    """One channel of an image as a mask; alpha is not inverted."""
    from wftools.imaging.mask import from_channel

    return from_channel(image, _CHANNELS.index(channel))


@node("ImageColorToMask", category="image/mask", display_name="Convert Image Color to Mask")
def image_color_to_mask(*, image: IMAGE, color: Color = 0) -> MASK:
    """1 where the image has the colour 0xRRGGBB."""
    from wftools.imaging.mask import from_color

    return from_color(image, color)


@node("SolidMask", category="image/mask", display_name="Create Solid Mask")
def solid_mask(*, value: Share = 1.0, width: Pixels = 512, height: Pixels = 512) -> MASK:
    """One mask of one value."""
    import torch

    make_room("the mask", height, width)
    return torch.full((1, height, width), value, dtype=torch.float32)


@node("InvertMask", category="image/mask", display_name="Invert Mask")
def invert_mask(*, mask: MASK) -> MASK:
    """1 - x."""
    return 1 - mask


@node("CropMask", category="image/mask", display_name="Crop Mask")
def crop_mask(*, mask: MASK, x: Offset = 0, y: Offset = 0, width: Pixels = 512, height: Pixels = 512) -> MASK:
    """The rectangle from (x, y), smaller where it reaches over the edge."""
    from wftools.imaging.mask import cropped

    return cropped(mask, x, y, width, height)


@node("ThresholdMask", category="image/mask", display_name="Threshold Mask")
def threshold_mask(*, mask: MASK, value: Share = 0.5) -> MASK:
    """1 above the threshold, else 0."""
    return (mask > value).float()


@node("GrowMask", category="image/mask", display_name="Grow Mask")
def grow_mask(
    *,
    mask: MASK,
    expand: Annotated[int, Int(-MAX_RESOLUTION, MAX_RESOLUTION, step=1)] = 0,
    tapered_corners: BOOLEAN = True,
) -> MASK:
    """A mask that is larger on every side, or smaller if `expand` is negative."""
    from wftools.imaging.mask import grow

    return grow(mask, expand, tapered=tapered_corners)


@node("FeatherMask", category="image/mask", display_name="Feather Mask")
def feather_mask(*, mask: MASK, left: Offset = 0, top: Offset = 0, right: Offset = 0, bottom: Offset = 0) -> MASK:
    """A mask that fades towards its edges over so many pixels."""
    from wftools.imaging.mask import feather

    return feather(mask, left, top, right, bottom)


@node("MaskComposite", category="image/mask", display_name="Combine Masks")
def mask_composite(
    *,
    destination: MASK,
    source: MASK,
    x: Offset = 0,
    y: Offset = 0,
    operation: Annotated[str, choice(_OPERATIONS)],
) -> MASK:
    """The destination with the source worked into it from (x, y) on."""
    from wftools.imaging.mask import combine

    return combine(destination, source, x, y, operation)


@node("BatchMasksNode", category="image/mask", display_name="Batch Masks")
def batch_masks_node(*, masks: Masks) -> MASK:
    """All masks as one batch, at the size of the first."""
    from wftools.imaging.batch import batch

    return batch([mask.reshape(-1, *mask.shape[-2:], 1) for mask in masks.values()]).squeeze(-1)


@node("MaskPreview", category="image/mask", display_name="Preview Mask", output_node=True, outputs=("mask",))
def mask_preview(*, mask: MASK, prompt: PROMPT = None, extra_pnginfo: EXTRA_PNGINFO = None, context: CONTEXT) -> MASK:
    """Write each mask as a PNG into the temp folder. Returns the mask."""
    from wftools.imaging.mask import to_image

    preview_image(images=to_image(mask), prompt=prompt, extra_pnginfo=extra_pnginfo, context=context)
    return mask
