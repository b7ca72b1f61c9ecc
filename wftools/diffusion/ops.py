"""The layers that every network is built from, and where their weights come from.

A layer's weight is a parameter, or a `Source` that makes it when the layer computes. Both are brought to the type and
place of the input at the call, so that

- a float16 file stays mapped as it is and is computed in float32, one layer's weights in memory at a time;
- a quantised, rescaled or patched weight is a `Source`, and no network knows of it;
- a patched network is a copy of the module tree that shares every tensor with the original (`with_sources`);
- what a source makes can be made once instead of at every call (`resolved`).

Parameters stay ordinary parameters: the layers train, and initialise, as torch's own.

Why not tensor subclasses for quantised weights: each would have to answer for every operator that torch may call;
a source answers one question.
"""

from __future__ import annotations

import copy
from itertools import chain
from typing import TYPE_CHECKING, Protocol

import torch
import torch.nn.functional as F  # noqa: N812  the field's name for it
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Source(Protocol):
    """A weight that is made when it is needed: dequantised, rescaled, patched."""

    def __call__(self) -> Tensor:
        """The weight in any type; its shape is the layer's."""
        ...


class Layer(nn.Module):
    """A module with weights of its own, each a parameter or stood in for by a source."""

    def __init__(self, *args: int, **options: object) -> None:
        super().__init__(*args, **options)
        self.sources: dict[str, Source] = {}

    def reset_parameters(self) -> None:
        """Initialise as torch does; on the meta device there is nothing to do, and torch would import its compiler."""
        if not any(parameter.is_meta for parameter in self.parameters(recurse=False)):
            super().reset_parameters()  # type: ignore[misc]  # every layer here derives from one that has it

    def stored(self, name: str) -> Tensor | None:
        """A weight as it is kept, or as its source makes it; None if the layer has no such weight."""
        source = self.sources.get(name)
        kept: Tensor | None = getattr(self, name, None)
        return kept if source is None else source()

    def weights(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Weight and bias in the type and on the device of an input."""
        weight, bias = self.stored("weight"), self.stored("bias")
        assert weight is not None  # every layer here has one
        return weight.to(x.device, x.dtype), None if bias is None else bias.to(x.device, x.dtype)


class Linear(Layer, nn.Linear):
    """x @ weight.T + bias."""

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, *self.weights(x))


class Conv2d(Layer, nn.Conv2d):
    """A convolution over (B, C, H, W)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, *self.weights(x), self.stride, self.padding, self.dilation, self.groups)


class GroupNorm(Layer, nn.GroupNorm):
    """Normalisation over groups of channels."""

    def forward(self, x: Tensor) -> Tensor:
        # Not the functional form, which refuses groups of one value: a small network has those on small pictures.
        return torch.group_norm(x, self.num_groups, *self.weights(x), self.eps)


class LayerNorm(Layer, nn.LayerNorm):
    """Normalisation over the last dimension."""

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.normalized_shape, *self.weights(x), self.eps)


class Embedding(Layer, nn.Embedding):
    """Rows of a table. The rows, not the table, are brought to `dtype`."""

    def forward(self, ids: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        table = self.stored("weight")
        assert table is not None
        return F.embedding(ids, table.to(ids.device)).to(dtype)


def with_sources(network: nn.Module, sources: Mapping[str, Source]) -> nn.Module:
    """A copy of the network that shares every weight, except those that `sources` (by parameter name) makes.

    Raises KeyError for a name that is no weight of a layer.
    """
    twin = shared_copy(network)
    layers = dict(_layers(twin))
    for name, source in sources.items():
        layer, _, weight = name.rpartition(".")
        if layer not in layers or not isinstance(getattr(layers[layer], weight, None), nn.Parameter):
            raise KeyError(name)
        layers[layer].sources[weight] = source
    return twin


def resolved(network: nn.Module) -> nn.Module:
    """A copy of the network that keeps what its sources make: faster, at the price of memory. The rest is shared."""
    twin = shared_copy(network)
    for _, layer in _layers(twin):
        for name, source in layer.sources.items():
            setattr(layer, name, nn.Parameter(source(), requires_grad=False))
        layer.sources = {}
    return twin


def shared_copy(network: nn.Module) -> nn.Module:
    """A copy of the module tree that shares parameters, buffers and sources."""
    sources = chain.from_iterable(layer.sources.values() for _, layer in _layers(network))
    shared = {id(kept): kept for kept in chain(network.parameters(), network.buffers(), sources)}
    return copy.deepcopy(network, shared)


def _layers(network: nn.Module) -> Iterator[tuple[str, Layer]]:
    return ((name, module) for name, module in network.named_modules() if isinstance(module, Layer))
