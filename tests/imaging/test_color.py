"""wftools.imaging.color and color_transfer: laws of colours. Recorded cases test the numbers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.imaging.color import lab_to_rgb, rgb_of, rgb_to_lab, rgb_to_ycbcr, rgba_of, ycbcr_to_rgb
from wftools.imaging.color_transfer import FITS, transfer

IMAGE, REFERENCE = torch.rand(2, 3, 12, 10, 3, generator=torch.Generator().manual_seed(1))
SOURCES = ["per_frame", "uniform", "target_frame"]


def test_conversions_can_be_undone() -> None:
    torch.testing.assert_close(ycbcr_to_rgb(rgb_to_ycbcr(IMAGE)), IMAGE)
    torch.testing.assert_close(lab_to_rgb(rgb_to_lab(IMAGE)), IMAGE, rtol=1e-4, atol=1e-4)


def test_grey_has_no_colour() -> None:
    grey = torch.linspace(0, 1, 5)[:, None].expand(-1, 3)

    torch.testing.assert_close(rgb_to_ycbcr(grey)[:, 1:], torch.full((5, 2), 0.5))
    torch.testing.assert_close(rgb_to_lab(grey)[:, 1:], torch.zeros(5, 2), rtol=0, atol=0.02)
    torch.testing.assert_close(rgb_to_lab(grey)[[0, -1], 0], torch.tensor([0.0, 100.0]), rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ("text", "rgb"),
    [
        ("#1e90ff", (30, 144, 255)),
        ("1E90FF", (30, 144, 255)),
        ("#fff", (1, 2, 3)),
        ("", (1, 2, 3)),
        ("#ggggggg", (1, 2, 3)),
        ("#12345g", (1, 2, 3)),
    ],
)
def test_colours_are_read_or_not(text: str, rgb: tuple[int, int, int]) -> None:
    assert rgb_of(text, (1, 2, 3)) == rgb


def test_colours_may_have_an_opacity() -> None:
    assert rgba_of("#1e90ff") == (0x1E90FF, 1.0)
    assert rgba_of("#1e90ff33") == (0x1E90FF, 0.2)


@pytest.mark.parametrize("text", ["", "red", "1e90ff", "#1e90f", "#1e90ff3", "#1e90fg", "#1e90ff333"])
def test_what_is_no_colour_is_said_so(text: str) -> None:
    with pytest.raises(RunError, match="is no colour"):
        rgba_of(text)


@pytest.mark.parametrize("method", FITS)
@pytest.mark.parametrize("source", SOURCES)
def test_no_strength_changes_nothing(method: str, source: str) -> None:
    assert transfer(IMAGE, REFERENCE, method, source=source, strength=0.0) is IMAGE


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("method", ["reinhard_lab", "mkl_lab"])
def test_an_image_that_is_its_own_reference_stays(method: str, source: str) -> None:
    images = IMAGE if source == "per_frame" else IMAGE[:1]

    torch.testing.assert_close(transfer(images, images, method, source=source), images, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("method", ["reinhard_lab", "mkl_lab"])
def test_mean_and_deviation_become_those_of_the_reference(method: str) -> None:
    """Of colours in the middle, so that none is clamped."""
    images, reference = IMAGE * 0.1 + 0.4, REFERENCE * 0.2 + 0.5

    matched = rgb_to_lab(transfer(images, reference, method, source="per_frame"))

    wanted = rgb_to_lab(reference)
    torch.testing.assert_close(matched.mean((1, 2)), wanted.mean((1, 2)), rtol=1e-3, atol=1e-2)
    torch.testing.assert_close(matched.std((1, 2)), wanted.std((1, 2)), rtol=1e-2, atol=1e-2)


def test_covariances_become_those_of_the_reference() -> None:
    images, reference = IMAGE[:1] * 0.1 + 0.4, REFERENCE[:1] ** 2 * 0.2 + 0.5

    matched = rgb_to_lab(transfer(images, reference, "mkl_lab", source="uniform"))

    expected = torch.cov(rgb_to_lab(reference).reshape(-1, 3).T)
    torch.testing.assert_close(torch.cov(matched.reshape(-1, 3).T), expected, rtol=1e-2, atol=0.1)


@given(st.integers(0, 9))
def test_brighter_pixels_stay_brighter(index: int) -> None:
    """In the histogram's steps, whichever image is the measure, also one that is not there."""
    matched = transfer(IMAGE, REFERENCE, "histogram", source="target_frame", index=index)

    order = (IMAGE * 255).long().flatten()[:40].argsort()
    assert (matched.flatten()[:40].reshape(-1)[order][::3].diff() >= -1).all()
    assert 0 <= matched.min() <= matched.max() <= 1


@pytest.mark.parametrize("method", FITS)
def test_a_picture_of_one_colour_is_no_error(method: str) -> None:
    """Its deviation is 0, by which nothing is divided."""
    matched = transfer(torch.full((1, 4, 4, 3), 0.2), REFERENCE[:1], method, source="per_frame")

    assert 0 <= matched.min() <= matched.max() <= 1


@pytest.mark.parametrize("method", FITS)
def test_channels_have_to_fit(method: str) -> None:
    with pytest.raises(RunError, match=f"{method} takes images of 3 channels, not 4"):
        transfer(IMAGE, torch.rand(1, 4, 4, 4), method, source="per_frame")
