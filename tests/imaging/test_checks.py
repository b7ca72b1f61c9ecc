"""What is done with images refuses those that it cannot be done with, in one sentence."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from wftools.errors import RunError
from wftools.imaging.box_preview import preview
from wftools.imaging.canny import canny
from wftools.imaging.canvas import cropped
from wftools.imaging.collection import distinct, grid
from wftools.imaging.color import merged
from wftools.imaging.color_transfer import transfer
from wftools.imaging.composite import paste
from wftools.imaging.histogram import histograms
from wftools.imaging.mask import from_color
from wftools.imaging.quantize import quantize
from wftools.imaging.resample import resample
from wftools.imaging.subject import crop_to_mask
from wftools.imaging.text import Style, overlay
from wftools.nodes.image_color import image_rgb_to_yuv

WORK: list[tuple[Callable[[Tensor], object], str]] = [
    (lambda image: canny(image, 0.1, 0.2), "edges are found in images"),
    (lambda image: transfer(image, torch.rand(1, 4, 4, 3), "mkl_lab", source="uniform"), "mkl_lab takes images"),
    (lambda image: overlay(image, "fox", Style()), "texts are written on images"),
    (lambda image: quantize(image, 2, "none"), "colours are chosen for images"),
    (histograms, "brightnesses are counted in images"),
    (lambda image: from_color(image, 0), "colours are found in images"),
    (lambda image: image_rgb_to_yuv(image=image), "brightness and colour are told of images"),
    (lambda image: preview((), 8, 8, image), "boxes are drawn on images"),
    (
        lambda image: crop_to_mask(image, torch.ones(1, 8, 8), 64, 64, margin=1.0, growth=0, background=(0, 0, 0)),
        "subjects are cut out of images",
    ),
]


@pytest.mark.parametrize(("work", "sentence"), WORK, ids=lambda value: value if isinstance(value, str) else "")
def test_images_without_colours_and_no_images_are_refused(work: Callable[[Tensor], object], sentence: str) -> None:
    with pytest.raises(RunError, match=rf"^{sentence} of .* channels, not 2$"):
        work(torch.rand(1, 8, 8, 2))
    with pytest.raises(RunError, match=rf"^{sentence}, and the batch is empty$"):
        work(torch.rand(0, 8, 8, 3))


def test_lists_are_refused_for_one_image() -> None:
    odd = torch.rand(1, 8, 8, 5)

    with pytest.raises(RunError, match="doubles are found among images of 1 or 3 or 4 channels, not 5"):
        distinct([odd], 0.5)
    with pytest.raises(RunError, match="grids are made of images of 3 or 4 channels, not 5"):
        grid([odd], 2, 32, 32, 0)


def test_channels_of_one_image_have_one_size() -> None:
    with pytest.raises(RunError, match="1 of 8 x 8 and 2 of 4 x 4"):
        merged((torch.rand(1, 8, 8, 3), torch.rand(2, 4, 4, 3), torch.rand(1, 8, 8, 3)))


def test_a_rectangle_has_pixels() -> None:
    """Those of files may have none."""
    with pytest.raises(RunError, match=r"0 x 2 from \(1, 1\) has no pixels of an image of 8 x 8"):
        cropped(torch.rand(1, 8, 8, 3), 1, 1, 0, 2)


def test_a_crop_leaves_pixels() -> None:
    with pytest.raises(RunError, match="no pixel is left of an image cropped to 100 : 1"):
        resample(torch.rand(1, 3, 8, 8), 100, 1, "area", "center")


def test_latents_of_two_families_do_not_lie_upon_each_other() -> None:
    with pytest.raises(RunError, match="cannot be laid upon"):
        paste(torch.rand(1, 4, 8, 8), torch.rand(1, 16, 8, 8), 0, 0)
