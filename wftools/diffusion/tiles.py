"""Networks over large maps, one tile after another, whose overlaps are faded into each other."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import torch

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor


def in_tiles(
    x: Tensor, function: Callable[[Tensor], Tensor], tile: Sequence[int], overlap: int, scale: float = 1.0
) -> Tensor:
    """What a function makes of x (B, C, …), asked about tiles of so many cells along each axis behind the channels.

    Its answers are `scale` times as large, and fade out linearly over the overlaps. Items of a batch are asked about
    one by one; one that fits into a tile is asked about as a whole. Raises RunError for tiles that are all overlap.
    """
    return torch.cat([_item(item, function, tile, overlap, scale) for item in torch.split(x, 1)])


def _item(
    item: Tensor, function: Callable[[Tensor], Tensor], tile: Sequence[int], overlap: int, scale: float
) -> Tensor:
    sides = item.shape[2:]
    if all(side <= most for side, most in zip(sides, tile, strict=True)):
        return function(item)
    if any(side > most <= overlap for side, most in zip(sides, tile, strict=True)):
        raise RunError(
            f"a tile of {' x '.join(map(str, tile))} cannot share {overlap} with its neighbours",
            hint="choose a smaller overlap, or larger tiles",
        )
    starts = [
        range(0, side - overlap, most - overlap) if side > most else (0,)
        for side, most in zip(sides, tile, strict=True)
    ]
    total = weight = torch.zeros(())
    for place in product(*starts):
        part = item
        for axis, (start, side, most) in enumerate(zip(place, sides, tile, strict=True), start=2):
            part = part.narrow(axis, start, min(most, side - start))
        answer = function(part)
        if total.ndim == 0:
            total = answer.new_zeros(1, answer.shape[1], *(round(side * scale) for side in sides))
            weight = torch.zeros_like(total)
        firsts = [round(start * scale) for start in place]
        inner = (slice(first, first + n) for first, n in zip(firsts, answer.shape[2:], strict=True))
        there = (slice(None), slice(None), *inner)
        mask = _fading(answer, round(overlap * scale))
        total[there] += answer * mask
        weight[there] += mask
    return total / weight


def _fading(answer: Tensor, feather: int) -> Tensor:
    """What an answer counts for: less and less towards its edges, over so many cells."""
    mask = torch.ones_like(answer)
    for axis in range(2, answer.ndim):
        length = answer.shape[axis]
        if 0 < feather < length:
            rising = (torch.arange(1, length + 1, device=answer.device) / feather).clamp(max=1.0)
            mask *= (rising * rising.flip(0)).reshape(-1, *[1] * (answer.ndim - axis - 1))
    return mask
