"""Small models as files, made from a seed, loaded as a user's would be."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.seeded_models import write_models
from wftools.context import Context
from wftools.diffusion.checkpoint import load_checkpoint
from wftools.folders import Folders
from wftools.values import Clip, Model, Vae


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: checkpoints/mini_sd15.safetensors, embeddings/mini_embed.safetensors and others."""
    folder = tmp_path_factory.mktemp("models")
    write_models(folder)
    return folder


@pytest.fixture(scope="session")
def context(models: Path) -> Context:
    return Context(Folders(models=models))


@pytest.fixture(scope="session")
def mini_sd15(context: Context) -> tuple[Model, Clip, Vae]:
    return load_checkpoint("mini_sd15.safetensors", context)


@pytest.fixture(scope="session")
def picture() -> Tensor:
    """A picture (1, 96, 128, 3) in whole 255ths."""
    y, x = torch.meshgrid(torch.arange(96.0), torch.arange(128.0), indexing="ij")
    y, x = y.double(), x.double()
    red = 127 + 120 * torch.sin(x / 9) * torch.cos(y / 13)
    blue = 127 + 100 * torch.cos((x + y) / 7)
    levels = torch.stack([red, 255 * x / 127, blue], dim=-1).clamp(0, 255).floor()
    return (levels.float() / 255)[None]


@pytest.fixture(scope="session")
def circle() -> Tensor:
    """A mask (1, 96, 128): 1 inside a circle."""
    y, x = torch.meshgrid(torch.arange(96), torch.arange(128), indexing="ij")
    return ((x - 64) ** 2 + (y - 48) ** 2 < 900).float()[None]
