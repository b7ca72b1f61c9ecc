"""wftools.imaging.subject: what a mask shows. A recorded case tests the numbers."""

import pytest
import torch
from torch import Tensor

from wftools.errors import RunError
from wftools.imaging.subject import crop_to_mask

IMAGE = torch.full((1, 40, 60, 3), 0.8)


def box(top: int, left: int, bottom: int, right: int) -> Tensor:
    """A mask of IMAGE that is 1 there."""
    mask = torch.zeros(1, 40, 60)
    mask[:, top:bottom, left:right] = 1
    return mask


def cropped(mask: Tensor, margin: float = 1.0, growth: int = 0) -> Tensor:
    """As 64 x 64 on blue."""
    return crop_to_mask(IMAGE, mask, 64, 64, margin=margin, growth=growth, background=(0, 0, 255))


def shown(picture: Tensor) -> Tensor:
    """The share of red, which the background has not."""
    return picture[..., 0].mean() / 0.8


@pytest.mark.parametrize(
    ("mask", "share"), [(box(10, 20, 20, 30), 1.0), (box(10, 20, 20, 40), 0.5), (box(0, 0, 10, 10), 1.0)]
)
def test_a_subject_fills_the_picture_as_far_as_its_aspect_allows(mask: Tensor, share: float) -> None:
    picture = cropped(mask)

    assert picture.shape == (1, 64, 64, 3)
    assert shown(picture) == pytest.approx(share, abs=0.2)  # boxes have even sides, and start at whole pixels


def test_a_margin_leaves_room_around_a_subject() -> None:
    assert shown(cropped(box(10, 20, 20, 30), margin=2.0)) == pytest.approx(0.25, abs=0.05)


def test_a_grown_mask_shows_more() -> None:
    assert shown(cropped(box(10, 20, 20, 40), growth=4)) > shown(cropped(box(10, 20, 20, 40))) + 0.05
    assert shown(cropped(box(10, 20, 20, 40), growth=-4)) < shown(cropped(box(10, 20, 20, 40))) - 0.05


def test_a_mask_of_the_surroundings_is_inverted() -> None:
    assert torch.equal(cropped(1 - box(10, 20, 30, 40)), cropped(box(10, 20, 30, 40)))


@pytest.mark.parametrize("mask", [torch.zeros(1, 40, 60), torch.full((1, 40, 60), 0.5)])
def test_an_empty_mask_is_no_error(mask: Tensor) -> None:
    """Of nothing the inverse is taken, which is the whole image; of half of everything the whole image, too."""
    picture = cropped(mask)

    assert picture.shape == (1, 64, 64, 3)
    assert shown(picture) > 0.3


def test_large_images_are_scaled_down_first() -> None:
    picture = crop_to_mask(
        torch.rand(2, 100, 200, 4), torch.ones(1, 50, 50), 64, 64, margin=1.0, growth=0, background=(0, 0, 0)
    )

    assert picture.shape == (2, 64, 64, 3)


def test_there_is_one_mask_or_one_for_each_image() -> None:
    with pytest.raises(RunError, match="2 masks for 1 images"):
        cropped(torch.ones(2, 40, 60))
