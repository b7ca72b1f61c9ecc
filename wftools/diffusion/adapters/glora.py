"""GLoRA: a delta that depends on the weight, besides one that does not. Chavan et al. 2023, "One-for-All"."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.adapters.delta import fits, pointwise, scale_of, with_delta

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.adapters.said import Said
    from wftools.diffusion.ops import Multiplying
    from wftools.weights.tensorfile import Shape


@dataclass(frozen=True, slots=True, eq=False)
class Glora:
    """weight + alpha / rank * (weight @ a1 @ a2 + b1 @ b2); old files of LyCORIS have each pair the other way round."""

    a1: Tensor
    a2: Tensor
    b1: Tensor
    b2: Tensor
    alpha: float | None = None
    magnitude: Tensor | None = None

    def fits(self, shape: Shape) -> bool:
        """Whether the matrices go together, and with the weight."""
        if len(shape) < 2:
            return False
        a1, a2, b1, b2 = (math.prod(each.shape[1:]) for each in (self.a1, self.a2, self.b1, self.b2))
        if self.is_old(shape):
            is_whole = (a2, b2) == (len(self.a1), len(self.b1)) and math.prod(shape[1:]) == len(self.a2) == a1
            return is_whole and fits(shape, len(self.b2) * b1, self.magnitude)
        is_whole = (a1, b1) == (len(self.a2), len(self.b2)) and shape[1] == len(self.a1) == a2
        return is_whole and fits(shape, len(self.b1) * b2, self.magnitude)

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with both deltas."""
        a1, a2, b1, b2 = (matrix.flatten(1).to(weight) for matrix in (self.a1, self.a2, self.b1, self.b2))
        if self.is_old(tuple(weight.shape)):
            delta = b2 @ b1 + weight.flatten(1) @ a2 @ a1
            rank = len(a1)
        else:
            of_weight = torch.einsum("oi...,ij->oj...", torch.einsum("oi...,ij->oj...", weight, a1), a2)
            delta = of_weight + (b1 @ b2).reshape(weight.shape)
            rank = len(a2)
        return with_delta(weight, delta, scale_of(self.alpha, rank), strength, self.magnitude)

    def bypassed(self, layer: Multiplying, x: Tensor, strength: float) -> Tensor:
        """The layer's output for an input with the first delta, and beside it the second."""
        shape = layer.weight_shape
        a1, a2, b1, b2 = (matrix.to(x) for matrix in (self.a1, self.a2, self.b1, self.b2))
        if self.is_old(shape):
            a1, a2, b1, b2 = a2, a1, b2, b1
        scale = strength * scale_of(self.alpha, len(a2))
        more = pointwise(layer, pointwise(layer, x, a2), a1)
        hidden = layer.product(x, b2.reshape(-1, *shape[1:]))
        return layer.own(x + scale * more) + scale * pointwise(layer, hidden, b1)

    def is_old(self, shape: Shape) -> bool:
        """Whether the file has the older order; where both would fit, that of square weights is taken for old."""
        looks_old = self.b2.shape[1] == len(self.b1) == len(self.a1) == self.a2.shape[1]
        looks_new = len(self.b2) == self.b1.shape[1] == self.a1.shape[1] == len(self.a2)
        is_square = len(self.a2) == shape[0] == shape[1]
        return looks_old and (is_square or not looks_new)


def read(said: Said) -> Glora | None:
    """The adapter, if there is one."""
    a1 = said.get(".a1.weight")
    if a1 is None:
        return None
    a2, b1, b2 = (said.need(name) for name in (".a2.weight", ".b1.weight", ".b2.weight"))
    return Glora(a1, a2, b1, b2, said.alpha, said.magnitude)
