"""LoKr: a Kronecker product, whose factors may be products of narrow matrices themselves. Yeh et al. 2023."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.adapters.delta import beside, fits, scale_of, with_delta
from wftools.diffusion.adapters.loha import Product

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.adapters.said import Said
    from wftools.diffusion.ops import Multiplying
    from wftools.weights.tensorfile import Shape


@dataclass(frozen=True, slots=True, eq=False)
class Lokr:
    """weight + kron(first, second); scaled by alpha / rank if a factor is a product, whose rank it is."""

    first: Tensor | Product
    second: Tensor | Product
    alpha: float | None = None
    magnitude: Tensor | None = None

    def fits(self, shape: Shape) -> bool:
        """Whether the product has as many numbers."""
        first, second = self.first.shape, self.second.shape
        if first is None or second is None or not (len(first) == len(second) or (len(first), len(second)) == (2, 4)):
            return False
        return fits(shape, math.prod(first) * math.prod(second), self.magnitude)

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with the product."""
        return with_delta(weight, self._delta(weight), self._scale, strength, self.magnitude)

    def bypassed(self, layer: Multiplying, x: Tensor, strength: float) -> Tensor:
        """The layer's output, and beside it its input times the product."""
        return beside(layer, x, strength * self._scale * self._delta(x))

    def _delta(self, like: Tensor) -> Tensor:
        first, second = (
            factor.multiplied(like) if isinstance(factor, Product) else factor.to(like)
            for factor in (self.first, self.second)
        )
        if second.ndim == 4:  # a convolution's kernel is all in the second
            first = first[..., None, None]
        return torch.kron(first.contiguous(), second.contiguous())  # which refuses some strides

    @property
    def _scale(self) -> float | Tensor:
        ranks = [len(factor.b) for factor in (self.first, self.second) if isinstance(factor, Product)]
        return scale_of(self.alpha, ranks[-1]) if ranks else 1.0


def read(said: Said) -> Lokr | None:
    """The adapter, if there is one."""
    if all(said.get(name) is None for name in (".lokr_w1", ".lokr_w2", ".lokr_w1_a", ".lokr_w2_a")):
        return None
    return Lokr(_factor(said, ".lokr_w1"), _factor(said, ".lokr_w2", ".lokr_t2"), said.alpha, said.magnitude)


def _factor(said: Said, name: str, kernel: str | None = None) -> Tensor | Product:
    whole = said.get(name)
    if whole is not None:
        return whole
    return Product(said.need(name + "_a"), said.need(name + "_b"), said.get(kernel) if kernel else None)
