"""A delta added to a weight, and DoRA's way to do so."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.ops import Multiplying
    from wftools.weights.tensorfile import Shape


def with_delta(
    weight: Tensor, delta: Tensor, scale: float | Tensor, strength: float, magnitude: Tensor | None
) -> Tensor:
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


def beside(layer: Multiplying, x: Tensor, delta: Tensor) -> Tensor:
    """The layer's output, and the product of its input with a delta that is as large as its weight."""
    return layer.own(x) + layer.product(x, delta.reshape(layer.weight_shape))


def pointwise(layer: Multiplying, x: Tensor, matrix: Tensor) -> Tensor:
    """A product with a matrix (out, in) for each token, or each place of a map, as the layer's input has them."""
    matrix = matrix.flatten(1)
    return F.linear(x, matrix) if len(layer.weight_shape) == 2 else F.conv2d(x, matrix[..., None, None])


def scale_of(alpha: float | Tensor | None, rank: int) -> float | Tensor:
    """What a delta of that rank is multiplied by; nothing said: 1. A rank of nothing has a delta of nothing."""
    return 1.0 if alpha is None else alpha / rank if rank else math.nan
