"""Adapters: files that change some weights of a model. LoRA, its kin, and differences as they are.

A file says of each weight in one of several algorithms how it is changed; each is a module here. What files call the
weights stands in `weights.keymaps.adapters`. An adapter knows no strength: that is given where it is applied, so that
one file serves several nodes and hooks.

    adapters = adapters_in(tensors, names)                  weight -> Adapter
    model.with_weights(changes(adapters, strength))         computed when a layer asks for its weight
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

import torch

from wftools.diffusion.adapters import boft, diff, glora, loha, lokr, lora, oft
from wftools.diffusion.adapters.said import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from wftools.diffusion.ops import Bypass, Multiplying
    from wftools.weights.source import Source
    from wftools.weights.tensorfile import Shape


class Adapter(Protocol):
    """What a file says of one weight."""

    def fits(self, shape: Shape, /) -> bool:
        """Whether it is for a weight of that shape."""
        ...

    def changed(self, weight: Tensor, strength: float) -> Tensor:
        """The weight anew, in its type, which is float32 or finer."""
        ...


@runtime_checkable
class BypassingAdapter(Adapter, Protocol):
    """An adapter that a layer's output can be computed with, its weight staying as it is."""

    def bypassed(self, layer: Multiplying, x: Tensor, strength: float) -> Tensor:
        """The layer's output for an input; DoRA's magnitudes do not count, as in ComfyUI."""
        ...


class Algorithm(Protocol):
    """What a module of this package has."""

    def read(self, said: Said, /) -> Adapter | None:
        """What is said of a weight in this algorithm; None if nothing is. Raises InputError for half of it."""
        ...


# Where a file says a weight in several, the last counts, as in ComfyUI.
ALGORITHMS: Final[tuple[Algorithm, ...]] = (lora, loha, lokr, glora, oft, boft, diff)


def adapters_in(tensors: Mapping[str, Tensor], names: Mapping[str, str], heard: set[str]) -> dict[str, Adapter]:
    """The adapters of the weights that `names` (name in the file -> weight) knows, by weight.

    Adds to `heard` which of the tensors were understood. Raises InputError for half an adapter.
    """
    found: dict[str, Adapter] = {}
    for name, weight in names.items():
        said = Said(tensors, name, heard)
        for algorithm in ALGORITHMS:
            adapter = algorithm.read(said)
            if adapter is not None:
                found[weight] = adapter
        of_bias = diff.read_bias(said)
        if of_bias is not None:
            found[f"{weight.removesuffix('.weight')}.bias"] = of_bias
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Adapted:
    """A weight that an adapter changes: a `Source`. Computed in float32, whatever the type of the call."""

    before: Source
    adapter: Adapter
    strength: float

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight, changed anew."""
        return self.adapter.changed(self.before.weight(torch.float32, device), self.strength).to(dtype)


def changes(adapters: Mapping[str, Adapter], strength: float) -> dict[str, Callable[[Source], Source]]:
    """The adapters at a strength, as `with_weights` of a model or of text encoders takes them."""
    return {name: partial(Adapted, adapter=adapter, strength=strength) for name, adapter in adapters.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A way around a layer, beside which an adapter computes: an `ops.Bypass`."""

    adapter: BypassingAdapter
    strength: float

    def __call__(self, layer: Multiplying, x: Tensor) -> Tensor:
        """The layer's output with the adapter."""
        return self.adapter.bypassed(layer, x, self.strength)


def bypasses(adapters: Mapping[str, Adapter], strength: float) -> dict[str, Bypass]:
    """Those of the adapters that layers can be computed with, by layer, as `with_bypasses` takes them."""
    return {
        name.removesuffix(".weight"): Beside(adapter, strength)
        for name, adapter in adapters.items()
        if isinstance(adapter, BypassingAdapter)
    }
