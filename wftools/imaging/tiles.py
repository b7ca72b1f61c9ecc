"""Cut images into overlapping tiles, and put tiles together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import torch

from wftools.memory import make_room

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

_LEAST_STEP: Final = 0.25  # of a tile: however much tiles are to overlap, the next one starts so far on
_LEAST_WEIGHT: Final = 1e-5  # at the edge of a tile, so that what only it covers is its own


def split(image: Tensor, width: int, height: int, overlap: int) -> list[Tensor]:
    """The tiles of an image, row by row. They all have one size, except where the image is smaller than a tile."""
    spans = _grid(image.shape[2], image.shape[1], width, height, overlap)
    return [image[:, rows, columns] for rows, columns in spans]


def merge(tiles: Sequence[Tensor], width: int, height: int, overlap: int) -> Tensor:
    """The image of a size whose tiles these are. Where they overlap they are mixed, the middle of a tile counts most.

    Places of which there is no tile are black; tiles too many are left out.
    """
    count, tile_height, tile_width, channels = tiles[0].shape
    make_room("the merged images", count, height, width, channels + 1)
    canvas = tiles[0].new_zeros(count, height, width, channels)
    weights = tiles[0].new_zeros(count, height, width, 1)
    weight = _weights(tile_height, bool(overlap))[:, None, None] * _weights(tile_width, bool(overlap))[:, None]
    weight = weight.to(canvas)  # (H, W, 1)
    for tile, (rows, columns) in zip(tiles, _grid(width, height, tile_width, tile_height, overlap), strict=False):
        place = canvas[:, rows, columns]
        rows_here, columns_here = min(place.shape[1], tile.shape[1]), min(place.shape[2], tile.shape[2])
        here = weight[:rows_here, :columns_here]
        place[:, :rows_here, :columns_here] += tile[:, :rows_here, :columns_here] * here
        weights[:, rows, columns][:, :rows_here, :columns_here] += here
    return canvas / weights.masked_fill_(weights == 0, 1)


def _grid(width: int, height: int, tile_width: int, tile_height: int, overlap: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of each tile, row by row."""
    for rows in _spans(height, tile_height, overlap):
        for columns in _spans(width, tile_width, overlap):
            yield rows, columns


def _spans(length: int, tile: int, overlap: int) -> Iterator[slice]:
    """Pieces that cover a length, all as long as a tile if there is room: the last one is moved back to the end."""
    step = max(1, round(max(tile * _LEAST_STEP, tile - overlap)))
    for start in range(0, length, step):
        stop = min(start + tile, length)
        yield slice(max(0, stop - tile), stop)
        if stop == length:
            return


def _weights(length: int, is_faded: bool) -> Tensor:
    """What the pixels across a tile count for: half a sine wave if tiles overlap."""
    if not is_faded:
        return torch.ones(length)
    return (math.pi * torch.linspace(0, 1, length)).sin().clamp(min=_LEAST_WEIGHT)
