"""wftools.imaging.morphology: laws of growing and shrinking. Recorded cases test the numbers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.imaging.morphology import morph

IMAGE = torch.rand(1, 7, 9, 2, generator=torch.Generator().manual_seed(1))

sizes = st.integers(1, 30)


@given(sizes)
def test_eroding_is_dilating_the_negative(side: int) -> None:
    """With an odd window; an even one reaches further to the other side."""
    side += side % 2 == 0

    torch.testing.assert_close(morph(IMAGE, "erode", side), 1 - morph(1 - IMAGE, "dilate", side))


@given(sizes)
def test_what_is_opened_or_closed_stays_so(side: int) -> None:
    for operation in ("open", "close"):
        once = morph(IMAGE, operation, side)
        assert torch.equal(morph(once, operation, side), once)


@given(sizes)
def test_opening_darkens_and_closing_brightens(side: int) -> None:
    for operation in ("erode", "open"):
        assert (morph(IMAGE, operation, side) <= IMAGE).all()
    for operation in ("dilate", "close"):
        assert (morph(IMAGE, operation, side) >= IMAGE).all()
    for operation in ("gradient", "top_hat", "bottom_hat"):
        assert (morph(IMAGE, operation, side) >= 0).all()


@pytest.mark.parametrize(("side", "rows"), [(3, [2, 3, 4]), (4, [1, 2, 3, 4]), (5, [1, 2, 3, 4, 5])])
def test_a_dot_grows_to_the_window(side: int, rows: list[int]) -> None:
    dot = torch.zeros(1, 7, 7, 1)
    dot[0, 3, 3] = 1

    grown = morph(dot, "dilate", side)[0, ..., 0]

    assert grown.nonzero()[:, 0].unique().tolist() == rows
    assert grown.nonzero()[:, 1].unique().tolist() == rows
