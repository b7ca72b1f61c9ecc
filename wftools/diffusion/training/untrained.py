"""Adapters as they are before they are trained: they change nothing yet.

What starts at random is drawn in float32 from one generator, in ComfyUI's order: the draws are part of the result.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftools.weights.tensorfile import Shape

ALPHA: Final = 1.0
LINEAR_SLOPE: Final = 5**0.5  # what torch starts its linear layers with


def lora(shape: Shape, rank: int, source: torch.Generator) -> dict[str, Tensor]:
    """The factor that is multiplied first starts as torch's linear layers do, the other one at zero."""
    up = _uniform((shape[0], rank), source)
    drawn_for_layers(shape, rank, source)
    return {"lora_up.weight": up, "lora_down.weight": torch.zeros(rank, math.prod(shape[1:]))}


def drawn_for_layers(shape: Shape, rank: int, source: torch.Generator) -> None:
    """Draw what ComfyUI draws for two linear layers and throws away, so that the next draws are the same."""
    _uniform((shape[0], rank), source)
    _uniform((rank, math.prod(shape[1:])), source)


def loha(shape: Shape, rank: int, source: torch.Generator) -> dict[str, Tensor]:
    """One product starts at zero. The numbers of ComfyUI are means, all of deviation 1."""
    width = math.prod(shape[1:])
    w1_a, w2_a = (torch.empty(shape[0], rank).normal_(0.1, generator=source) for _ in range(2))
    w2_b = torch.empty(rank, width).normal_(0.01, generator=source)
    return {"hada_w1_a": w1_a, "hada_w1_b": torch.zeros(rank, width), "hada_w2_a": w2_a, "hada_w2_b": w2_b}


def lokr(shape: Shape, rank: int, source: torch.Generator) -> dict[str, Tensor]:
    """One factor of the Kronecker product starts at zero, the other as torch's layers do; it has a kernel whole."""
    (out_first, out_second), (in_first, in_second) = factorised(shape[0], rank), factorised(shape[1], rank)
    second = _uniform((out_second, in_second, *shape[2:]), source)
    return {"lokr_w1": torch.zeros(out_first, in_first), "lokr_w2": second}


def oft(shape: Shape, rank: int, _source: torch.Generator) -> dict[str, Tensor]:
    """No block is rotated yet."""
    size, number = factorised(shape[0], rank)
    return {"oft_blocks": torch.zeros(number, size, size)}


# By ComfyUI's names, in the order of its menu.
ALGORITHMS: Final[Mapping[str, Callable[[Shape, int, torch.Generator], dict[str, Tensor]]]] = {
    "LoRA": lora,
    "LoHa": loha,
    "LoKr": lokr,
    "OFT": oft,
}


def factorised(number: int, wanted: int) -> tuple[int, int]:
    """A number as a product of two, the smaller first: `wanted` if it divides, else as near as possible below it.

    Yeh et al. 2023, "LyCORIS".
    """
    if number % wanted == 0:
        return min(wanted, number // wanted), max(wanted, number // wanted)
    best, total = 1, number + 1
    for smaller in range(2, math.isqrt(number) + 1):
        if number % smaller == 0:
            if smaller > wanted or smaller + number // smaller > total:
                break
            best, total = smaller, smaller + number // smaller
    return best, number // best


def _uniform(shape: Shape, source: torch.Generator) -> Tensor:
    drawn = torch.empty(shape)
    return nn.init.kaiming_uniform_(drawn, a=LINEAR_SLOPE, generator=source)
