"""wftools.imaging.filters: laws of blur, sharpening and noise. Recorded cases test the numbers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import RunError
from wftools.imaging.filters import add_noise, blur, sharpen

IMAGE = torch.rand(2, 9, 11, 3, generator=torch.Generator().manual_seed(1))

radii = st.integers(1, 8)
sigmas = st.floats(0.1, 10.0)


@given(radii, sigmas, st.floats(0.0, 5.0))
def test_one_colour_stays_one_colour(radius: int, sigma: float, alpha: float) -> None:
    flat = torch.full((1, 9, 9, 4), 0.3)

    torch.testing.assert_close(blur(flat, radius, sigma), flat)
    torch.testing.assert_close(sharpen(flat, radius, sigma, alpha), flat, rtol=1e-4, atol=1e-4)


@given(radii, sigmas)
def test_sharpening_takes_away_what_blurring_adds(radius: int, sigma: float) -> None:
    """Ten times the difference, before it is clamped."""
    soft = IMAGE * 0.01 + 0.5

    expected = soft + 10 * 0.3 * (soft - blur(soft, radius, sigma))

    torch.testing.assert_close(sharpen(soft, radius, sigma, 0.3), expected, rtol=0, atol=1e-5)


def test_nothing_is_sharpened_by_nothing() -> None:
    torch.testing.assert_close(sharpen(IMAGE, 2, 1.0, 0.0), IMAGE)


def test_a_blurred_dot_is_a_bell() -> None:
    dot = torch.zeros(1, 5, 5, 1)
    dot[0, 2, 2] = 1

    bell = blur(dot, 1, 1.0)[0, 1:4, 1:4, 0]

    weights = torch.tensor([torch.e**-0.5, 1, torch.e**-0.5])
    torch.testing.assert_close(bell, torch.outer(weights, weights) / weights.sum() ** 2)


@pytest.mark.parametrize("radius", [9, 11])
def test_an_image_is_to_be_larger_than_the_radius(radius: int) -> None:
    with pytest.raises(RunError, match=r"too large for an image of 11 x 9"):
        blur(IMAGE, radius, 1.0)
    with pytest.raises(RunError, match=r"too large for an image of 11 x 9"):
        sharpen(IMAGE, radius, 1.0, 1.0)


@given(st.integers(0, 2**64 - 1))
def test_noise_is_that_of_its_seed(seed: int) -> None:
    grey = torch.full((1, 4, 4, 3), 0.5)

    assert torch.equal(add_noise(grey, seed, 0.1), add_noise(grey, seed, 0.1))
    assert torch.equal(add_noise(grey, seed, 0.0), grey)


def test_noise_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)

    add_noise(IMAGE, 3, 0.5)

    assert torch.equal(torch.rand(3), expected)
