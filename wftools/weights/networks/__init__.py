"""The networks that model files hold: how each is built, read off names and shapes. No torch, and no tensor data.

A module has a network's config and its `infer` function; the network itself stands in `diffusion.networks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from wftools.weights.networks.declared import declared

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from wftools.weights.networks.shapes import Shapes
    from wftools.weights.tensorfile import TensorFile

Config_co = TypeVar("Config_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Part(Generic[Config_co]):
    """One network in a file: how it is built, and its tensors under the names that the network gives them."""

    config: Config_co
    tensors: TensorFile
    prefix: str = ""  # what stands before all its names in the file


class Infer(Protocol[Config_co]):
    """How a network's config is read off names and shapes, and off fields that they do not show."""

    def __call__(self, shapes: Shapes, hidden: Mapping[str, int], /) -> Config_co | None:
        """None if the network is not there."""
        ...


def find(  # noqa: PLR0917
    file: TensorFile,
    network: str,
    prefixes: tuple[str, ...],
    infer: Infer[Config_co],
    ignored: re.Pattern[str] | None = None,
    layout: Callable[[TensorFile], TensorFile] | None = None,
) -> Part[Config_co] | None:
    """A network that stands behind one of some prefixes: the first that fits; None if none does.

    `network` is what the file's metadata calls it. `layout` gives the tensors below a prefix the names that the network
    has, and those whose whole name is to be `ignored` are left out. Raises InputError if the network is there and
    cannot be built.
    """
    with file.blamed():
        hidden = declared(file.metadata, network)
        for prefix in prefixes:
            tensors = file.below(prefix)
            tensors = layout(tensors) if layout else tensors
            tensors = tensors.without(ignored) if ignored else tensors
            config = infer(tensors.shapes, hidden)
            if config is not None:
                return Part(config, tensors, prefix)
    return None
