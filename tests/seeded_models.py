"""Small models as files, made from a seed: SD1 at reduced width, as the recorded data has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from safetensors.torch import save_file

from tests.weights_from_seed import tensor_from_seed, weights_from_seed
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.weights.networks.clip_text import ClipTextConfig
from wftools.weights.networks.unet import UNetConfig
from wftools.weights.networks.vae import VaeConfig

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from wftools.values import Clip, Conditioning

UNET: Final = UNetConfig(model_channels=32, context_dim=128)
VAE: Final = VaeConfig(channels=32)
CLIP_L: Final = ClipTextConfig(width=128, layers=4, mlp_width=512)


def write_models(folder: Path) -> None:
    """Every file that the recorded prompts name, in the folder of its kind."""
    with torch.device("meta"):
        unet, vae, clip = UNet(UNET), AutoencoderKL(VAE), ClipText(CLIP_L)
    checkpoint = {
        **shapes_of(unet, "model.diffusion_model."),
        **shapes_of(vae, "first_stage_model."),
        **shapes_of(clip, "cond_stage_model.transformer.text_model."),
    }
    for kind, name, shapes, seed in (
        ("checkpoints", "mini_sd15", checkpoint, 1),
        ("vae", "mini_vae", shapes_of(vae), 2),
        ("clip", "mini_clip_l", shapes_of(clip, "text_model."), 3),
    ):
        (folder / kind).mkdir(parents=True)
        save_file(weights_from_seed(shapes, seed), folder / kind / f"{name}.safetensors")
    (folder / "embeddings").mkdir()
    vectors = tensor_from_seed("mini_embed.embedding", (3, CLIP_L.width), 17)
    save_file({"emb_params": vectors}, folder / "embeddings/mini_embed.safetensors")


def encoded(clip: Clip, text: str) -> Conditioning:
    """A prompt as CLIPTextEncode encodes it."""
    return clip.encode(clip.tokenised(text))


def shapes_of(network: nn.Module, prefix: str = "") -> dict[str, tuple[int, ...]]:
    """Every tensor of a network, as a file names it."""
    return {prefix + name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
