"""wftools.imaging.quantize: what few colours mean. Recorded cases test the colours."""

import pytest
import torch

from wftools.imaging.quantize import quantize

IMAGE = torch.rand(2, 12, 10, 3, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("dither", ["none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-8", "bayer-16"])
@pytest.mark.parametrize("colors", [1, 2, 7, 256])
def test_each_picture_has_at_most_so_many_colours(dither: str, colors: int) -> None:
    quantized = quantize(IMAGE, colors, dither)

    assert quantized.shape == IMAGE.shape
    for picture in quantized:
        assert len(picture.flatten(0, 1).unique(dim=0)) <= colors


def test_few_colours_stay_as_they_are() -> None:
    four = (IMAGE[:, :2, :2] * 255).int() / 255

    torch.testing.assert_close(quantize(four, 4, "none"), four)


def test_alpha_is_not_quantized() -> None:
    image = torch.rand(1, 6, 6, 4)

    assert torch.equal(quantize(image, 2, "none")[..., 3], image[..., 3])
