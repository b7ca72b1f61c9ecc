"""wftools.imaging.composite: laws of pasting and of Porter and Duff. Recorded cases test the numbers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from wftools.errors import RunError
from wftools.imaging.composite import OPERATORS, composite, join_alpha, paste, porter_duff, split_alpha

A, B = torch.rand(2, 2, 6, 8, 3, generator=torch.Generator().manual_seed(1))
SMALL = torch.rand(1, 3, 4, 3, generator=torch.Generator().manual_seed(2))
OPAQUE, CLEAR = torch.zeros(2, 6, 8), torch.ones(2, 6, 8)

offsets = st.integers(0, 20)


@given(offsets, offsets)
def test_only_what_is_covered_changes(x: int, y: int) -> None:
    pasted = composite(A, SMALL, x, y)

    inside = torch.zeros(6, 8, dtype=torch.bool)
    inside[y : y + 3, x : x + 4] = True
    assert torch.equal(pasted[:, ~inside], A[:, ~inside])
    assert torch.equal(
        pasted[:, y : y + 3, x : x + 4], SMALL[:, : max(6 - y, 0), : max(8 - x, 0)].expand(2, -1, -1, -1)
    )


@given(offsets, offsets)
def test_an_empty_mask_changes_nothing(x: int, y: int) -> None:
    assert torch.equal(composite(A, SMALL, x, y, torch.zeros(1, 5, 5)), A)


def test_a_mask_is_stretched_over_the_source() -> None:
    half = torch.tensor([[[1.0, 0.0]]])

    pasted = composite(A, B, 0, 0, half)

    assert torch.equal(pasted[:, :, :2], B[:, :, :2])
    assert torch.equal(pasted[:, :, 6:], A[:, :, 6:])


def test_a_source_is_stretched_over_the_destination() -> None:
    assert torch.equal(composite(A, torch.full((1, 2, 2, 3), 0.5), 0, 0, is_fitted=True), torch.full_like(A, 0.5))


def test_the_destination_is_not_written_into() -> None:
    before = A.clone()

    composite(A, SMALL, 0, 0)

    assert torch.equal(A, before)


@pytest.mark.parametrize(("own", "other"), [(4, 3), (3, 4)])
def test_the_destination_gives_the_channels(own: int, other: int) -> None:
    pasted = composite(torch.zeros(1, 4, 4, own), torch.full((1, 2, 2, other), 0.5), 0, 0)

    assert pasted.shape[-1] == own
    assert pasted[0, 0, 0].tolist() == [0.5, 0.5, 0.5, 1.0][:own]


def test_latents_of_videos_are_pasted_frame_by_frame() -> None:
    video, part = torch.zeros(1, 4, 3, 6, 6), torch.ones(1, 4, 3, 2, 2)

    pasted = paste(video, part, 1, 2, torch.ones(1, 8, 8))

    assert pasted[:, :, :, 2:4, 1:3].min() == 1
    assert pasted.sum() == part.sum()


def one(operator: str, source_mask: Tensor, destination_mask: Tensor) -> tuple[Tensor, Tensor]:
    """A on B."""
    return porter_duff(A, source_mask, B, destination_mask, operator)


@pytest.mark.parametrize("operator", OPERATORS)
def test_results_lie_in_their_range(operator: str) -> None:
    masks = torch.rand(2, 2, 6, 8, generator=torch.Generator().manual_seed(3))

    image, mask = one(operator, *masks)

    assert image.shape == B.shape
    assert mask.shape == B.shape[:3]
    assert 0 <= image.min() <= image.max() <= 1
    assert -1e-6 <= mask.min() <= mask.max() <= 1 + 1e-6


@pytest.mark.parametrize(
    ("operator", "image", "mask"),
    [
        ("SRC", A, OPAQUE),
        ("DST", B, OPAQUE),
        ("SRC_OVER", A, OPAQUE),
        ("DST_OVER", B, OPAQUE),
        ("SRC_IN", A, OPAQUE),
        ("SRC_ATOP", A, OPAQUE),
        ("DST_ATOP", B, OPAQUE),
        ("CLEAR", torch.zeros_like(A), CLEAR),
        ("SRC_OUT", torch.zeros_like(A), CLEAR),
        ("XOR", torch.zeros_like(A), CLEAR),
        ("DARKEN", torch.minimum(A, B), OPAQUE),
        ("LIGHTEN", torch.maximum(A, B), OPAQUE),
        ("MULTIPLY", A * B, OPAQUE),
        ("SCREEN", A + B - A * B, OPAQUE),
        ("ADD", (A + B).clamp(max=1), OPAQUE),
    ],
)
def test_opaque_images_are_combined_as_the_name_says(operator: str, image: Tensor, mask: Tensor) -> None:
    got, transparency = one(operator, OPAQUE, OPAQUE)

    torch.testing.assert_close(got, image)
    torch.testing.assert_close(transparency, mask)


@pytest.mark.parametrize("operator", ["SRC_OVER", "DST_OVER", "ADD", "XOR", "SCREEN", "DARKEN", "SRC_ATOP"])
def test_a_transparent_source_leaves_the_destination(operator: str) -> None:
    image, mask = one(operator, CLEAR, OPAQUE)

    torch.testing.assert_close(image, B)
    torch.testing.assert_close(mask, OPAQUE)


def test_layers_are_fitted_to_the_destination_and_cut_to_the_shortest_batch() -> None:
    image, mask = porter_duff(SMALL, torch.zeros(3, 5, 5), B, torch.zeros(2, 9, 9), "SRC")

    assert image.shape == (1, 6, 8, 3)
    assert mask.shape == (1, 6, 8)


def test_images_of_other_channels_are_refused() -> None:
    with pytest.raises(RunError, match="4 channels, the destination 3"):
        porter_duff(torch.rand(1, 6, 8, 4), OPAQUE, B, OPAQUE, "SRC")


def test_what_is_joined_can_be_split() -> None:
    mask = torch.rand(2, 6, 8)

    image, transparency = split_alpha(join_alpha(A, mask))

    assert torch.equal(image, A)
    torch.testing.assert_close(transparency, mask)


def test_an_image_without_alpha_is_opaque() -> None:
    assert torch.equal(split_alpha(A)[1], OPAQUE)


def test_the_shorter_batch_is_repeated() -> None:
    assert join_alpha(A[:1], torch.rand(3, 2, 2)).shape == (3, 6, 8, 4)
    assert join_alpha(A, torch.rand(1, 2, 2)).shape == (2, 6, 8, 4)
