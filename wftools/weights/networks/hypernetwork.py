"""Hypernetworks: how they are built, read off a file that says most of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.weights.networks import Part
from wftools.weights.networks.shapes import size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.tensorfile import TensorFile

# The width of what is attended to, whether it is for keys (0) or values (1), and one of the layers.
_WEIGHT: Final = re.compile(r"(\d+)\.([01])\.(.+)\.weight")

Widths = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HypernetworkConfig:
    """Small networks beside the keys and values of attentions, as the web UI of AUTOMATIC1111 trains them."""

    nets: Mapping[
        int, tuple[Widths, Widths]
    ]  # width of what is attended to -> all widths on the way of keys, of values
    activation: str = "linear"
    is_normalised: bool = False  # after each layer
    activates_output: bool = False


def find_hypernetwork(file: TensorFile) -> Part[HypernetworkConfig]:
    """The hypernetwork in a file, which has no nets if the file is none. Raises InputError if one cannot be built."""
    layers: dict[tuple[int, int], list[str]] = {}
    for name in file.tensors:
        if found := _WEIGHT.fullmatch(name):
            layers.setdefault((int(found[1]), int(found[2])), []).append(name.removesuffix("weight"))
    is_normalised = file.metadata.get("is_layer_norm") == "true"
    names = {
        f"{('keys', 'values')[which]}.{width}.layers.{index}.{weight}": old + weight
        for (width, which), each in layers.items()
        for index, old in enumerate(each)
        for weight in ("weight", "bias")
        if old + weight in file.tensors
    }

    def widths(width: int, which: int) -> Widths:
        """Those before the first, and after each of the layers that multiply; norms stand between."""
        linear = [f"{layer}weight" for layer in layers.get((width, which), [])[:: 2 if is_normalised else 1]]
        first = [size(file.shapes, name, 1, dimensions=2) for name in linear[:1]]
        return (*first, *(size(file.shapes, name, 0, dimensions=2) for name in linear))

    with file.blamed():
        nets = {width: (widths(width, 0), widths(width, 1)) for width, _ in layers}
    config = HypernetworkConfig(
        nets=nets,
        activation=file.metadata.get("activation_func", "linear"),
        is_normalised=is_normalised,
        activates_output=file.metadata.get("activate_output") == "true",
    )
    return Part(config, file.renamed(names))
