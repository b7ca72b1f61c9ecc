"""wftools.imaging.collection: laws of crops, shuffles, doubles and grids. Recorded cases test the numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.imaging.collection import center_crop, distinct, grid, random_crop, resize_to_edge, shuffled, singles
from wftools.imaging.eight_bits import in_bytes, to_image, to_picture

IMAGE = torch.arange(2 * 6 * 9 * 3).reshape(2, 6, 9, 3).remainder(256) / 255

sides = st.integers(1, 12)
seeds = st.integers(0, 2**64 - 1)


@given(sides, sides, seeds)
def test_a_crop_is_a_part_of_the_image(width: int, height: int, seed: int) -> None:
    for part in (center_crop(IMAGE, width, height), random_crop(IMAGE, width, height, seed)):
        assert part.shape == (2, min(height, 6), min(width, 9), 3)
        windows = IMAGE.unfold(1, part.shape[1], 1).unfold(2, part.shape[2], 1).permute(1, 2, 0, 4, 5, 3)
        assert (windows - part).abs().amax((2, 3, 4, 5)).min() < 1e-6


def test_the_middle_leaves_as_much_on_each_side() -> None:
    torch.testing.assert_close(center_crop(IMAGE, 5, 2), IMAGE[:, 2:4, 2:7])


def test_fractions_of_a_level_are_dropped() -> None:
    values = torch.tensor([-1.0, 0.999 / 255, 1.5 / 255, 2.0, torch.nan]).reshape(1, 5, 1)

    assert in_bytes(values).flatten().tolist() == [0, 0, 1, 255, 0]
    assert (center_crop(values[None], 9, 9) * 255).flatten().tolist() == [0, 0, 1, 255, 0]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pictures_of_bytes_can_be_undone(channels: int) -> None:
    image = IMAGE[0, ..., :1].expand(-1, -1, channels)

    torch.testing.assert_close(to_image(to_picture(image)), image)


@given(sides, st.booleans())
def test_one_side_gets_its_length_and_the_other_is_rounded_down(edge: int, is_longer: bool) -> None:
    other = int(6 * (edge / 9)) if is_longer else int(9 * (edge / 6))
    if other:
        size = (other, edge) if is_longer else (edge, other)
        assert resize_to_edge(IMAGE, edge, is_longer=is_longer).shape[1:3] == size
    else:
        with pytest.raises(RunError, match="no pixels"):
            resize_to_edge(IMAGE, edge, is_longer=is_longer)


@given(st.lists(st.integers()), seeds)
def test_shuffling_keeps_every_item(items: list[int], seed: int) -> None:
    assert sorted(shuffled(items, seed)) == sorted(items)
    assert shuffled(items, seed) == shuffled(items, seed)


@given(st.integers(0, 20), seeds)
def test_pairs_stay_together(count: int, seed: int) -> None:
    images, texts = list(range(count)), [str(index) for index in range(count + 3)]

    assert shuffled(texts, seed, count) == [str(index) for index in shuffled(images, seed)]


def test_the_order_is_that_of_numpys_generator_of_old() -> None:
    """ComfyUI seeds the global one, modulo 2**32 - 1, and leaves it so; here it stays as it was."""
    np.random.seed(1)
    expected = np.random.random()
    np.random.seed(1)

    assert shuffled(range(5), 2**32 - 1 + 7) == np.random.RandomState(7).permutation(5).tolist()
    assert np.random.random() == expected


def test_there_is_a_text_for_each_image() -> None:
    with pytest.raises(RunError, match="there are 1 for 2"):
        shuffled(["a"], 0, 2)


def test_doubles_are_left_out() -> None:
    ramp = torch.linspace(0, 1, 64).expand(1, 32, 3, 64).permute(0, 1, 3, 2)
    alike, mirrored = (ramp * 0.9).clamp(0, 1), ramp.flip(2)

    assert distinct([ramp, alike, mirrored, ramp], 0.95) == [ramp, mirrored]
    assert distinct([ramp, mirrored], 0.0) == [ramp]
    assert distinct([], 0.5) == []


def test_images_stand_in_a_grid() -> None:
    shown = grid(singles([torch.ones(3, 4, 4, 4)]), 2, 32, 40, 5)

    assert shown.shape == (1, 85, 69, 3)
    assert shown[0, :40, :32].min() == shown[0, :40, 37:].min() == shown[0, 45:, :32].min() == 1
    assert shown[0, 45:, 32:].max() == shown[0, 40:45].max() == shown[0, :, 32:37].max() == 0


def test_a_grid_of_nothing_is_an_error() -> None:
    with pytest.raises(RunError, match="no image"):
        grid([], 2, 32, 32, 0)
