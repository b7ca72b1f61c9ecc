"""wftools.imaging.resize: the size that is meant, for images and for masks. Parity cases test the pixels."""

from typing import Any

import pytest
import torch

from wftools.errors import RunError
from wftools.imaging.resize import resize


@pytest.mark.parametrize(
    ("how", "size"),
    [
        ({"width": 20, "height": 9, "crop": "center"}, (20, 9)),
        ({"width": 0, "height": 9, "crop": "disabled"}, (15, 9)),
        ({"width": 5, "height": 0, "crop": "disabled"}, (5, 3)),
        ({"width": 0, "height": 0, "crop": "disabled"}, (10, 6)),
        ({"width": 20}, (20, 12)),
        ({"height": 12}, (20, 12)),
        ({"multiplier": 0.25}, (2, 2)),  # 2.5 and 1.5, rounded half to even
        ({"longer_size": 5}, (5, 3)),
        ({"shorter_size": 3}, (5, 3)),
        ({"megapixels": 240 / 2**20}, (20, 12)),
        ({"match": torch.zeros(1, 7, 8), "crop": "disabled"}, (8, 7)),
        ({"match": torch.zeros(1, 7, 8, 3), "crop": "center"}, (8, 7)),
        ({"multiple": 4}, (8, 4)),
        ({"multiple": 7}, (10, 6)),  # one side is too short
        ({"multiple": 1}, (10, 6)),
    ],
)
@pytest.mark.parametrize("is_mask", [False, True])
def test_a_size_may_be_said_in_many_ways(how: dict[str, Any], size: tuple[int, int], is_mask: bool) -> None:
    pixels = torch.rand(2, 6, 10) if is_mask else torch.rand(2, 6, 10, 3)

    resized = resize(pixels, how, "bilinear")

    assert resized.shape == (2, size[1], size[0], *pixels.shape[3:])


@pytest.mark.parametrize("how", [{"multiplier": 0.01}, {"longer_size": 0}, {"shorter_size": 0}])
def test_nothing_is_scaled_to_nothing(how: dict[str, Any]) -> None:
    with pytest.raises(RunError, match="no pixels"):
        resize(torch.rand(2, 6, 10), how, "bilinear")


def test_sides_of_zero_keep_the_pixels_as_they_are() -> None:
    """Also with lanczos, which would cut them down to 8 bits."""
    pixels = torch.rand(2, 6, 10, 3)

    assert torch.equal(resize(pixels, {"width": 0, "height": 0, "crop": "center"}, "lanczos"), pixels)


def test_sides_are_cut_to_a_multiple_in_the_middle() -> None:
    """12 x 6 covers 8 x 4 at 8 x 4; 10 x 4 covers 8 x 4 as it is, and loses a column at each side."""
    columns = torch.arange(10.0).expand(1, 4, 10)

    cut = resize(columns, {"multiple": 4}, "nearest-exact")

    assert cut[0, 0].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
