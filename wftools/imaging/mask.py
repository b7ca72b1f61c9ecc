"""Masks (B, H, W), float32 in 0..1: grow, feather, combine, turn into images and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from wftools.errors import RunError
from wftools.imaging.checks import check
from wftools.imaging.morphology import dilate, erode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor


def _logical(operation: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """An operation on yes and no: masks are rounded first."""
    return lambda under, over: operation(under.round().bool(), over.round().bool()).float()


# What `combine` does where the masks overlap.
OPERATIONS: Final[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "multiply": torch.mul,
    "add": torch.add,
    "subtract": torch.sub,
    "and": _logical(torch.logical_and),
    "or": _logical(torch.logical_or),
    "xor": _logical(torch.logical_xor),
}


def to_image(mask: Tensor) -> Tensor:
    """A mask as a grey image (B, H, W, 3)."""
    return mask.reshape(-1, *mask.shape[-2:], 1).expand(-1, -1, -1, 3)


def from_channel(image: Tensor, channel: int) -> Tensor:
    """One channel of an image as a mask. Raises RunError if the image has no such channel."""
    if channel >= image.shape[-1]:
        raise RunError(f"the image has {image.shape[-1]} channels, so channel {channel} is missing")
    return image[..., channel]


def from_color(image: Tensor, color: int) -> Tensor:
    """1 where an image has the colour 0xRRGGBB, rounded to 8 bits; else 0."""
    check(image, "colours are found in", 3, 4)
    pixels = image.clamp(0, 1).mul(255).round()
    wanted = torch.tensor([color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF], device=image.device)
    return (pixels[..., :3] == wanted).all(-1).float()


def cropped(mask: Tensor, x: int, y: int, width: int, height: int) -> Tensor:
    """A rectangle of a mask, smaller where it reaches over the edge. Raises RunError if it lies beyond it."""
    rows, columns = mask.shape[-2:]
    if x >= columns or y >= rows:
        raise RunError(f"({x}, {y}) lies outside of a mask of {columns} x {rows}", hint="choose a smaller x and y")
    return mask.reshape(-1, rows, columns)[:, y : y + height, x : x + width]


def grow(mask: Tensor, pixels: int, *, tapered: bool) -> Tensor:
    """A mask whose bright parts are `pixels` larger on every side, or smaller if `pixels` is negative.

    Grey morphology with a 3 x 3 window, or with a cross if `tapered`, which cuts the corners.
    """
    samples = mask.reshape(-1, 1, *mask.shape[-2:])
    spread, pick = (dilate, torch.maximum) if pixels > 0 else (erode, torch.minimum)
    if not tapered:
        side = 2 * abs(pixels) + 1
        return spread(samples, side, side).squeeze(1)
    for _ in range(min(abs(pixels), max(mask.shape[-2:]))):  # more steps change nothing
        samples = pick(spread(samples, 1, 3), spread(samples, 3, 1))
    return samples.squeeze(1)


def feather(mask: Tensor, left: int, top: int, right: int, bottom: int) -> Tensor:
    """A mask that fades towards its edges: 1/n at the edge, 1 after the n pixels given for that side."""
    height, width = mask.shape[-2:]
    columns = _ramp(width, left) * _ramp(width, right).flip(0)
    rows = _ramp(height, top) * _ramp(height, bottom).flip(0)
    return mask.reshape(-1, height, width) * columns.to(mask) * rows[:, None].to(mask)


def _ramp(length: int, pixels: int) -> Tensor:
    return torch.arange(1, length + 1).div(max(1, min(pixels, length))).clamp(max=1)


def combine(destination: Tensor, source: Tensor, x: int, y: int, operation: str) -> Tensor:
    """`destination` with `source` worked into it from (x, y) on: a sum, a product, a logical operation …

    What reaches over the edge is left out. Raises RunError if all of it lies beyond, or if the batches do not fit.
    """
    result = destination.reshape(-1, *destination.shape[-2:]).clone()
    bottom, right = min(y + source.shape[-2], result.shape[1]), min(x + source.shape[-1], result.shape[2])
    under = result[:, y:bottom, x:right]
    # Beyond the edge the sizes are negative, which counts from the end: so ComfyUI has it, with or without an error.
    over = source.reshape(-1, *source.shape[-2:])[:, : bottom - y, : right - x]
    if any(own not in (1, there) for own, there in zip(over.shape, under.shape, strict=True)):
        what = (
            "the source lies outside of the destination"
            if len(over) in (1, len(under))
            else (f"{len(over)} masks do not fit upon {len(under)}")
        )
        raise RunError(what, hint="look at x and y, and at the sizes of the batches")
    under.copy_(OPERATIONS[operation](under, over))
    return result.clamp(0, 1)
