"""Stable Diffusion XL: two text encoders side by side, and the size of the picture as a vector. Podell et al. 2023."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor

from wftools.diffusion.families._stable_diffusion import memory_of, network, unet_inputs
from wftools.diffusion.networks.unet import sinusoidal_embedding
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps, Velocity
from wftools.diffusion.text.clip import TextEncoders
from wftools.diffusion.text.tokenizer import END, OPENCLIP_PADDING
from wftools.diffusion.text.tower import LAST_BUT_ONE, Encoded, open_tower
from wftools.diffusion.unclip import picture_vector
from wftools.diffusion.vae import image_vae
from wftools.errors import RunError
from wftools.values import Cond, NetworkInputs
from wftools.weights.families.sdxl import LATENT_FORM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.context import Context
    from wftools.diffusion.networks.unet import UNet
    from wftools.diffusion.text.clip import Encoder
    from wftools.values import Parametrisation, Sampling
    from wftools.weights.networks import Part
    from wftools.weights.networks.clip_text import ClipTextConfig
    from wftools.weights.networks.unet import UNetConfig
    from wftools.weights.tensorfile import TensorFile

__all__ = ["clip", "inputs", "memory_of", "network", "parametrisation", "vae"]

PADDINGS: Final = {"clip_l": END, "clip_g": OPENCLIP_PADDING}
NUMBER_WIDTH: Final = 256  # of the embedding of each of the numbers beside the text

vae = image_vae


def parametrisation(file: TensorFile, _network: Part[UNetConfig]) -> Parametrisation:
    """The noise; the velocity where a tensor of that name says so."""
    if "v_pred" in file.tensors:
        return Velocity(DiscreteLevels(zero_terminal_snr="ztsnr" in file.tensors))
    return Eps(DiscreteLevels())


def inputs(network: UNet, cond: Cond, _latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The `context`, what the UNet sees beside the latent, and in `y` the pooled text and six numbers of the size."""
    found = unet_inputs(network, cond, sampling, LATENT_FORM)
    return with_numbers(found, network, cond, size_of_picture(cond, sampling), sampling.seed)


def size_of_picture(cond: Cond, sampling: Sampling) -> list[float]:
    """Height, width; crop at the top, at the left; height, width wanted. A cond that says nothing is not cropped."""
    height, width = size_of_original(cond, sampling)
    said = cond.extras.get
    return [
        height,
        width,
        said("crop_h", 0),
        said("crop_w", 0),
        said("target_height", height),
        said("target_width", width),
    ]


def size_of_original(cond: Cond, sampling: Sampling) -> tuple[float, float]:
    """Height and width of the picture before it was scaled; those of the one that is made, if a cond says nothing."""
    height, width = (side * LATENT_FORM.ratio for side in sampling.latent.shape[-2:])
    return cond.extras.get("height", height), cond.extras.get("width", width)


def with_numbers(
    inputs: NetworkInputs, network: UNet, cond: Cond, numbers: Sequence[float], seed: int
) -> NetworkInputs:
    """Inputs with `y` (b, pooled_dim): the pooled text, or the pictures in its place, and embeddings of some numbers.

    Raises RunError for a pooled text of another width.
    """
    embedded = sinusoidal_embedding(torch.tensor(numbers), NUMBER_WIDTH).flatten()
    width = (network.config.pooled_dim or 0) - len(embedded)
    pooled = cond.pooled_output
    pictures = cond.extras.get("unclip_conditioning")
    if pictures:
        pooled = picture_vector(pictures, width, seed, merged_noise=0.0)[:, :width]
    if pooled is None or pooled.shape[-1] != width:
        given = "no pooled text" if pooled is None else f"a pooled text of width {pooled.shape[-1]}"
        raise RunError(
            f"the conditioning has {given}, the model needs one of width {width}",
            hint="encode the prompt with the text encoders that belong to the model",
        )
    y = torch.cat([pooled.float(), embedded.to(pooled.device).expand(len(pooled), -1)], dim=1)
    return replace(inputs, tensors={**inputs.tensors, "y": y})


def clip(texts: Mapping[str, Part[Any]], context: Context) -> TextEncoders:
    """The states before the last layer of both, not normalised."""
    towers = {name: tower(texts[name], padding, context) for name, padding in PADDINGS.items()}
    return TextEncoders(towers, _side_by_side, context.folders)


def tower(text: Part[ClipTextConfig], padding: int, context: Context) -> Encoder:
    """A text encoder that is read before its last layer, not normalised."""
    return open_tower(text, padding, context.placement, layer=LAST_BUT_ONE, is_normalised=False)


def _side_by_side(encoded: Mapping[str, Encoded]) -> Cond:
    """Each token's states in a row, as far as both texts go; the pooled state is the larger encoder's."""
    both = encoded["clip_l"], encoded["clip_g"]
    length = min(each.states.shape[1] for each in both)
    return Cond(torch.cat([each.states[:, :length] for each in both], dim=2), encoded["clip_g"].pooled)
