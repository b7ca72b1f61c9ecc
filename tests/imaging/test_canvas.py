"""wftools.imaging.canvas: laws of padding and stitching. Recorded cases test the numbers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.imaging.canvas import fit, pad_for_outpaint, stitch

IMAGE = torch.rand(2, 6, 8, 3, generator=torch.Generator().manual_seed(1))

margins = st.integers(0, 9)


@given(margins, margins, margins, margins, st.integers(0, 5))
def test_cutting_off_the_margins_gives_the_image(left: int, top: int, right: int, bottom: int, feathering: int) -> None:
    padded, mask = pad_for_outpaint(IMAGE, left=left, top=top, right=right, bottom=bottom, feathering=feathering)

    assert torch.equal(padded[:, top : top + 6, left : left + 8], IMAGE)
    assert mask.shape == (1, *padded.shape[1:3])
    outside = torch.ones(padded.shape[1:3], dtype=torch.bool)
    outside[top : top + 6, left : left + 8] = False
    assert (padded[:, outside] == 0.5).all()
    assert (mask[0, outside] == 1).all()
    assert (mask[0, ~outside] < 1).all() or feathering


def test_a_mask_fades_with_the_square_of_the_distance_from_a_margin() -> None:
    _, mask = pad_for_outpaint(torch.rand(1, 6, 6, 3), left=1, top=0, right=0, bottom=0, feathering=2)

    assert mask[0, 3].tolist() == [1, 1, 0.25, 0, 0, 0, 0]


def test_a_mask_does_not_fade_where_there_is_no_room() -> None:
    _, mask = pad_for_outpaint(IMAGE, left=1, top=1, right=1, bottom=1, feathering=3)

    assert mask[0, 1:-1, 1:-1].max() == 0


@pytest.mark.parametrize(("width", "height", "size"), [(16, 16, (12, 16)), (8, 20, (6, 8)), (3, 2, (2, 2))])
def test_an_image_fits_into_the_middle(width: int, height: int, size: tuple[int, int]) -> None:
    fitted = fit(torch.zeros(1, 6, 8, 3), width, height, 1.0, "area")

    rows, columns = (fitted[0, ..., 0] == 0).nonzero().unbind(-1)
    assert fitted.shape == (1, height, width, 3)
    assert (int(rows.max() - rows.min() + 1), int(columns.max() - columns.min() + 1)) == size
    assert abs(int(rows.min()) - (height - int(rows.max()) - 1)) <= 1


def test_an_image_does_not_fit_into_nothing() -> None:
    with pytest.raises(RunError, match="no pixels"):
        fit(torch.zeros(1, 1, 100, 3), 10, 10, 0.0, "area")


@pytest.mark.parametrize(
    ("direction", "first", "second"),
    [
        ("right", (slice(None), slice(0, 8)), (slice(None), slice(10, None))),
        ("left", (slice(None), slice(-8, None)), (slice(None), slice(0, -10))),
        ("down", (slice(0, 6), slice(None)), (slice(8, None), slice(None))),
        ("up", (slice(-6, None), slice(None)), (slice(0, -8), slice(None))),
    ],
)
def test_images_stand_beside_each_other(
    direction: str, first: tuple[slice, slice], second: tuple[slice, slice]
) -> None:
    """With a gap of 1, rounded up to 2."""
    other = torch.rand(2, 6, 8, 3)

    both = stitch(IMAGE, other, direction, is_matched=False, spacing=1, color="green")

    assert torch.equal(both[:, first[0], first[1]], IMAGE)
    assert torch.equal(both[:, second[0], second[1]], other)
    assert both.shape[1] + both.shape[2] == (6 + 18 if direction in ("left", "right") else 14 + 8)


def test_the_other_image_is_scaled_to_the_first() -> None:
    assert stitch(IMAGE, torch.rand(1, 3, 3, 3), "right", is_matched=True, spacing=0, color="white").shape == (
        2,
        6,
        14,
        3,
    )
    assert stitch(IMAGE, torch.rand(1, 3, 4, 3), "up", is_matched=True, spacing=0, color="white").shape == (2, 12, 8, 3)


@pytest.mark.parametrize(("color", "padding"), [("white", 1.0), ("black", 0.0), ("red", 0.0)])
def test_the_smaller_image_is_padded(color: str, padding: float) -> None:
    both = stitch(IMAGE, torch.full((1, 3, 2, 3), 0.5), "right", is_matched=False, spacing=0, color=color)

    assert both[0, :, 8, 0].tolist() == [padding, 0.5, 0.5, 0.5, padding, padding]


def test_missing_alpha_is_opaque_and_so_is_the_gap() -> None:
    both = stitch(IMAGE, torch.zeros(1, 6, 8, 4), "right", is_matched=False, spacing=2, color="red")

    assert (both[..., :10, 3] == 1).all()
    assert both[0, 0, 8].tolist() == [1, 0, 0, 1]
