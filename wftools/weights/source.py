"""Weights that are made when a layer computes: dequantised, rescaled, patched. No torch at import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Source(Protocol):
    """A weight that is made when it is needed."""

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight in the type and on the device of the call; its shape is the layer's."""
        ...


@runtime_checkable
class LinearSource(Source, Protocol):
    """A source that multiplies without making its weight: integer kernels, products of eight-bit floats."""

    def linear(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """The layer's output x @ weight.T + bias, in the type and on the device of x."""
        ...
