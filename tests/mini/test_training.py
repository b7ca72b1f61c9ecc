"""Each stage with a few steps: that it runs, that it can be cut off, and that what it starts from is what it says."""

from pathlib import Path

import pytest
import torch
from torch import nn

from wftools.diffusion.networks.unet import UNet
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.mini import text, unet, vae
from wftools.mini.score import Settings, painter, prompts
from wftools.mini.train import Recipe, train
from wftools.mini.unet import Course
from wftools.weights.families.sd1 import LATENT_FORM

torch.set_num_threads(1)


def silent(_line: str) -> None:
    """Report nothing."""


@pytest.fixture(scope="module")
def untrained_vae() -> AutoencoderKL:
    torch.manual_seed(0)
    network = AutoencoderKL(vae.VAE_CONFIG)
    vae.analytic_start(network)
    return network


def test_the_vae_starts_as_the_mean_colour_of_each_cell(untrained_vae: AutoencoderKL) -> None:
    pictures = vae.training_pictures(range(16))
    cells = nn.functional.avg_pool2d(pictures, 8)

    with torch.no_grad():
        latent = untrained_vae.encode(pictures)
        decoded = untrained_vae.decode(latent)

    assert (latent[:, :3] - cells).abs().max() < 0.02
    assert (decoded - cells.repeat_interleave(8, 2).repeat_interleave(8, 3)).abs().max() < 0.05


@pytest.mark.slow
def test_normalised_latents_have_mean_0_and_deviation_1_and_decode_as_before(untrained_vae: AutoencoderKL) -> None:
    network = AutoencoderKL(vae.VAE_CONFIG)
    network.load_state_dict(untrained_vae.state_dict())
    pictures = vae.training_pictures(range(100, 132))

    vae.normalise(network, 64)

    with torch.no_grad():
        latent = network.encode(pictures)
        torch.testing.assert_close(
            network.decode(latent), untrained_vae.decode(untrained_vae.encode(pictures)), atol=1e-3, rtol=0
        )
    deviation, mean = torch.std_mean(latent * LATENT_FORM.scale, (0, 2, 3))
    assert mean.abs().max() < 0.3
    assert (deviation - 1).abs().max() < 0.3


def test_the_unet_starts_by_answering_that_all_is_noise() -> None:
    network = UNet(unet.UNET_CONFIG)
    unet.start_as_noise(network)
    x = torch.randn(2, 4, 16, 16, generator=torch.Generator().manual_seed(0))

    output = network(x, torch.tensor([10, 990]), torch.randn(2, 77, 64))

    assert (output - x).abs().max() < 0.1


@pytest.mark.parametrize("word", ["circle", "red", "background", "top"])
def test_words_of_captions_are_in_the_vocabulary(word: str) -> None:
    assert set(text.padded(word)) <= set(text.vocabulary())


@pytest.mark.slow
def test_words_without_meaning_have_no_vector(tmp_path: Path) -> None:
    network = text.train_text(tmp_path, 2, silent)
    table = network.embeddings.token_embedding.weight

    used = table.abs().sum(1).nonzero()[:, 0].tolist()

    assert used == list(text.vocabulary())
    assert not table[text.padded("masterpiece")[1]].any()


@pytest.mark.slow
def test_every_stage_runs_and_the_checkpoint_paints(tmp_path: Path) -> None:
    """The whole recipe with almost no steps: what comes out is a checkpoint that the nodes load."""
    course = Course(pictures=32, plain_steps=1, steps=2)

    train(tmp_path / "mini.safetensors", tmp_path / "run", Recipe(2, 2, course, prompts()[:1]))

    picture = painter(tmp_path / "mini.safetensors").paint("a red circle", 0, Settings(steps=1))
    assert picture.shape == (128, 128, 3)
    assert "after" not in (tmp_path / "run/log.txt").read_text()
