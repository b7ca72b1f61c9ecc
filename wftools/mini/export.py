"""The three networks as one file in the layout of a Stable Diffusion 1 checkpoint, in half precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from safetensors.torch import save

from wftools.weights.networks.declared import declaration
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from wftools.diffusion.networks.clip_text import ClipText
    from wftools.diffusion.networks.unet import UNet
    from wftools.diffusion.networks.vae import AutoencoderKL

RECIPE: Final = "1"  # raised when the same steps would give another model

UNET_PREFIX: Final = "model.diffusion_model."
VAE_PREFIX: Final = "first_stage_model."
TEXT_PREFIX: Final = "cond_stage_model.transformer.text_model."


def export(path: Path, unet: UNet, vae: AutoencoderKL, text: ClipText, notes: Mapping[str, str] | None = None) -> None:
    """Write a checkpoint. Its metadata says what shapes do not show, and `notes`."""
    tensors = {
        **_halves(unet.state_dict(), UNET_PREFIX),
        **_halves(vae.state_dict(), VAE_PREFIX),
        **_halves(text.state_dict(), TEXT_PREFIX),
    }
    metadata = {
        **declaration("unet", unet.config),
        **declaration("vae", vae.config),
        **declaration("clip_l", text.config),
        "wftools.mini.recipe": RECIPE,
        "license": "Apache-2.0",
        "modelspec.title": "wftools mini",
        "modelspec.description": "coloured shapes at 128 x 128, trained from nothing by python -m wftools.mini.train",
        **(notes or {}),
    }
    write_atomically(path, save(tensors, metadata))


def _halves(weights: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {prefix + name: tensor.detach().to(torch.float16).contiguous() for name, tensor in weights.items()}
