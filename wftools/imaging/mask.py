"""Masks (B, H, W), float32 in 0..1: grow, feather, combine, turn into images and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from wftools.errors import RunError

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
    pixels = image.clamp(0, 1).mul(255).round()
    wanted = torch.tensor([color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF], device=image.device)
    return (pixels[..., :3] == wanted).all(-1).float()


def grow(mask: Tensor, pixels: int, *, tapered: bool) -> Tensor:
    """A mask whose bright parts are `pixels` larger on every side, or smaller if `pixels` is negative.

    Grey morphology with a 3 x 3 window, or with a cross if `tapered`, which cuts the corners.
    """
    sign = 1 if pixels > 0 else -1
    grown = sign * mask.reshape(-1, 1, *mask.shape[-2:])
    for _ in range(min(abs(pixels), max(mask.shape[-2:]))):  # more steps change nothing
        rows, columns = _largest(grown, 1, 3), _largest(grown, 3, 1)
        grown = torch.maximum(rows, columns) if tapered else _largest(rows, 3, 1)
    return sign * grown.squeeze(1)


def _largest(samples: Tensor, height: int, width: int) -> Tensor:
    return functional.max_pool2d(samples, (height, width), stride=1, padding=(height // 2, width // 2))


def feather(mask: Tensor, left: int, top: int, right: int, bottom: int) -> Tensor:
    """A mask that fades towards its edges: 1/n at the edge, 1 after the n pixels given for that side."""
    height, width = mask.shape[-2:]
    columns = _ramp(width, left) * _ramp(width, right).flip(0)
    rows = _ramp(height, top) * _ramp(height, bottom).flip(0)
    return mask.reshape(-1, height, width) * columns.to(mask) * rows[:, None].to(mask)


def _ramp(length: int, pixels: int) -> Tensor:
    return torch.arange(1, length + 1).div(max(1, min(pixels, length))).clamp(max=1)


def combine(destination: Tensor, source: Tensor, x: int, y: int, operation: str) -> Tensor:
    """`destination` with `source` worked into it from (x, y) on: a sum, a product, a logical operation …"""
    result = destination.reshape(-1, *destination.shape[-2:]).clone()
    under = result[:, y : y + source.shape[-2], x : x + source.shape[-1]]
    over = source.reshape(-1, *source.shape[-2:])[:, : under.shape[-2], : under.shape[-1]]
    under.copy_(OPERATIONS[operation](under, over))
    return result.clamp(0, 1)
