"""HyperTile (Fernandes 2023): self attention within tiles of the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import torch

from wftools.diffusion.patches import At, Given, Patches

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.values import Model

SMALLEST: Final = 32  # pixels along a tile
RATIO: Final = 8  # pixels a cell


def hyper_tile(model: Model, tile_size: int, swap_size: int, max_depth: int, *, scale_depth: bool) -> Model:
    """Self attention only within tiles, on the levels down to `max_depth`.

    `tile_size`: pixels along the smallest tile, with `scale_depth` twice as many on each level. `swap_size`: how many
    sizes of tiles there are to choose from at random.
    """
    tile = max(SMALLEST, tile_size) // RATIO
    return model.with_patches(Patches(around_self=(_HyperTile(tile, swap_size, max_depth, scale_depth),)))


@dataclass(frozen=True, slots=True)
class _HyperTile:
    tile: int  # cells
    swap_size: int
    max_depth: int
    scale_depth: bool

    def __call__(self, given: Given, at: At) -> Given:
        batch, tokens, channels = given.q.shape
        height, width = at.call.shape[-2:]
        depths = (depth for depth in range(self.max_depth + 1) if height * width == tokens * 4**depth)
        depth = next(depths, None)
        if depth is None:
            return given
        tile = self.tile * 2**depth if self.scale_depth else self.tile
        source = None if at.call.sampling is None else at.call.sampling.source
        # ComfyUI cuts a map of h x w cells as if it were w x h, so that tiles of what is not square are skewed.
        high, wide = width // 2**depth, height // 2**depth
        rows, columns = (tiles_along(side, tile, self.swap_size, source) for side in (high, wide))
        count = rows * columns
        if count == 1:
            return given

        def back(h: Tensor) -> Tensor:
            h = h.reshape(batch, rows, columns, high // rows, wide // columns, -1).transpose(2, 3)
            return h.reshape(batch, tokens, -1)

        q = given.q.reshape(batch, rows, high // rows, columns, wide // columns, channels).transpose(2, 3)
        # Keys and values are dealt out in their order, also as in ComfyUI: a tile need not see itself.
        k, v = (each.reshape(batch * count, tokens // count, -1) for each in (given.k, given.v))
        return replace(given, q=q.reshape(batch * count, tokens // count, channels), k=k, v=v, then=back)


def tiles_along(side: int, smallest: int, choices: int, source: torch.Generator | None) -> int:
    """How many equal tiles of at least `smallest` cells lie along a side, one of as many `choices` at random."""
    lengths = [length for length in range(min(smallest, side), side + 1) if side % length == 0][:choices]
    if len(lengths) == 1:
        return side // lengths[0]
    # The last one is never drawn, as in ComfyUI.
    index = int(torch.randint(low=0, high=len(lengths) - 1, size=(1,), generator=source))
    return side // lengths[index]
