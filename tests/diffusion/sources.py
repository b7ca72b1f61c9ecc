"""Weights that are made of others."""

from dataclasses import dataclass

import torch
from torch import Tensor

from wftools.weights.source import Source


@dataclass
class Times:
    """A weight times a factor, and how often it was asked for."""

    before: Source
    factor: float | Tensor
    calls: int = 0

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        self.calls += 1
        return self.before.weight(dtype, device) * self.factor


@dataclass
class LowRank:
    """A weight with a product of two narrow matrices added, as LoRA has it."""

    before: Source
    up: Tensor
    down: Tensor

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        return self.before.weight(dtype, device) + (self.up @ self.down).to(device, dtype)
