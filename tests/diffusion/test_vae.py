from dataclasses import replace

import pytest
import torch
from torch import Tensor

from wftools.context import Placement
from wftools.diffusion.networks.vae import AutoencoderKL
from wftools.diffusion.vae import ImageVae
from wftools.errors import RunError
from wftools.weights.networks.vae import VaeConfig


@pytest.fixture(scope="module")
def vae() -> ImageVae:
    torch.manual_seed(0)
    config = VaeConfig(channels=32, channel_mult=(1, 1, 1, 1), res_blocks=1)
    return ImageVae(AutoencoderKL(config), Placement())


@pytest.mark.parametrize(
    ("height", "width", "top", "left"),
    [(16, 24, 0, 0), (17, 24, 0, 0), (18, 31, 1, 3), (23, 25, 3, 0)],
)
def test_a_picture_is_cut_at_the_centre_to_whole_cells(
    vae: ImageVae, height: int, width: int, top: int, left: int
) -> None:
    picture = torch.rand(1, height, width, 3, generator=torch.Generator().manual_seed(0))

    latent = vae.encode(picture)

    assert torch.equal(latent, vae.encode(picture[:, top : top + 16, left : left + 24]))
    assert latent.shape == (1, 4, 2, 3)


def test_alpha_is_left_out(vae: ImageVae) -> None:
    picture = torch.rand(1, 8, 8, 4)

    assert torch.equal(vae.encode(picture), vae.encode(picture[..., :3]))


def test_pictures_of_a_batch_do_not_know_of_each_other(vae: ImageVae) -> None:
    pictures = torch.rand(2, 8, 8, 3)

    latents = vae.encode(pictures)

    assert torch.equal(latents[1:], vae.encode(pictures[1:]))
    assert torch.equal(vae.decode(latents)[1:], vae.decode(latents[1:]))


def test_pixels_stay_within_0_and_1() -> None:
    network = AutoencoderKL(VaeConfig(channels=32, channel_mult=(1, 1, 1, 1), res_blocks=1))
    with torch.no_grad():
        network.decoder.conv_out.weight.mul_(100)

    decoded = ImageVae(network, Placement()).decode(torch.randn(1, 4, 2, 3))

    assert decoded.shape == (1, 16, 24, 3)
    assert decoded.min() == 0.0
    assert decoded.max() == 1.0


def test_a_picture_smaller_than_a_cell_is_refused(vae: ImageVae) -> None:
    with pytest.raises(RunError, match="100 x 7 pixels"):
        vae.encode(torch.zeros(1, 7, 100, 3))


@pytest.mark.parametrize("shape", [(1, 16, 2, 2), (1, 4, 2, 2, 2)])
def test_latents_of_another_kind_are_refused(vae: ImageVae, shape: tuple[int, ...]) -> None:
    with pytest.raises(RunError, match="the VAE needs 4 channels"):
        vae.decode(torch.zeros(shape))


def test_the_ratio_follows_from_the_levels() -> None:
    config = VaeConfig(channels=32, channel_mult=(1, 1), res_blocks=1)
    halving = ImageVae(AutoencoderKL(config), Placement())

    assert halving.encode(torch.zeros(1, 8, 8, 3)).shape == (1, 4, 4, 4)
    assert replace(config, channel_mult=(1,)).ratio == 1


def reconstruction_error(network: AutoencoderKL, picture: Tensor) -> Tensor:
    mean = network.encode(picture)
    return (network.decode(mean) - picture).square().mean()


def test_the_network_trains() -> None:
    """As the recipe of the embedded model needs it; the handle switches gradients off, the network does not."""
    torch.manual_seed(0)
    network = AutoencoderKL(VaeConfig(channels=32, channel_mult=(1,), res_blocks=1, group_width=4))
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    picture = torch.rand(1, 3, 8, 8)
    before = reconstruction_error(network, picture)

    before.backward()
    optimiser.step()

    missing = [name for name, weight in network.named_parameters() if weight.grad is None]
    assert missing == []
    assert reconstruction_error(network, picture) < before
