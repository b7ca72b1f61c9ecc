"""Latents in other batches, and latents through a mask: laws. Recorded cases test the numbers."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.nodes.latent_batch import batch_latents_node, rebatch_latents
from wftools.nodes.latent_scaling import latent_composite_masked
from wftools.values import Latent


def latent(count: int, side: int = 4, value: float | None = None) -> Latent:
    """Latents (count, 4, side, side) of one value, or of random ones."""
    shape = count, 4, side, side
    return Latent(torch.rand(shape) if value is None else torch.full(shape, value), downscale_ratio_spacial=8)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.integers(1, 5))
def test_batches_of_a_size_hold_all_latents_in_order(counts: list[int], size: int) -> None:
    given_ = [latent(count) for count in counts]

    batches = rebatch_latents(latents=given_, batch_size=[size])  # type: ignore[arg-type]  # lists, as they are called

    assert torch.equal(torch.cat([each.samples for each in batches]), torch.cat([each.samples for each in given_]))
    assert [index for each in batches for index in each.batch_index or ()] == list(range(sum(counts)))
    assert all(len(each.samples) == size for each in batches[:-1])
    assert all(each.noise_mask is None for each in batches)


def test_latents_of_another_size_begin_a_new_batch() -> None:
    batches = rebatch_latents(latents=[latent(1), latent(2, 5), latent(1, 5)], batch_size=[9])  # type: ignore[arg-type]

    assert [(each.samples.shape[0], each.samples.shape[-1], each.batch_index) for each in batches] == [
        (1, 4, (0,)),
        (3, 5, (1, 2, 3)),
    ]


def test_latents_keep_their_masks_and_their_noise() -> None:
    masked = replace(latent(2), noise_mask=torch.zeros(1, 1, 32, 32), batch_index=(7, 7))

    batches = rebatch_latents(latents=[latent(1), masked, latent(2)], batch_size=[2])  # type: ignore[arg-type]

    assert [each.batch_index for each in batches] == [(0, 7), (7, 3), (4,)]
    assert [None if each.noise_mask is None else each.noise_mask.amax((1, 2, 3)).tolist() for each in batches] == [
        [1, 0],
        [0, 1],
        None,
    ]


def test_one_batch_of_all_latents_has_the_size_of_the_first() -> None:
    batch = batch_latents_node(latents={"latent0": latent(2), "latent1": latent(1, 8), "latent2": latent(1)})

    assert batch.samples.shape == (4, 4, 4, 4)
    assert batch.batch_index == (0, 1, 0, 0)
    assert batch_latents_node(latents={"latent0": latent(2)}).batch_index == (0, 1)


def test_a_latent_lies_upon_another_where_the_mask_is() -> None:
    below, above = latent(2, 8, 0.0), latent(1, 4, 1.0)

    whole = latent_composite_masked(destination=below, source=above, x=16, y=8)
    half = latent_composite_masked(destination=below, source=above, x=56, y=0, mask=torch.full((1, 9, 9), 0.5))
    fitted = latent_composite_masked(destination=below, source=above, resize_source=True)
    nothing = latent_composite_masked(destination=below, source=above, x=640)

    assert (whole.samples[:, :, 1:5, 2:6] == 1).all()
    assert whole.samples.sum() == 2 * 4 * 16
    assert (half.samples[..., :4, 7] == 0.5).all()
    assert (fitted.samples == 1).all()
    assert torch.equal(nothing.samples, below.samples)
    assert whole.downscale_ratio_spacial == 8


def test_nothing_can_be_laid_upon_a_latent() -> None:
    with pytest.raises(RunError, match="empty batch"):
        latent_composite_masked(destination=latent(1), source=latent(0))
