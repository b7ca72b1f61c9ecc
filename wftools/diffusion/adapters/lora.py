"""LoRA: a product of two narrow matrices. Hu et al. 2021; for convolutions Yeh et al. 2023, "LyCORIS" (LoCon)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.diffusion.adapters.delta import fits, pointwise, scale_of, with_delta

if TYPE_CHECKING:
    from torch import Tensor

    from wftools.diffusion.adapters.said import Said
    from wftools.diffusion.ops import Multiplying
    from wftools.weights.tensorfile import Shape

# What the two are called, by those who write such files. The first that is there counts.
UP_AND_DOWN: Final = (
    (".lora_up.weight", ".lora_down.weight"),
    ("_lora.up.weight", "_lora.down.weight"),
    (".lora_B.weight", ".lora_A.weight"),
    (".lora.up.weight", ".lora.down.weight"),
    (".lora_B", ".lora_A"),
    (".lora_linear_layer.up.weight", ".lora_linear_layer.down.weight"),
    (".lora_B.default.weight", ".lora_A.default.weight"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Lora:
    """weight + alpha / rank * up @ down."""

    up: Tensor  # (out, rank, …)
    down: Tensor  # (rank, in, …); a convolution's kernel is here, or in `mid`
    mid: Tensor | None = None  # (rank, rank, h, w)
    alpha: float | Tensor | None = None  # a tensor while it is trained
    magnitude: Tensor | None = None

    def fits(self, shape: Shape) -> bool:
        """Whether the product has as many numbers."""
        width = math.prod(self.down.shape[1:])
        inner = self.up.flatten(1).shape[1]
        if self.mid is None:
            return inner == len(self.down) and fits(shape, len(self.up) * width, self.magnitude)
        numbers = len(self.up) * width * math.prod(self.mid.shape[2:])
        is_whole = tuple(self.mid.shape[:2]) == (inner, len(self.down)) and width == self.down.shape[1]
        return is_whole and fits(shape, numbers, self.magnitude)

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """The weight with the product."""
        up, down = self.up.to(weight), self.down.to(weight)
        rank = len(down)
        if self.mid is not None:
            mid = self.mid.to(weight)  # (rank of up, rank of down, h, w)
            # sum over down's rank: (in, rank) @ (rank, rank * h * w)
            kernel = down.transpose(0, 1).flatten(1) @ mid.transpose(0, 1).flatten(1)
            down = kernel.reshape(down.shape[1], len(down), *mid.shape[2:]).transpose(0, 1)
        delta = up.flatten(1) @ down.flatten(1)
        return with_delta(weight, delta, scale_of(self.alpha, rank), strength, self.magnitude)

    def bypassed(self, layer: Multiplying, x: Tensor, strength: float) -> Tensor:
        """The layer's output, and beside it what the two matrices make of its input, one after the other."""
        up, down = self.up.to(x), self.down.to(x)
        if self.mid is None:
            hidden = layer.product(x, down.reshape(-1, *layer.weight_shape[1:]))
        else:
            hidden = layer.product(pointwise(layer, x, down), self.mid.to(x))
        return layer.own(x) + strength * scale_of(self.alpha, len(down)) * pointwise(layer, hidden, up)


def read(said: Said) -> Lora | None:
    """The adapter by any of its names."""
    for up_name, down_name in UP_AND_DOWN:
        up = said.get(up_name)
        if up is not None:
            is_original = up_name == UP_AND_DOWN[0][0]
            mid = said.get(".lora_mid.weight") if is_original else None
            return Lora(up, said.need(down_name), mid, said.alpha, said.magnitude)
    return None
