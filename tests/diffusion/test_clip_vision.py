import pytest
import torch
from torch.testing import assert_close

from tests.seeded_models import shapes_of
from tests.weights_from_seed import weights_from_seed
from wftools.diffusion.networks.clip_vision import ClipVision
from wftools.diffusion.vision import DEVIATIONS, MEANS, normalised
from wftools.errors import InputError
from wftools.weights.networks.clip_vision import ClipVisionConfig

SMALL = ClipVisionConfig(width=64, layers=2, mlp_width=96, patch=2, positions=5, projection_width=8)


@pytest.mark.parametrize("size", [(24, 40), (40, 24), (7, 5), (16, 16)])
@pytest.mark.parametrize("is_cropped", [True, False])
def test_pictures_of_any_size_are_brought_to_that_of_the_network(size: tuple[int, int], is_cropped: bool) -> None:
    grey = torch.full((2, *size, 4), 0.6)

    pixels = normalised(grey, 16, crop=is_cropped)

    expected = (torch.tensor(153 / 255) - torch.tensor(MEANS)) / torch.tensor(DEVIATIONS)
    assert_close(pixels, expected.reshape(1, 3, 1, 1).expand(2, 3, 16, 16))


def test_the_middle_of_a_picture_is_seen() -> None:
    picture = torch.zeros(1, 8, 24, 3)
    picture[:, :, 8:16] = 1

    cropped, whole = (normalised(picture, 8, crop=is_cropped) for is_cropped in (True, False))

    assert cropped.std() == pytest.approx(float(normalised(torch.ones(1, 8, 8, 3), 8, crop=True).std()))
    assert whole[..., 0].max() < whole[..., 4].min()


def test_each_patch_and_the_whole_have_a_state() -> None:
    network = ClipVision(SMALL)
    network.load_state_dict(weights_from_seed(shapes_of(network), 1))

    last, penultimate, projected = network(torch.rand(3, 3, 4, 4))

    assert SMALL.side == 4
    assert last.shape == penultimate.shape == (3, 5, 64)
    assert_close(network.vision_model.encoder.layers[-1](penultimate), last)
    assert projected.shape == (3, 8)


@pytest.mark.parametrize(("width", "heads"), [(1024, 16), (1280, 16), (1664, 16), (64, 2), (32, 1)])
def test_the_width_tells_the_heads(width: int, heads: int) -> None:
    assert ClipVisionConfig(width=width).heads == heads


def test_a_width_that_cannot_be_divided_is_refused() -> None:
    with pytest.raises(InputError, match="100 cannot have 3 heads"):
        _ = ClipVisionConfig(width=100).heads


@pytest.mark.parametrize(("layers", "activation"), [(24, "quick_gelu"), (32, "gelu")])
def test_the_depth_tells_whose_encoder_it_is(layers: int, activation: str) -> None:
    assert ClipVisionConfig(layers=layers).activation == activation
