"""wftools.nodes.latent_*: what no recorded prompt asks of them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.nodes.latent_advanced import latent_add, latent_concat, latent_cut, latent_cut_to_batch, latent_interpolate
from wftools.nodes.latent_batch import (
    latent_batch,
    latent_from_batch,
    repeat_latent_batch,
    replace_video_latent_frames,
)
from wftools.nodes.latent_empty import empty_hunyuan_latent_video, empty_sd3_latent_image
from wftools.nodes.latent_scaling import latent_blend, latent_composite, latent_upscale_by
from wftools.nodes.latent_transform import latent_crop
from wftools.values import Latent


def latent(*shape: int) -> Latent:
    return Latent(torch.randn(*shape, generator=torch.Generator().manual_seed(1)))


@given(st.integers(1, 4), st.integers(1, 4), st.integers(-9, 9), st.integers(1, 9))
def test_what_is_taken_from_a_repeated_batch_has_the_noise_of_its_place(
    count: int, amount: int, index: int, length: int
) -> None:
    """Every sample of a batch that knows its noise has another one, and keeps it when it is taken."""
    batch = latent_from_batch(samples=latent(count, 4, 2, 2), batch_index=0, length=count)
    repeated = repeat_latent_batch(samples=batch, amount=amount)
    part = latent_from_batch(samples=repeated, batch_index=index, length=length)

    assert repeated.batch_index == tuple(range(count * amount))
    assert part.batch_index
    for place, sample in zip(part.batch_index, part.samples, strict=True):
        assert torch.equal(sample, repeated.samples[place])


def test_a_batch_of_two_keeps_the_noise_of_each() -> None:
    one, two = latent(2, 4, 8, 8), latent(1, 4, 4, 4)

    assert latent_batch(samples1=one, samples2=two).batch_index == (0, 1, 0)


@pytest.mark.parametrize("along", ["x", "y", "t"])
def test_what_is_cut_and_joined_again_is_as_it_was(along: str) -> None:
    video = latent(1, 4, 6, 8, 10)
    parts = [latent_cut(samples=video, dim=along, index=index, amount=99 if index else 2) for index in (0, 2)]

    assert torch.equal(latent_concat(samples1=parts[0], samples2=parts[1], dim=along).samples, video.samples)
    assert torch.equal(latent_concat(samples1=parts[1], samples2=parts[0], dim=f"-{along}").samples, video.samples)


def test_slices_of_a_picture_along_time_are_the_picture() -> None:
    picture = latent(1, 4, 8, 8)

    assert latent_cut_to_batch(samples=picture, dim="t", slice_size=2) is picture


def test_between_a_latent_and_itself_there_is_only_itself() -> None:
    one = latent(1, 4, 8, 8)

    between = latent_interpolate(samples1=one, samples2=one, ratio=0.3)

    torch.testing.assert_close(between.samples, one.samples)


def test_frames_are_replaced_where_they_fit() -> None:
    film, more = latent(1, 4, 5, 2, 2), Latent(torch.ones(1, 4, 2, 2, 2))

    replaced = replace_video_latent_frames(destination=film, index=-2, source=more)

    assert torch.equal(replaced.samples[:, :, 3:], more.samples)
    assert torch.equal(replaced.samples[:, :, :3], film.samples[:, :, :3])
    for index in (4, -6, 9):
        assert replace_video_latent_frames(destination=film, index=index, source=more) is film
    assert replace_video_latent_frames(destination=film, index=0) is film


def test_composing_beyond_the_edge_changes_nothing() -> None:
    below = latent(1, 4, 8, 8)

    above = latent_composite(samples_to=below, samples_from=latent(1, 4, 8, 8), x=512, y=0, feather=16)

    assert torch.equal(above.samples, below.samples)


def test_what_does_not_go_together_is_one_error() -> None:
    small = latent(1, 4, 2, 2)

    with pytest.raises(RunError, match="do not go together"):
        latent_add(samples1=latent(1, 4, 8, 8), samples2=empty_sd3_latent_image(width=64, height=64))
    with pytest.raises(RunError, match="do not go together"):
        latent_composite(samples_to=small, samples_from=latent(1, 16, 2, 2))
    with pytest.raises(RunError, match="2 latents do not go upon 3"):
        latent_composite(samples_to=latent(3, 4, 2, 2), samples_from=latent(2, 4, 2, 2), feather=8)
    with pytest.raises(RunError, match="do not go upon"):
        latent_blend(samples1=latent(3, 4, 2, 2), samples2=latent(2, 4, 2, 2))
    with pytest.raises(RunError, match="joined"):
        latent_concat(samples1=small, samples2=latent(1, 4, 2, 3), dim="y")
    with pytest.raises(RunError, match="no cell"):
        latent_upscale_by(samples=small, upscale_method="area", scale_by=0.01)


def test_a_rectangle_that_reaches_over_the_edge_is_what_there_is_of_it() -> None:
    small = latent(1, 4, 2, 12)

    cut = latent_crop(samples=small, width=128, height=64, x=256, y=0)

    assert torch.equal(cut.samples, small.samples[..., 4:])


@pytest.mark.parametrize(("length", "frames"), [(1, 1), (4, 1), (5, 2), (25, 7)])
def test_a_video_has_a_latent_frame_for_the_first_and_one_for_every_four_more(length: int, frames: int) -> None:
    empty = empty_hunyuan_latent_video(width=64, height=32, length=length)

    assert empty.samples.shape == (1, 16, frames, 4, 8)
