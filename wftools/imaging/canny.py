"""Edges: Canny 1986, A Computational Approach to Edge Detection."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from wftools.errors import RunError
from wftools.imaging.checks import check
from wftools.imaging.color import LUMA
from wftools.imaging.filters import convolved

if TYPE_CHECKING:
    from torch import Tensor

_RADIUS: Final = 2  # of the blur, whose deviation is 1 pixel
_LARGE: Final = 2**16  # pixels
_FLAT: Final = 1e-6  # the squared slope that is added everywhere

_SOBEL: Final = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))  # along x; transposed along y

# (down, right) to the neighbour in each direction, from the right on clockwise, an eighth of a turn each.
_NEIGHBOURS: Final = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
_TIES: Final = (0, 2)  # directions in which an equal neighbour is none the larger: of two equal pixels one is the edge


def canny(image: Tensor, low: float, high: float) -> Tensor:
    """Edges of images (B, H, W, C) of 1 or 3 channels, in white on black: (B, H, W, 3).

    A pixel is an edge where the slope, eight times the change from pixel to pixel, is a ridge and more than `high`, or
    more than `low` and connected to such a pixel.
    """
    if low > high:
        raise RunError(f"low_threshold is {low}, which is more than high_threshold, {high}")
    check(image, "edges are found in", 1, 3)
    ridges = _ridges(*_slopes(_blurred(_grey(image.float()))))
    edges = _connected(ridges > high, ridges > low)
    return edges.movedim(1, -1).expand(-1, -1, -1, 3).to(image.dtype)


# Where two slopes are equal, the last bit decides which of them is the edge, and so the order and the rounding of each
# sum. They are those of kornia 0.9, which ComfyUI uses.


def _grey(image: Tensor) -> Tensor:
    """(B, H, W, 1 or 3) -> (B, 1, H, W)."""
    if image.shape[-1] == 1:
        return image.movedim(-1, 1)
    red, green, blue = image.unbind(-1)
    weights = torch.tensor(LUMA).to(image)
    return torch.addcmul(torch.addcmul(red * weights[0], green, weights[1]), blue, weights[2]).unsqueeze(1)


def _blurred(grey: Tensor) -> Tensor:
    """Out of focus: along rows first, by a convolution, or in large images tap by tap."""
    x = torch.arange(-_RADIUS, _RADIUS + 1, dtype=grey.dtype, device=grey.device)
    kernel = torch.exp(-(x**2) / 2)
    kernel = kernel / kernel.sum()
    if math.prod(grey.shape[-2:]) < _LARGE or grey.numel() < 2 * _LARGE:
        rows = convolved(grey.movedim(1, -1), kernel[None])
        return convolved(rows, kernel[:, None]).movedim(-1, 1)
    for axis, margins in ((3, (_RADIUS, _RADIUS, 0, 0)), (2, (0, 0, _RADIUS, _RADIUS))):
        padded = functional.pad(grey, margins, mode="reflect")
        first, *others = (padded.narrow(axis, tap, grey.shape[axis]) for tap in range(len(kernel)))
        grey = first * kernel[0]
        for part, weight in zip(others, kernel[1:], strict=True):
            grey.addcmul_(part, weight)
    return grey


def _slopes(grey: Tensor) -> tuple[Tensor, Tensor]:
    """How much brighter it gets to the right and downwards, by Sobel's operator: (B, 1, H, W) each."""
    along_x = torch.tensor(_SOBEL, dtype=grey.dtype, device=grey.device)
    padded = functional.pad(grey, (1, 1, 1, 1), mode="replicate")
    slopes = functional.conv2d(padded, torch.stack([along_x, along_x.T])[:, None])
    return slopes[:, :1], slopes[:, 1:]


def _ridges(across: Tensor, down: Tensor) -> Tensor:
    """The slope where it is larger than that of both neighbours up and down the slope, else 0."""
    height, width = across.shape[-2:]
    padded = [functional.pad(slope, (1, 1, 1, 1)) for slope in (across, down)]
    steepness = torch.sqrt(padded[0] * padded[0] + padded[1] * padded[1] + _FLAT)
    here = steepness[..., 1:-1, 1:-1]
    around = torch.stack([steepness[..., 1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in _NEIGHBOURS])
    uphill = (torch.atan2(down, across) * (4 / math.pi)).round().long() % len(_NEIGHBOURS)
    is_ridge = here > steepness[..., :1, :1]  # beyond the edge all is flat
    for direction in (uphill, (uphill + len(_NEIGHBOURS) // 2) % len(_NEIGHBOURS)):
        neighbour = around.gather(0, direction[None])[0]
        ties = (direction[..., None] == torch.tensor(_TIES, device=direction.device)).any(dim=-1)
        is_ridge &= (here > neighbour) | (ties & (here == neighbour))
    return here * is_ridge


def _connected(strong: Tensor, weak: Tensor) -> Tensor:
    """The strong pixels and all weak ones that lead to one of them, over edges and corners: 1 there, else 0."""
    edges = strong.float()
    while True:
        grown = functional.max_pool2d(edges, 3, stride=1, padding=1) * weak
        if torch.equal(grown, edges):
            return edges
        edges = grown
