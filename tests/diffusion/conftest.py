"""Small models as files, made from a seed, loaded as a user's would be."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from tests.weights_from_seed import tensor_from_seed, weights_from_seed
from wftools.context import Context
from wftools.diffusion.checkpoint import load_checkpoint
from wftools.diffusion.models.clip_text import ClipText
from wftools.diffusion.models.unet import UNet
from wftools.diffusion.models.vae import AutoencoderKL
from wftools.folders import Folders
from wftools.values import Clip, Model, Vae
from wftools.weights.detect.clip_text import ClipTextConfig
from wftools.weights.detect.unet import UNetConfig
from wftools.weights.detect.vae import VaeConfig

# Small tensors: a second thread costs more than it brings, on a busy machine most of all.
torch.set_num_threads(1)

# SD1 at reduced width, as the recorded data has it.
UNET = UNetConfig(model_channels=32, context_dim=128)
VAE = VaeConfig(channels=32)
CLIP_L = ClipTextConfig(width=128, layers=4, mlp_width=512)
CHECKPOINT_SEED = 1
EMBEDDING_SEED = 17


def shapes_of(network: nn.Module, prefix: str = "") -> dict[str, tuple[int, ...]]:
    """Every tensor of a network, as a file names it."""
    return {prefix + name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: checkpoints/mini_sd15.safetensors and embeddings/mini_embed.safetensors."""
    folder = tmp_path_factory.mktemp("models")
    with torch.device("meta"):
        shapes = {
            **shapes_of(UNet(UNET), "model.diffusion_model."),
            **shapes_of(AutoencoderKL(VAE), "first_stage_model."),
            **shapes_of(ClipText(CLIP_L), "cond_stage_model.transformer.text_model."),
        }
    for kind in ("checkpoints", "embeddings"):
        (folder / kind).mkdir()
    save_file(weights_from_seed(shapes, CHECKPOINT_SEED), folder / "checkpoints/mini_sd15.safetensors")
    vectors = tensor_from_seed("mini_embed.embedding", (3, CLIP_L.width), EMBEDDING_SEED)
    save_file({"emb_params": vectors}, folder / "embeddings/mini_embed.safetensors")
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
