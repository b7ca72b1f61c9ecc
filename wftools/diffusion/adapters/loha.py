"""LoHa: two products of narrow matrices, multiplied number by number. Hyeon-Woo et al. 2021; Yeh et al. 2023."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from wftools.diffusion.adapters.delta import beside, fits, scale_of, with_delta

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.adapters.said import Said
    from wftools.diffusion.ops import Multiplying
    from wftools.weights.tensorfile import Shape


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """a @ b, or for a convolution the kernel `t` between them."""

    a: Tensor  # (out, rank), with a kernel (rank, out)
    b: Tensor  # (rank, in)
    t: Tensor | None = None  # (rank, rank, h, w)

    @property
    def shape(self) -> Shape | None:
        """The shape of what is multiplied; None if the parts do not go together."""
        if self.a.ndim != 2 or self.b.ndim != 2:
            return None
        if self.t is None:
            return (len(self.a), self.b.shape[1]) if self.a.shape[1] == len(self.b) else None
        is_whole = self.t.ndim == 4 and tuple(self.t.shape[:2]) == (len(self.a), len(self.b))
        return (self.a.shape[1], self.b.shape[1], *self.t.shape[2:]) if is_whole else None

    def multiplied(self, like: Tensor) -> Tensor:
        """(out, in), or (out, in, h, w)."""
        a, b = self.a.to(like), self.b.to(like)
        return a @ b if self.t is None else torch.einsum("ijhw,jn,im->mnhw", self.t.to(like), b, a)


@dataclass(frozen=True, slots=True, eq=False)
class Loha:
    """weight + alpha / rank * (a1 @ b1) * (a2 @ b2)."""

    first: Product
    second: Product
    alpha: float | None = None
    magnitude: Tensor | None = None

    def fits(self, shape: Shape) -> bool:
        """Whether the product of the products has as many numbers."""
        own = self.first.shape
        return own is not None and own == self.second.shape and fits(shape, math.prod(own), self.magnitude)

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with the product of the products."""
        return with_delta(weight, self._delta(weight), self._scale, strength, self.magnitude)

    def bypassed(self, layer: Multiplying, x: Tensor, strength: float) -> Tensor:
        """The layer's output, and beside it its input times the product of the products."""
        return beside(layer, x, strength * self._scale * self._delta(x))

    @property
    def _scale(self) -> float | Tensor:
        return scale_of(self.alpha, len(self.first.b))

    def _delta(self, like: Tensor) -> Tensor:
        return self.first.multiplied(like) * self.second.multiplied(like)


def read(said: Said) -> Loha | None:
    """The adapter, if there is one."""
    a = said.get(".hada_w1_a")
    if a is None:
        return None
    t = said.get(".hada_t1")
    return Loha(
        Product(a, said.need(".hada_w1_b"), t),
        Product(said.need(".hada_w2_a"), said.need(".hada_w2_b"), None if t is None else said.need(".hada_t2")),
        said.alpha,
        said.magnitude,
    )
