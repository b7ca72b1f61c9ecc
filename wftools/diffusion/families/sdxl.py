"""Stable Diffusion XL: two text encoders side by side, and the size of the picture as a vector. Podell et al. 2023."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor

from wftools.diffusion.families import sd1
from wftools.diffusion.loading import load_network
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.unet import sinusoidal_embedding
from wftools.diffusion.sampling.levels import DiscreteLevels
from wftools.diffusion.sampling.parametrise import Eps, Velocity
from wftools.diffusion.text.clip import TextEncoders
from wftools.diffusion.text.tokenizer import END, OPENCLIP_PADDING
from wftools.diffusion.text.tower import LAST_BUT_ONE, Encoded, Tower
from wftools.diffusion.vae import image_vae
from wftools.errors import RunError
from wftools.values import Cond, NetworkInputs
from wftools.weights.families.sdxl import LATENT_FORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.context import Context
    from wftools.diffusion.networks.unet import UNet
    from wftools.values import Parametrisation, Sampling
    from wftools.weights.networks import Part
    from wftools.weights.tensorfile import TensorFile

SIZE_WIDTH: Final = 256  # of the embedding of each of the six numbers of a size

network = sd1.network
memory_of = sd1.memory_of
vae = image_vae


def parametrisation(file: TensorFile) -> Parametrisation:
    """The noise; the velocity where a tensor of that name says so. Raises RunError for a third that is not run yet."""
    if "edm_mean" in file.tensors or "edm_vpred.sigma_max" in file.tensors:
        raise RunError("models with the noise levels of EDM are not implemented in wftools yet")
    if "v_pred" in file.tensors:
        return Velocity(DiscreteLevels(zero_terminal_snr="ztsnr" in file.tensors))
    return Eps(DiscreteLevels())


def inputs(network: UNet, cond: Cond, latent: Tensor, sampling: Sampling) -> NetworkInputs:
    """The `context`, and in `y` (b, pooled_dim) the pooled text and the size of the picture, which is not cropped."""
    size = [side * LATENT_FORM.ratio for side in sampling.latent.shape[-2:]]
    numbers = torch.tensor([*size, 0, 0, *size])  # height, width; crop at the top, at the left; height, width wanted
    sizes = sinusoidal_embedding(numbers, SIZE_WIDTH).flatten()
    pooled = cond.pooled_output
    width = (network.config.pooled_dim or 0) - len(sizes)
    if pooled is None or pooled.shape[-1] != width:
        given = "no pooled text" if pooled is None else f"a pooled text of width {pooled.shape[-1]}"
        raise RunError(
            f"the conditioning has {given}, the model needs one of width {width}",
            hint="encode the prompt with the text encoders that belong to the model",
        )
    y = torch.cat([pooled.float(), sizes.to(pooled.device).expand(len(pooled), -1)], dim=1)
    context = sd1.inputs(network, cond, latent, sampling).tensors["context"]
    return NetworkInputs({"context": context, "y": y})


def clip(texts: Mapping[str, Part[Any]], context: Context) -> TextEncoders:
    """The states before the last layer of both, not normalised."""
    towers = {
        name: Tower(
            load_network(ClipText, texts[name], context.placement),
            padding,
            context.placement,
            layer=LAST_BUT_ONE,
            is_normalised=False,
        )
        for name, padding in (("clip_l", END), ("clip_g", OPENCLIP_PADDING))
    }
    return TextEncoders(towers, _side_by_side, context.folders)


def _side_by_side(encoded: Mapping[str, Encoded]) -> Cond:
    """Each token's states in a row, as far as both texts go; the pooled state is the larger encoder's."""
    both = encoded["clip_l"], encoded["clip_g"]
    length = min(each.states.shape[1] for each in both)
    return Cond(torch.cat([each.states[:, :length] for each in both], dim=2), encoded["clip_g"].pooled)
