"""Networks from files: built without memory, then given the file's tensors, every one of which must fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

import torch
from torch import Tensor, nn

from wftools.diffusion.integers import in_whole_numbers, is_in_integers
from wftools.diffusion.ops import Layer, give, keep_weights
from wftools.diffusion.placing import device_of, room_for_weights
from wftools.errors import InputError, listed, shown
from wftools.weights.faults import ModelFileError
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quant.decoding import DECODERS
from wftools.weights.source import Reshaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wftools.context import Placement
    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import Shape, TensorFile

Config = TypeVar("Config")
Network = TypeVar("Network", bound=nn.Module)

_SHOWN: Final = 3


def load_network(make: Callable[[Config], Network], part: Part[Config], placement: Placement) -> Network:
    """Build a network and give it its tensors, mapped from the file as they are, or the sources that make them.

    Raises InputError if the file has not exactly the network's tensors in their shapes.
    """
    file = part.tensors
    with file.blamed(), torch.device("meta"):
        network = make(part.config)
    wanted = {name: tuple(weight.shape) for name, weight in network.state_dict().items()}
    if file.format == "gguf":
        file = _with_ones(file, wanted)
    _check(file, wanted, type(network).__name__)
    tensors: dict[str, Tensor] = {}
    for name, shape in wanted.items():
        weight = file.weight(name)
        owner, _, of_owner = name.rpartition(".")
        layer = network.get_submodule(owner)
        if isinstance(weight, Tensor):
            if not weight.is_floating_point():
                raise InputError(
                    f"tensor {name!r} of the {type(network).__name__} has the type {file.tensors[name].dtype}, "
                    "expected a floating-point one",
                    place=file.place,
                )
            tensors[name] = weight
        elif isinstance(layer, Layer):
            layer.register_parameter(of_owner, None)
            layer.shapes[of_owner] = shape
            give(layer, of_owner, in_whole_numbers(weight) if is_in_integers(placement, layer) else weight)
        else:  # asks no sources
            tensors[name] = weight.weight(torch.float32, torch.device("cpu"))
    network.load_state_dict(tensors, assign=True)
    keep_weights(network, room_for_weights(placement))
    return network.requires_grad_(False).to(device_of(placement.home))


def _with_ones(file: TensorFile, wanted: Mapping[str, Shape]) -> TensorFile:
    """A file whose tensors have the dimensions of one that a network's have: GGUF has no scalars, and drops others."""
    changed = {
        name: replace(info, shape=wanted[name])
        for name, info in file.tensors.items()
        if name in wanted and info.shape != wanted[name] and _without_ones(info.shape) == _without_ones(wanted[name])
    }
    return replace(
        file,
        tensors={**file.tensors, **changed},
        reader=lambda name: file.read(name).reshape(changed[name].shape) if name in changed else file.read(name),
        sources={
            name: Reshaped(source, changed[name].shape) if name in changed else source
            for name, source in file.sources.items()
        },
    )


def _without_ones(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)


def _check(file: TensorFile, wanted: Mapping[str, Shape], network: str) -> None:
    """Every tensor that the network has is there, in its shape, and no other. Raises InputError."""
    missing = [name for name in wanted if name not in file.tensors]
    if missing:
        raise InputError(f"the {network} lacks {_some(missing)}", place=file.place)
    unknown = [name for name in file.tensors if name not in wanted]
    if unknown:
        raise InputError(f"the {network} has no place for {_some(unknown)}", place=file.place)
    for name, shape in wanted.items():
        kind = file.tensors[name].dtype
        if kind in BLOCKS and kind not in DECODERS:
            raise ModelFileError(
                "GGUF_DTYPE",
                f"tensor {name!r} of the {network} is in blocks of the type {kind}, which wftools does not decode yet",
                place=file.place,
                hint=f"take a file of one of the types {', '.join(DECODERS)}",
            )
        if file.shapes[name] != shape:
            raise InputError(
                f"tensor {name!r} of the {network} has the shape {list(file.shapes[name])}, expected {list(shape)}",
                place=file.place,
            )


def _some(names: Sequence[str]) -> str:
    """How many tensors these are, and the first names."""
    return f"{len(names)} tensor{'s' if len(names) > 1 else ''}: {listed([*map(shown, names)], _SHOWN)}"
