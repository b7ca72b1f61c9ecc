"""Linear layers in whole numbers: weights of int8 times inputs that are rounded to int8, summed in int32.

This is what quantising means: numbers are counted in steps, and the steps are multiplied. It is more than to keep them
in few bits, as float8 does, which is decoded to the same products of floats as ever: there only the weights are less
exact, here the inputs are too. So it is done only where it is asked for.

Each row of inputs has a scale of its own, its largest value / 127, found when the layer is called (W8A8, dynamic):
    y = (q(x) @ w.T) * scale of the row * scale of the weight
Weights in blocks, such as Q8_0, have no place here: each 32 of their inputs have a scale of their own, so the sums over
all of them would have to be made anew every 32.

Milliseconds of one core of an AMD EPYC with AVX512-VNNI and no AMX, torch 2.13, for inputs (M, K) and weights (N, K) of
Stable Diffusion 1, all that is done in between counted:

    M      K      N       float32   bfloat16   int8   int8, rotated
    8192   320    320          33         13     14              34
    8192   320    2560        186         95     96             139
    8192   1280   320         106         41     37             120
    2048   640    5120        184         79     62              68
    2048   2560   640          76         33     25              69
    512    1280   1280         25          9      6              12
    512    1280   10240       162         70     42              49
    512    5120   1280         79         32     22              43
    154    768    1280        3.8        1.8    1.1             2.2
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import torch
import torch.nn.functional as F  # noqa: N812

from wftools.diffusion.ops import Linear
from wftools.weights.quant.scaled import LARGEST, LEAST_SCALE, rotated
from wftools.weights.source import Scaled, Turned

if TYPE_CHECKING:
    from torch import Tensor, nn

    from wftools.context import Placement
    from wftools.weights.source import Source

INT8: Final = "I8"

ROWS: Final = 512  # at once: what lies between the steps stays in the cache, and is the same memory again


@dataclass(frozen=True, slots=True, eq=False)
class InIntegers:
    """A weight of int8 that multiplies by itself: a kind of `LinearSource`."""

    source: Scaled | Turned

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight, for those who cannot do without it: adapters, and what saves a model."""
        return self.source.weight(dtype, device)

    @property
    def is_compact(self) -> bool:
        """It is of eight bits."""
        return True

    def linear(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """The layer's output; in floats where gradients are asked for, or no kernel multiplies int8 exactly."""
        if (torch.is_grad_enabled() and x.requires_grad) or x.device.type != "cpu" or not has_kernel():
            return F.linear(x, self.weight(x.dtype, x.device), bias)
        stored, group = (self.source.source, self.source.group) if isinstance(self.source, Turned) else (self.source, 0)
        numbers, scale = stored.file.read(stored.name), stored.file.read(stored.scale).float().reshape(-1)  # (1 or N,)
        rows = x.reshape(-1, x.shape[-1])
        made = x.new_empty(len(rows), len(numbers))
        for start in range(0, len(rows), ROWS):
            part = rows[start : start + ROWS].float()
            product, steps = _products(rotated(part, group) if group else part, numbers)
            made[start : start + ROWS] = product.mul_(steps * scale)
        made = made.view(*x.shape[:-1], -1)
        return made if bias is None else made.add_(bias)


def _products(x: Tensor, numbers: Tensor) -> tuple[Tensor, Tensor]:
    """Inputs (M, K), each row in steps of its own, times numbers (N, K): products (M, N), and the steps (M, 1)."""
    steps = (x.abs().amax(1, keepdim=True) / LARGEST[INT8]).clamp(min=LEAST_SCALE)
    counted = (x / steps).round_().to(torch.int8)
    return torch._int_mm(counted, numbers.T).float(), steps  # noqa: SLF001  torch has no public name for it


@cache
def has_kernel() -> bool:
    """Whether torch multiplies int8 here without losing bits: some processors would sum pairs in 16 of them."""
    extremes = torch.full((32, 64), 127, dtype=torch.int8)
    try:
        product = torch._int_mm(extremes, extremes.T)  # noqa: SLF001
    except (AttributeError, RuntimeError, NotImplementedError):
        return False
    return bool((product == 64 * 127 * 127).all())


def is_in_integers(placement: Placement, layer: nn.Module) -> bool:
    """Whether a layer is to multiply in whole numbers if its weight is of them."""
    return placement.integers and isinstance(layer, Linear)


def in_whole_numbers(source: Source) -> Source:
    """What multiplies in whole numbers if a weight is of int8; others as they are."""
    stored = source.source if isinstance(source, Turned) else source
    is_int8 = isinstance(stored, Scaled) and stored.file.tensors[stored.name].dtype == INT8
    return InIntegers(source) if is_int8 and isinstance(source, Scaled | Turned) else source
