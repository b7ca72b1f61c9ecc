"""wftools.imaging.mask: laws, and masks that do not fit. Recorded cases and tests/nodes test the rest."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.imaging.mask import OPERATIONS, combine, cropped, feather, grow

MASK = torch.rand(2, 5, 7, generator=torch.Generator().manual_seed(1))
ONES = torch.ones(1, 3, 3)

offsets = st.integers(0, 4)


@given(offsets, offsets)
def test_what_is_added_can_be_subtracted(x: int, y: int) -> None:
    half = MASK / 2

    added = combine(half, ONES / 2, x, y, "add")

    torch.testing.assert_close(combine(added, ONES / 2, x, y, "subtract"), half)


@pytest.mark.parametrize(("operation", "value"), [("multiply", 1.0), ("add", 0.0), ("subtract", 0.0)])
def test_each_operation_has_a_value_that_changes_nothing(operation: str, value: float) -> None:
    assert torch.equal(combine(MASK, ONES * value, 2, 1, operation), MASK)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_at_the_edge_nothing_changes_and_beyond_it_is_an_error(operation: str) -> None:
    assert torch.equal(combine(MASK, ONES, 7, 5, operation), MASK)
    with pytest.raises(RunError, match="lies outside"):
        combine(MASK, torch.ones(1, 20, 20), 9, 0, operation)


def test_a_mask_goes_upon_each_of_a_batch_but_no_batch_upon_one() -> None:
    assert combine(MASK, ONES, 0, 0, "add").shape == MASK.shape
    with pytest.raises(RunError, match="2 masks do not fit upon 1"):
        combine(ONES, MASK, 0, 0, "add")


def test_a_mask_is_cut_at_its_edge_and_not_beyond() -> None:
    assert torch.equal(cropped(MASK, 6, 4, 9, 9), MASK[:, 4:, 6:])
    with pytest.raises(RunError, match=r"\(7, 0\) lies outside of a mask of 7 x 5"):
        cropped(MASK, 7, 0, 9, 9)


@given(st.integers(0, 9), st.booleans())
def test_growing_is_shrinking_the_inverse(pixels: int, tapered: bool) -> None:
    torch.testing.assert_close(grow(MASK, -pixels, tapered=tapered), 1 - grow(1 - MASK, pixels, tapered=tapered))


@given(st.integers(0, 20), st.integers(0, 20))
def test_fading_to_the_right_is_fading_to_the_left_in_a_mirror(left: int, top: int) -> None:
    mirrored = feather(MASK.flip(1, 2), left, top, 0, 0).flip(1, 2)

    torch.testing.assert_close(mirrored, feather(MASK, 0, 0, left, top))
