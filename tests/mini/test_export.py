from pathlib import Path

import pytest
import torch

from tests.seeded_models import encoded
from wftools.context import Context
from wftools.diffusion.checkpoint import load_checkpoint, load_clip, load_vae
from wftools.diffusion.networks.clip_text import ClipText
from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.folders import Folders
from wftools.mini import text, unet, vae
from wftools.mini.export import export
from wftools.weights.families import Recognised, recognise
from wftools.weights.tensorfile import open_tensors

Networks = tuple[UNet, AutoencoderKL, ClipText]

NAME = "wftools-mini.safetensors"


@pytest.fixture(scope="module")
def networks() -> Networks:
    return UNet(unet.UNET_CONFIG), AutoencoderKL(vae.VAE_CONFIG), ClipText(text.TEXT_CONFIG)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, networks: Networks) -> Path:
    """A folder of models in which one exported file stands for every kind."""
    folder = tmp_path_factory.mktemp("models")
    export(folder / NAME, *networks, {"note": "of a test"})
    return folder


@pytest.fixture
def context(folder: Path) -> Context:
    return Context(Folders(more_models=dict.fromkeys(("checkpoints", "vae", "text_encoders"), (folder,))))


@pytest.fixture
def found(folder: Path) -> Recognised:
    recognised = recognise(open_tensors(folder / NAME))
    assert recognised is not None
    return recognised


def test_a_checkpoint_is_one_of_stable_diffusion_1(found: Recognised) -> None:
    assert found.family == "sd1"


def test_what_shapes_do_not_show_is_read_back(found: Recognised) -> None:
    parts = found.parts
    assert parts.network is not None
    assert parts.vae is not None
    assert (parts.network.config, parts.vae.config, parts.texts["clip_l"].config) == (
        unet.UNET_CONFIG,
        vae.VAE_CONFIG,
        text.TEXT_CONFIG,
    )


def test_metadata_tells_the_licence_the_recipe_and_notes(folder: Path) -> None:
    metadata = open_tensors(folder / NAME).metadata

    assert metadata["license"] == "Apache-2.0"
    assert metadata["wftools.mini.recipe"]
    assert metadata["note"] == "of a test"


def test_weights_are_stored_in_half_precision(folder: Path) -> None:
    assert {info.dtype for info in open_tensors(folder / NAME).tensors.values()} == {"F16"}


def test_each_loader_finds_its_part_in_the_one_file(context: Context, networks: Networks) -> None:
    latent = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    _, clip, decoder = load_checkpoint(NAME, context)

    assert torch.equal(load_vae(NAME, context).decode(latent), decoder.decode(latent))
    assert torch.equal(
        encoded(load_clip([NAME], "stable_diffusion", context), "a red circle")[0].tensor,
        encoded(clip, "a red circle")[0].tensor,
    )


def test_prompts_are_encoded_as_in_training(context: Context, networks: Networks) -> None:
    (cond,) = encoded(load_checkpoint(NAME, context)[1], "a red circle")

    trained = text.encoded(networks[2].half().float(), torch.tensor([text.padded("a red circle")]))

    torch.testing.assert_close(cond.tensor, trained)
