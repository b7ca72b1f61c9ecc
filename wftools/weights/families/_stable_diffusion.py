"""The layout that the checkpoints of Stable Diffusion 1, 2 and XL share: one kind of UNet, one kind of VAE."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.weights.families import LatentForm, Parts
from wftools.weights.keymaps import diffusers_unet, diffusers_vae
from wftools.weights.keymaps.openclip import as_transformers
from wftools.weights.networks import find
from wftools.weights.networks.clip_text import OPENAI_MAX_LAYERS, infer_clip_text
from wftools.weights.networks.unet import UNetConfig, infer_unet
from wftools.weights.networks.vae import infer_vae
from wftools.weights.vision import find_vision

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
# Beside text encoders': buffers of old library versions, the temperature of their training, what pictures need.
IGNORED_IN_TEXTS: Final = re.compile(r"(.*\.)?position_ids|logit_scale|attn_mask|visual\..*")
IGNORED_IN_CLIP_L: Final = re.compile(IGNORED_IN_TEXTS.pattern + r"|text_projection(\.weight)?")  # nothing reads it

_ALONE: Final = ("",)  # a text encoder in a file of its own
_IN_TRANSFORMERS: Final = "text_model."
_OUTSIDE: Final = ("text_projection", "text_projection.weight", "logit_scale")

# Of how many layers, at least, the encoder of a name has: OpenAI's 12, OpenCLIP's H 24 and bigG 32.
_LEAST_LAYERS: Final[Mapping[str, int]] = {"clip_g": 31, "clip_h": OPENAI_MAX_LAYERS + 1, "clip_l": 0}


def clip_text(file: TensorFile, name: str, *prefixes: str) -> Part[ClipTextConfig] | None:
    """The text encoder of that name, below one of some prefixes or alone in a file; None if it is not there.

    It may be in the layout of OpenCLIP or of transformers. Only its depth tells which one it is.
    """
    ignored = IGNORED_IN_CLIP_L if name == "clip_l" else IGNORED_IN_TEXTS
    part = find(file, name, (*prefixes, *_ALONE), infer_clip_text, ignored, text_alone)
    if part is None:
        return None
    is_its_own = next(each for each, least in _LEAST_LAYERS.items() if part.config.layers >= least) == name
    return part if is_its_own else None


def text_alone(file: TensorFile) -> TensorFile:
    """What is the text encoder's of a CLIP, under the names of its network."""
    inner = file.below(_IN_TRANSFORMERS)
    if not inner.tensors:
        return as_transformers(file)
    names = {name: _IN_TRANSFORMERS + name for name in inner.tensors}
    return as_transformers(file.renamed(names | {name: name for name in _OUTSIDE if name in file.tensors}))


def parts(
    file: TensorFile,
    is_own: Callable[[UNetConfig], bool],
    texts: Mapping[str, Part[Any] | None],
    *,
    vae_prefixes: tuple[str, ...] = VAE_PREFIXES,
    vision_prefix: str | None = None,
) -> Parts | None:
    """A family's networks in a file, its text encoders being found already; None if there are none.

    None too if there is a UNet that is not the family's own.
    """
    unet = find(file, "unet", UNET_PREFIXES, infer_unet, IGNORED_IN_NETWORKS, diffusers_unet.as_original)
    if unet is not None and not is_own(unet.config):
        return None
    vae = find(file, "vae", vae_prefixes, infer_vae, IGNORED_IN_NETWORKS, diffusers_vae.as_original)
    found = {name: part for name, part in texts.items() if part is not None}
    vision = None if vision_prefix is None else find_vision(file, vision_prefix)
    return Parts(unet, vae, found, vision) if unet or vae or found else None
