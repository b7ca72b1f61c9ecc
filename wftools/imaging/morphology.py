"""Grey morphology with a flat window: the largest and the smallest value around each pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor


def dilate(samples: Tensor, height: int, width: int) -> Tensor:
    """Samples (B, C, H, W) with the largest value of a window around each pixel; nothing lies beyond the edges.

    An even window reaches one pixel further to the right and below.
    """
    for axis, size in ((2, height), (3, width)):
        samples = _largest(samples, axis, (size - 1) // 2, size // 2)
    return samples


def erode(samples: Tensor, height: int, width: int) -> Tensor:
    """The smallest value instead: an even window reaches one pixel further to the left and up."""
    for axis, size in ((2, height), (3, width)):
        samples = -_largest(-samples, axis, size // 2, (size - 1) // 2)
    return samples


def _largest(samples: Tensor, axis: int, before: int, after: int) -> Tensor:
    """The largest value from `before` pixels before to `after` pixels after each, along an axis (2 or 3).

    Windows of twice the length are made of two, so that a large one costs little more than a small one.
    """
    length = samples.shape[axis]
    before, after = min(before, length - 1), min(after, length - 1)  # a longer window sees no more
    margins = (0, 0, before, after) if axis == 2 else (before, after, 0, 0)
    largest = functional.pad(samples, margins, value=-torch.inf)
    window, reach = before + after + 1, 1  # each value is the largest of so many, from its own on
    while 2 * reach <= window:
        rest = largest.shape[axis] - reach
        largest = torch.maximum(largest.narrow(axis, 0, rest), largest.narrow(axis, reach, rest))
        reach *= 2
    return torch.maximum(largest.narrow(axis, 0, length), largest.narrow(axis, window - reach, length))


# What each operation makes of samples, with a square window of that side.
OPERATIONS: Final[Mapping[str, Callable[[Tensor, int], Tensor]]] = {
    "erode": lambda x, side: erode(x, side, side),
    "dilate": lambda x, side: dilate(x, side, side),
    "open": lambda x, side: dilate(erode(x, side, side), side, side),
    "close": lambda x, side: erode(dilate(x, side, side), side, side),
    "gradient": lambda x, side: dilate(x, side, side) - erode(x, side, side),
    "bottom_hat": lambda x, side: erode(dilate(x, side, side), side, side) - x,
    "top_hat": lambda x, side: x - dilate(erode(x, side, side), side, side),
}


def morph(image: Tensor, operation: str, side: int) -> Tensor:
    """An operation on every channel of an image (B, H, W, C)."""
    return OPERATIONS[operation](image.movedim(-1, 1), side).movedim(1, -1)
