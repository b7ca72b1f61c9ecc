"""A delta added to a weight, and DoRA's way to do so."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.weights.tensorfile import Shape


def with_delta(weight: Tensor, delta: Tensor, scale: float, strength: float, magnitude: Tensor | None) -> Tensor:
    """The weight with a delta of any shape that has as many numbers."""
    delta = delta.reshape(weight.shape)
    if magnitude is None:
        return weight + (strength * scale) * delta
    decomposed = _decomposed(weight, weight + scale * delta, magnitude.to(weight))
    return decomposed if strength == 1.0 else weight + strength * (decomposed - weight)


def _decomposed(weight: Tensor, adapted: Tensor, magnitude: Tensor) -> Tensor:
    """The adapted weight at a learnt length (Liu et al. 2024, "DoRA").

    Magnitudes for the inputs divide by the lengths of the adapted columns, those for the outputs, one a row, by the
    lengths of the rows before: as in ComfyUI. A square weight's are taken for those of rows.
    """
    if magnitude.shape[0] == weight.shape[0]:
        lengths: Tensor = torch.linalg.vector_norm(weight.flatten(1), dim=1).reshape(-1, *[1] * (weight.ndim - 1))
    else:
        lengths = torch.linalg.vector_norm(adapted.transpose(0, 1).flatten(1), dim=1).reshape(
            1, -1, *[1] * (weight.ndim - 2)
        )
    return adapted * (magnitude / (lengths + torch.finfo(weight.dtype).eps))


def fits(shape: Shape, numbers: int, magnitude: Tensor | None) -> bool:
    """Whether a delta of so many numbers, and DoRA's magnitudes, are for a weight of that shape."""
    if math.prod(shape) != numbers:
        return False
    if magnitude is None:
        return True
    if len(shape) < 2 or not magnitude.ndim:
        return False
    ones = [1] * (len(shape) - 2)
    lengths = (shape[0], 1, *ones) if magnitude.shape[0] == shape[0] else (1, shape[1], *ones)
    try:
        together = torch.broadcast_shapes(magnitude.shape, lengths, shape)  # type: ignore[no-untyped-call]
    except RuntimeError:
        return False
    return tuple(together) == tuple(shape)


def scale_of(alpha: float | None, rank: int) -> float:
    """What a delta of that rank is multiplied by; nothing said: 1. A rank of nothing has a delta of nothing."""
    return 1.0 if alpha is None else alpha / rank if rank else math.nan
