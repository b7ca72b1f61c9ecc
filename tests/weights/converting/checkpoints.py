"""Small checkpoints of several families as files: names and shapes as ComfyUI's recorded data has them."""

from __future__ import annotations

import gzip
import json
import math
from functools import cache
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from tests.seeded_models import shapes_of
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.weights.networks.clip_text import ClipTextConfig
from wftools.weights.networks.unet import UNetConfig
from wftools.weights.networks.vae import VaeConfig

DATA = Path(__file__).parent.parent.parent / "data/diffusion"
VOCABULARY = 49408
FEW = 64  # words

UNET = UNetConfig(model_channels=32, context_dim=16)
VAE = VaeConfig(channels=32)
CLIP_L = ClipTextConfig(width=16, layers=2, mlp_width=32, vocabulary=FEW, head_dim=8)
METADATA = {"wftools.clip_l.head_dim": "8"}


@cache
def shapes(family: str) -> dict[str, tuple[int, ...]]:
    """Every tensor of a checkpoint of that family, with few words."""
    if family != "sd1":
        recorded = json.loads(gzip.decompress((DATA / f"{family}.shapes.json.gz").read_bytes()))
        return {name: tuple(FEW if size == VOCABULARY else size for size in shape) for name, shape in recorded.items()}
    with torch.device("meta"):
        networks: tuple[tuple[nn.Module, str], ...] = (
            (UNet(UNET), "model.diffusion_model."),
            (AutoencoderKL(VAE), "first_stage_model."),
            (ClipText(CLIP_L), "cond_stage_model.transformer.text_model."),
        )
    found = {name: shape for network, prefix in networks for name, shape in shapes_of(network, prefix).items()}
    return found | {"cond_stage_model.transformer.text_model.embeddings.position_ids": (1, 77)}


@cache
def checkpoint(family: str, dtype: torch.dtype = torch.float8_e4m3fn) -> dict[str, Tensor]:
    """Such a checkpoint with any numbers in it, all of one type but for the positions."""
    generator = torch.Generator().manual_seed(0)

    def tensor(name: str, shape: tuple[int, ...]) -> Tensor:
        if name.endswith("position_ids"):
            return torch.arange(77)[None]
        if dtype.itemsize == 1:
            return (
                torch.randint(0, 256, (math.prod(shape),), dtype=torch.uint8, generator=generator)
                .view(dtype)
                .reshape(shape)
            )
        return torch.randn(shape, generator=generator).to(dtype)

    return {name: tensor(name, shape) for name, shape in shapes(family).items()}


def write(path: Path, tensors: dict[str, Tensor]) -> Path:
    """The file."""
    save_file(tensors, path, METADATA)
    return path


def bits(tensor: Tensor) -> bytes:
    """A tensor's bytes, which tell NaNs apart."""
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
