"""How families of models run. `weights.families` says which there are, and how their files are recognised."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from wftools.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

    from wftools.context import Context
    from wftools.values import Clip, Cond, NetworkInputs, Parametrisation, Sampling, Vae
    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile


class Family(Protocol):
    """What a module of this package has. A config is what the family's module in `weights.families` read off a file."""

    def network(self, config: Any, /) -> nn.Module:
        """The network that denoises: called with a scaled latent, timesteps and what `inputs` gives, by name.

        Raises RunError for a config that is recognised, but cannot be run yet.
        """
        ...

    def parametrisation(self, file: TensorFile, network: Part[Any], /) -> Parametrisation:
        """What the network's output means; some files say it by a tensor of theirs, or by values of the network's."""
        ...

    def inputs(self, network: Any, cond: Cond, latent: Tensor, sampling: Sampling, /) -> NetworkInputs:
        """What the network is given for a cond. Raises RunError for a cond that was made for another."""
        ...

    def memory_of(self, network: Any, x: Tensor, /) -> int:
        """How many bytes a call of the network for x needs beside its weights, about."""
        ...

    def clip(self, texts: Mapping[str, Part[Any]], context: Context, /) -> Clip:
        """The text encoders in a file as one CLIP; there is at least one."""
        ...

    def vae(self, part: Part[Any], context: Context, /) -> Vae:
        """The VAE in a file."""
        ...


def family(name: str) -> Family:
    """The family of that name. Raises RunError for one that is recognised, but not run yet."""
    module = f"{__name__}.{name}"
    try:
        return cast("Family", import_module(module))
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise RunError(f"models of the family {name} are not implemented in wftools yet") from error


def name_of(family: Family) -> str:
    """The name of a family, which is that of its modules. Raises RunError for what is no module."""
    name = getattr(family, "__name__", "")
    if not name.startswith(f"{__name__}."):
        raise RunError("the model's family has no name")
    return name.rpartition(".")[2]
