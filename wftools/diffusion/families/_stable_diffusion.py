"""What the families of Stable Diffusion share: their UNet, and what some of its kinds are given beside the latent.

A UNet of 4 channels sees the latent alone. One of 8 sees a picture beside it (Brooks et al. 2023), one of 9 a mask and
the picture without what is masked (Rombach et al. 2022).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from wftools.diffusion.latents import ScaledLatents
from wftools.diffusion.networks.unet import UNet
from wftools.errors import RunError
from wftools.imaging.resample import resample
from wftools.values import Cond, NetworkInputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftools.values import Sampling
    from wftools.weights.families import LatentForm
    from wftools.weights.networks.unet import UNetConfig

PICTURE: Final = 4  # channels beside the latent: a picture's latent
MASKED_PICTURE: Final = 5  # a mask, and the latent of what it leaves

# A grey picture in latent space: what an inpainting model is shown where nothing is given, as ComfyUI has it.
GREY_LATENT: Final = (0.8223, -0.6876, 0.6364, 0.1380)


def network(config: UNetConfig) -> UNet:
    """The UNet. Raises RunError for one that takes what no family here gives it."""
    beside = config.in_channels - config.out_channels
    if beside not in {0, PICTURE, MASKED_PICTURE}:
        raise RunError(f"a UNet that takes {beside} channels beside the latent is not known to wftools")
    return UNet(config)


def memory_of(network: UNet, x: Tensor) -> int:
    """The UNet's."""
    return network.memory_of(x)


def unet_inputs(
    network: UNet, cond: Cond, sampling: Sampling, form: LatentForm, *, scales_picture: bool = False
) -> NetworkInputs:
    """The `context` (b, T, context_dim), and in `concat` what the UNet sees beside the latent.

    Raises RunError for a context of another width. `scales_picture`: whether a picture (not a masked one, which always
    is) is brought to the network's scale.
    """
    context = checked_context(network, cond)
    beside = network.config.in_channels - network.config.out_channels
    if not beside:
        return NetworkInputs({"context": context})
    scaled = ScaledLatents(form).to_network
    if beside == MASKED_PICTURE:
        concat = masked_picture(cond, sampling, scaled)
    else:
        concat = picture(cond, sampling, scaled if scales_picture else None)
    return NetworkInputs({"context": context, "concat": concat})


def checked_context(network: UNet, cond: Cond) -> Tensor:
    """What a cond's text or picture is to the UNet. Raises RunError for another width."""
    given, needed = cond.tensor.shape[-1], network.config.context_dim
    if given != needed:
        raise RunError(
            f"the conditioning is {given} wide, the model needs {needed}",
            hint="encode the prompt with the text encoder that belongs to the model",
        )
    return cond.tensor


def picture(cond: Cond, sampling: Sampling, scaled: Callable[[Tensor], Tensor] | None = None) -> Tensor:
    """The latent of the picture that a cond shows (b, 4, h, w); zeros if it shows none."""
    shown: Tensor | None = cond.extras.get("concat_latent_image")
    if shown is None:
        return torch.zeros_like(sampling.latent)
    return like_latent(shown if scaled is None else scaled(shown), sampling.latent)


def masked_picture(cond: Cond, sampling: Sampling, scaled: Callable[[Tensor], Tensor]) -> Tensor:
    """The mask, 0 or 1, and the latent of what it leaves (b, 5, h, w): the cond's, or those of the run.

    Without any mask all is to be painted, and a grey picture is shown.
    """
    latent = sampling.latent
    shown: Tensor | None = cond.extras.get("concat_latent_image")
    mask: Tensor | None = cond.extras.get("concat_mask", sampling.mask)
    if mask is None:
        grey = latent.new_tensor(GREY_LATENT).reshape(1, -1, 1, 1)
        return torch.cat([torch.ones_like(latent[:, :1]), grey.expand_as(latent)], dim=1)
    mask = (mask[:, :1] if mask.ndim == latent.ndim else mask.unsqueeze(1)).to(latent)
    mask = of_size(mask, latent)
    kept = latent if shown is None else like_latent(scaled(shown), latent)
    return torch.cat([spread(mask.round(), len(latent)), kept], dim=1)


def like_latent(shown: Tensor, latent: Tensor) -> Tensor:
    """A picture's latent at the size and in the number of those that are sampled."""
    return spread(of_size(shown, latent), len(latent))


def of_size(shown: Tensor, latent: Tensor) -> Tensor:
    """A picture (B, C, H, W) at the size of a latent, its middle if it is of another form."""
    if shown.shape[-2:] != latent.shape[-2:]:
        shown = resample(shown, *_size(latent), "bilinear", crop="center")
    return shown.to(latent)


def spread(tensor: Tensor, count: int) -> Tensor:
    """As many items as asked for: spread evenly over those that there are, the first and the last among them.

    More than there are repeat each in its place.
    """
    length = len(tensor)
    if length == count:
        return tensor
    if count == 1:
        return tensor[:1]
    if count < length:
        wanted = [round(index * (length - 1) / (count - 1)) for index in range(count)]
    else:
        wanted = [math.floor((index + 0.5) * length / count) for index in range(count)]
    return tensor[torch.tensor(wanted, device=tensor.device).clamp(max=length - 1)]


def _size(latent: Tensor) -> tuple[int, int]:
    """Width and height."""
    return latent.shape[-1], latent.shape[-2]
