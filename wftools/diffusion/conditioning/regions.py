"""Regions of latents: the boxes of cells that conds are about, and how they fade into what lies around them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from wftools.values import Area

# All of ComfyUI's: cells over which a region fades, or that share of a short side; the least box around a mask.
FEATHER: Final = 8
FEATHER_SHARE: Final = 4
LEAST_BOUNDS: Final = 8

ENDLESS: Final = 2**31  # the length along an axis that an area says nothing of


@dataclass(frozen=True, slots=True)
class Region:
    """A box of cells: its length along each axis of time and space, and where it starts."""

    size: tuple[int, ...]
    start: tuple[int, ...]

    @property
    def cells(self) -> int:
        """How many there are."""
        return math.prod(self.size)

    def holds(self, other: Region) -> bool:
        """Whether the other one lies in it."""
        return all(
            mine <= theirs and theirs + length <= mine + room
            for mine, room, theirs, length in zip(self.start, self.size, other.start, other.size, strict=True)
        )

    def within(self, sides: Sequence[int]) -> Region:
        """As much of it as lies in a latent of these sides. Raises RunError if that is nothing."""
        size = tuple(
            min(length, side - start) for length, side, start in zip(self.size, sides, self.start, strict=True)
        )
        if any(length <= 0 for length in size):
            raise RunError(
                f"the area of a conditioning starts at cell {list(self.start)}, "
                f"which is outside of a latent of {list(sides)} cells",
                hint="a cell is 8 pixels wide in most models",
            )
        return Region(size, self.start)

    def of(self, tensor: Tensor) -> Tensor:
        """The view of a tensor (B, C, …) there."""
        for axis, (start, length) in enumerate(zip(self.start, self.size, strict=True), start=2):
            tensor = tensor.narrow(axis, start, length)
        return tensor


def region_of(area: Area, sides: Sequence[int]) -> Region:
    """An area in the cells of a latent of these sides; it may reach beyond them.

    An area of fewer axes goes through all of the first ones. Raises RunError for shares along fewer axes.
    """
    axes, said = len(sides), len(area.size)
    if area.is_share:
        if said < axes:
            raise RunError(f"the area of a conditioning has shares of {said} axes, the latent has {axes}")
        return Region(
            tuple(max(1, round(share * side)) for share, side in zip(area.size, sides, strict=False)),
            tuple(round(share * side) for share, side in zip(area.start, sides, strict=False)),
        )
    more = max(0, axes - said)
    size = (*[ENDLESS] * more, *(int(length) for length in area.size))
    start = (*[0] * more, *(int(cell) for cell in area.start))
    return Region(size[:axes], start[:axes])


def bounds_of(mask: Tensor) -> Region:
    """The least box, of 8 cells at least, around all that is not zero in any of some masks (B, h, w)."""
    if mask.ndim != 3:
        raise RunError(f"the bounds of a mask are those of a picture, not of a latent with {mask.ndim - 1} axes")
    ys, xs = torch.nonzero(mask.abs().amax(dim=0), as_tuple=True)
    if len(ys) == 0:
        return Region((LEAST_BOUNDS, LEAST_BOUNDS), (0, 0))
    top, left = int(ys.min()), int(xs.min())
    height, width = int(ys.max()) - top + 1, int(xs.max()) - left + 1
    return Region((max(LEAST_BOUNDS, height), max(LEAST_BOUNDS, width)), (top, left))


def feathered(weight: Tensor, region: Region, sides: Sequence[int]) -> Tensor:
    """The weight (B, C, …) of a region of a latent, falling off linearly at each edge that is not the latent's own."""
    for axis, (start, length, side) in enumerate(zip(region.start, region.size, sides, strict=True)):
        ramp = _ramp(length, fades_in=start != 0, fades_out=start + length < side).to(weight)
        weight = weight * ramp.reshape(-1, *[1] * (len(sides) - axis - 1))
    return weight


def _ramp(length: int, *, fades_in: bool, fades_out: bool) -> Tensor:
    ramp = torch.ones(length)
    width = min(FEATHER, length // FEATHER_SHARE)
    for cell in range(width):
        value = (1.0 / width) * (cell + 1)
        if fades_in:
            ramp[cell] *= value
        if fades_out:
            ramp[length - 1 - cell] *= value
    return ramp
