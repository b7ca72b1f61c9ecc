"""The value of greatest magnitude, which the reference looks for one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


def outermost(numbers: Tensor, dim: int) -> Tensor:
    """Along a dimension of two, kept: the value of greatest magnitude, the first of several, with its sign.

    Both extremes are found at once for all; their places, ten times as slowly, where they are as far from 0.
    """
    greatest, least = numbers.amax(dim, keepdim=True), numbers.amin(dim, keepdim=True)
    sides = greatest + least
    found = torch.copysign(torch.maximum(greatest, -least), sides)
    if not sides.abs().amin() > 0:  # both signs are there, or what is no number
        unclear = ~(sides.abs() > 0)
        some = numbers.index_select(1 - dim, unclear.view(-1).nonzero()[:, 0])
        found[unclear] = some.gather(dim, some.abs().argmax(dim, keepdim=True)).view(-1)
    return found
