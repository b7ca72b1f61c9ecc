"""A model small enough to be exported in moments, and what was exported of it."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.seeded_models import shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.context import Context
from wftools.diffusion.checkpoint import load_checkpoint
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.controlnet import ControlNet
from wftools.diffusion.networks.rrdb import Rrdb
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.diffusion.onnx.exporting import export, exportable, open_source, targets
from wftools.folders import Folders
from wftools.values import Clip, Model, Vae
from wftools.weights.networks.clip_text import ClipTextConfig
from wftools.weights.networks.controlnet import ControlNetConfig
from wftools.weights.networks.unet import UNetConfig
from wftools.weights.networks.upscaler import RrdbConfig
from wftools.weights.networks.vae import VaeConfig

UNET = UNetConfig(
    model_channels=32, channel_mult=(1, 2), res_blocks=1, transformer_depth=(0, 1), context_dim=64, middle_depth=1
)
VAE = VaeConfig(channels=32, channel_mult=(1, 1), res_blocks=1)
CLIP_L = ClipTextConfig(width=64, layers=3, mlp_width=64)
KINDS = ("diffusion_models", "text_encoders", "vae", "controlnet", "upscale_models")


def exported(source: Path, out: Path, part: str | None = None, dtype: str = "fp32") -> None:
    for each, path in targets(exportable(open_source(source), part), out):
        export(each, path, dtype)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models, `tiny` as a checkpoint, and each part as ONNX in the folder of its kind."""
    models = tmp_path_factory.mktemp("onnx")
    with torch.device("meta"):
        unet, vae, clip = UNet(UNET), AutoencoderKL(VAE), ClipText(CLIP_L)
        control, upscaler = ControlNet(ControlNetConfig(encoder=UNET)), Rrdb(RrdbConfig(channels=8, growth=4, blocks=1))
    for kind in ("checkpoints", *KINDS):
        (models / kind).mkdir()
    shapes = {
        **shapes_of(unet, "model.diffusion_model."),
        **shapes_of(vae, "first_stage_model."),
        **shapes_of(clip, "cond_stage_model.transformer.text_model."),
    }
    save_file(weights_from_seed(shapes, 1), models / "checkpoints/tiny.safetensors")
    save_file(weights_from_seed(shapes_of(control, "control_model."), 2), models / "controlnet/tiny.safetensors")
    save_file(weights_from_seed(shapes_of(upscaler), 3), models / "upscale_models/tiny.safetensors")
    exported(models / "checkpoints/tiny.safetensors", models / "tiny")
    for kind in ("diffusion_models", "text_encoders", "vae"):
        (models / kind / "tiny").symlink_to(models / "tiny")
    for kind in ("controlnet", "upscale_models"):
        exported(models / kind / "tiny.safetensors", models / kind / "tiny.onnx")
    return models


@pytest.fixture(scope="session")
def context(folder: Path) -> Context:
    return Context(Folders(models=folder))


@pytest.fixture(scope="session")
def plain(context: Context) -> tuple[Model, Clip, Vae]:
    """The same model as torch runs it."""
    return load_checkpoint("tiny.safetensors", context)
