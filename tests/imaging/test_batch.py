"""wftools.imaging.batch: images that fit each other."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.imaging.batch import batch, rebatch, to_batch, to_longest, with_channels


def images(count: int, channels: int = 3) -> torch.Tensor:
    """Images (count, 2, 4, channels) of one value each: 0, 1, 2 …"""
    return torch.arange(float(count)).reshape(count, 1, 1, 1).expand(count, 2, 4, channels)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.integers(1, 5))
def test_batches_of_a_size_hold_all_images_in_order(counts: list[int], size: int) -> None:
    given_ = [images(count) for count in counts]

    batches = rebatch(given_, size)

    assert torch.equal(torch.cat(batches), torch.cat(given_))
    assert all(len(each) == size for each in batches[:-1])
    assert 1 <= len(batches[-1]) <= size


def test_images_of_different_sizes_come_into_one_batch_only_if_they_must() -> None:
    two = [images(1), torch.zeros(1, 3, 3, 3)]

    assert [len(each) for each in rebatch(two, 1)] == [1, 1]
    with pytest.raises(RunError, match="3 x 3 and 4 x 2"):
        rebatch(two, 2)


@given(st.integers(1, 5), st.integers(0, 12))
def test_a_batch_is_repeated_or_cut_to_a_size(count: int, size: int) -> None:
    assert to_batch(images(count), size)[:, 0, 0, 0].tolist() == [i % count for i in range(size)]


def test_an_empty_batch_cannot_be_repeated() -> None:
    with pytest.raises(RunError, match="empty batch"):
        to_batch(images(0), 2)
    with pytest.raises(RunError, match="empty batch"):
        to_longest(images(0), images(2))


def test_shorter_batches_end_with_copies_of_their_last_image() -> None:
    one, other = to_longest(images(2), images(4))

    assert one[:, 0, 0, 0].tolist() == [0, 1, 1, 1]
    assert torch.equal(other, images(4))


@given(st.integers(1, 4), st.integers(1, 4))
def test_missing_channels_are_opaque(own: int, wanted: int) -> None:
    image = with_channels(images(1, own), wanted)

    assert image.shape[-1] == wanted
    assert (image[..., : min(own, wanted)] == 0).all()
    assert (image[..., own:] == 1).all()


def test_the_first_image_gives_the_size_of_a_batch() -> None:
    assert batch([images(2), torch.rand(1, 8, 8, 4)]).shape == (3, 2, 4, 4)
