"""Stable Zero123: a picture from another side. Its context is the picture's embedding and the camera's place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import torch

from wftools.diffusion.families._stable_diffusion import picture
from wftools.diffusion.families.sd1 import memory_of, parametrisation, vae
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.ops import Linear
from wftools.errors import RunError
from wftools.values import NetworkInputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from wftools.context import Context
    from wftools.values import Cond, Sampling
    from wftools.weights.families.zero123 import Zero123Config
    from wftools.weights.networks import Part

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]


class Zero123(UNet):
    """SD1's UNet, and the layer that takes picture and camera together."""

    def __init__(self, config: Zero123Config) -> None:
        super().__init__(config.unet)
        self.cc_projection = Linear(config.camera_width, config.unet.context_dim)


def network(config: Zero123Config) -> Zero123:
    """The UNet with its layer."""
    return Zero123(config)


@torch.no_grad()
def inputs(network: Zero123, cond: Cond, _latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The `context` of picture and camera, and the picture's latent beside the noisy one.

    A cond of the context's own width (the negative one: zeros) is taken as it is. Raises RunError for another width.
    """
    context, needed = cond.tensor, network.config.context_dim
    if context.shape[-1] != needed:
        if context.shape[-1] != network.cc_projection.in_features:
            raise RunError(
                f"the conditioning is {context.shape[-1]} wide, the model needs {network.cc_projection.in_features}",
                hint="make it with StableZero123_Conditioning and the CLIP_VISION of the model",
            )
        context = network.cc_projection(context)
    return NetworkInputs({"context": context, "concat": picture(cond, sampling)})


def clip(_texts: Mapping[str, Part[Any]], _context: Context) -> NoReturn:
    """Raise RunError: the family reads no texts."""
    raise RunError("Stable Zero123 has no text encoder")
