"""Hypernetworks: small networks that change what attentions see, as the web UI of AUTOMATIC1111 trains them.

Keys and values each have one for every width of what is attended to; what it gives is added.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from wftools.diffusion.loading import load_network
from wftools.diffusion.ops import LayerNorm, Linear, Module
from wftools.diffusion.patches import At, Given, Patches
from wftools.weights.dialects import understood
from wftools.weights.networks.hypernetwork import find_hypernetwork
from wftools.weights.tensorfile import open_tensors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftools.context import Context
    from wftools.values import Model
    from wftools.weights.networks.hypernetwork import HypernetworkConfig, Widths

FOLDER: Final = "hypernetworks"

# By the names that files give them; ComfyUI takes the hard version of what is called swish.
ACTIVATIONS: Final[Mapping[str, Callable[[Tensor], Tensor]]] = {
    "linear": lambda x: x,
    "relu": F.relu,
    "leakyrelu": F.leaky_relu,
    "elu": F.elu,
    "swish": F.hardswish,
    "tanh": Tensor.tanh,
    "sigmoid": Tensor.sigmoid,
    "softsign": F.softsign,
    "mish": F.mish,
}

log = logging.getLogger(__name__)


class Net(Module):
    """Layers in a row, each maybe followed by an activation and a norm; those of learning's dropout are left out."""

    def __init__(self, widths: Widths, config: HypernetworkConfig) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[config.activation]
        self.activates_last = config.activates_output or config.is_normalised  # the last layer is then a norm
        self.layers = nn.ModuleList()
        for before, width in pairwise(widths):
            self.layers.append(Linear(before, width))
            if config.is_normalised:
                self.layers.append(LayerNorm(width))

    def forward(self, x: Tensor) -> Tensor:
        last = len(self.layers) - 1
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if isinstance(layer, Linear) and (index < last or self.activates_last):
                x = self.activation(x)
        return x


class Hypernetwork(Module):
    """For each width of what is attended to, a net for keys and one for values."""

    def __init__(self, config: HypernetworkConfig) -> None:
        super().__init__()
        self.keys = nn.ModuleDict({str(width): Net(of_keys, config) for width, (of_keys, _) in config.nets.items()})
        self.values = nn.ModuleDict(
            {str(width): Net(of_values, config) for width, (_, of_values) in config.nets.items()}
        )


@dataclass(frozen=True, slots=True, eq=False)
class Changing:
    """What attentions see, changed by a hypernetwork: an `AroundAttention`."""

    network: Hypernetwork
    strength: float

    def __call__(self, given: Given, _at: At) -> Given:
        """Other keys and values, if there are nets for their width."""
        width = str(given.k.shape[-1])
        if width not in self.network.keys:
            return given
        k = given.k + self.network.keys[width](given.k) * self.strength
        v = given.v + self.network.values[width](given.v) * self.strength
        return replace(given, k=k, v=v)


def with_hypernetwork(model: Model, name: str, strength: float, context: Context) -> Model:
    """A model whose attentions see what a hypernetwork makes of it. Raises RunError if the file is not there.

    A file that has none, or one with an unknown activation, changes nothing and is told, as in ComfyUI.
    """
    file = understood(open_tensors(context.folders.find(FOLDER, name)))
    part = find_hypernetwork(file)
    if not part.config.nets or part.config.activation not in ACTIVATIONS:
        log.warning("%s is no hypernetwork that can be used, and changes nothing, as in ComfyUI", file.path)
        return model
    changing = Changing(load_network(Hypernetwork, part, context.placement), strength)
    return model.with_patches(Patches(around_self=(changing,), around_cross=(changing,)))
