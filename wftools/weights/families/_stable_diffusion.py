"""The layout that the checkpoints of Stable Diffusion 1, 2 and XL share: one kind of UNet, one kind of VAE."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.weights.families import LatentForm, Parts
from wftools.weights.keymaps.openclip import as_transformers
from wftools.weights.networks import find
from wftools.weights.networks.clip_text import infer_clip_text
from wftools.weights.networks.unet import UNetConfig, infer_unet
from wftools.weights.networks.vae import infer_vae

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from wftools.weights.networks import Part
    from wftools.weights.networks.clip_text import ClipTextConfig
    from wftools.weights.tensorfile import TensorFile

# Where a network's tensors stand: in a checkpoint, or alone in a file of its own. The first that fits is taken.
UNET_PREFIXES: Final = ("model.diffusion_model.", "")
VAE_PREFIXES: Final = ("first_stage_model.", "")

LATENTS: Final = LatentForm(channels=4, ratio=8, scale=0.18215)  # of 1 and 2, which have one VAE
XL_LATENTS: Final = LatentForm(channels=4, ratio=8, scale=0.13025)

# What published files carry beside the weights: training losses, averaged copies.
IGNORED_IN_NETWORKS: Final = re.compile(r"loss\..*|model_ema\..*")
# And beside OpenCLIP's: the temperature of its training, and a buffer; the projection of the pooled state is needed.
IGNORED_IN_OPENCLIP: Final = re.compile(r"logit_scale|attn_mask")


def openclip(file: TensorFile, name: str, prefix: str) -> Part[ClipTextConfig] | None:
    """A text encoder of OpenCLIP, as its tensors are called below a prefix; None if it is not there."""
    return find(as_transformers(file.below(prefix)), name, ("",), infer_clip_text, IGNORED_IN_OPENCLIP)


def parts(
    file: TensorFile, is_own: Callable[[UNetConfig], bool], texts: Mapping[str, Part[Any] | None]
) -> Parts | None:
    """A family's networks in a file, its text encoders being found already; None if there are none.

    None too if there is a UNet that is not the family's own.
    """
    unet = find(file, "unet", UNET_PREFIXES, infer_unet, IGNORED_IN_NETWORKS)
    if unet is not None and not is_own(unet.config):
        return None
    vae = find(file, "vae", VAE_PREFIXES, infer_vae, IGNORED_IN_NETWORKS)
    found = {name: part for name, part in texts.items() if part is not None}
    return Parts(unet, vae, found) if unet or vae or found else None
