"""Networks from files: built without memory, then given the file's tensors, every one of which must fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import torch
from torch import nn

from wftools.diffusion.ops import keep_weights
from wftools.diffusion.placing import device_of, room_for_weights
from wftools.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wftools.context import Placement
    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import Shape, TensorFile

Config = TypeVar("Config")
Network = TypeVar("Network", bound=nn.Module)

# The types that a layer can bring to the type it computes in; the others need a source that knows their scale.
WEIGHT_DTYPES: Final = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})

_SHOWN: Final = 3


def load(make: Callable[[Config], Network], part: Part[Config], placement: Placement) -> Network:
    """Build a network and give it its tensors, mapped from the file as they are. Raises InputError if any misfits."""
    with part.tensors.blamed(), torch.device("meta"):
        network = make(part.config)
    wanted = {name: tuple(weight.shape) for name, weight in network.state_dict().items()}
    _check(part.tensors, wanted, type(network).__name__)
    network.load_state_dict({name: part.tensors.read(name) for name in wanted}, assign=True)
    keep_weights(network, room_for_weights(placement))
    return network.requires_grad_(False).to(device_of(placement.home))


def _check(file: TensorFile, wanted: Mapping[str, Shape], network: str) -> None:
    """Every tensor that the network has is there, in its shape, and no other. Raises InputError."""
    tensors = file.tensors
    missing = [name for name in wanted if name not in tensors]
    if missing:
        raise InputError(f"the {network} lacks {_some(missing)}", place=file.place)
    unknown = [name for name in tensors if name not in wanted]
    if unknown:
        raise InputError(f"the {network} has no place for {_some(unknown)}", place=file.place)
    for name, shape in wanted.items():
        if tensors[name].shape != shape:
            raise InputError(
                f"tensor {name!r} of the {network} has the shape {list(tensors[name].shape)}, expected {list(shape)}",
                place=file.place,
            )
        if tensors[name].dtype not in WEIGHT_DTYPES:
            raise InputError(
                f"tensor {name!r} of the {network} has the type {tensors[name].dtype}, expected a floating-point one",
                place=file.place,
            )


def _some(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return f"{len(listed)} tensor{'s' if len(listed) > 1 else ''}: {', '.join(map(shown, listed[:_SHOWN]))}{more}"
