"""wftools.imaging.blend: laws of the modes. Recorded cases test the numbers."""

import pytest
import torch

from wftools.errors import RunError
from wftools.imaging.blend import MODES, blend

A, B = torch.rand(2, 2, 5, 7, 3, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("mode", MODES)
def test_a_share_of_nothing_changes_nothing(mode: str) -> None:
    assert torch.equal(blend(A, B, 0.0, mode), A)


@pytest.mark.parametrize("mode", MODES)
def test_a_blended_image_lies_in_its_range(mode: str) -> None:
    blended = blend(A, B, 0.7, mode)

    assert 0 <= blended.min() <= blended.max() <= 1


@pytest.mark.parametrize(
    ("mode", "neutral"), [("multiply", 1.0), ("screen", 0.0), ("overlay", 0.5), ("difference", 0.0)]
)
def test_each_mode_has_a_value_that_changes_nothing(mode: str, neutral: float) -> None:
    torch.testing.assert_close(blend(A, torch.full_like(A, neutral), 1.0, mode), A)


def test_the_whole_share_of_the_other_image_is_the_other_image() -> None:
    assert torch.equal(blend(A, B, 1.0, "normal"), B)


def test_the_other_image_gets_size_and_channels() -> None:
    other = torch.rand(1, 9, 4, 4)

    assert blend(A, other, 0.5, "normal").shape == A.shape


def test_alpha_is_that_of_the_first_image() -> None:
    under, over = torch.rand(1, 4, 4, 4), torch.rand(1, 4, 4, 3)

    blended = blend(under, over, 0.5, "screen")

    assert torch.equal(blended[..., 3], under[..., 3])


def test_one_image_is_blended_with_each_of_a_batch() -> None:
    assert torch.equal(blend(A, B[:1], 0.5, "normal")[1], blend(A[1:], B[:1], 0.5, "normal")[0])
    with pytest.raises(RunError, match="2 images cannot be blended with one of 3"):
        blend(A, torch.rand(3, 5, 7, 3), 0.5, "normal")
