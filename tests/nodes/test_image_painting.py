"""wftools.nodes.image_painting: what was drawn by hand. Recorded cases test the numbers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from wftools.context import Context
from wftools.errors import InputError, RunError
from wftools.nodes.image_painting import drawing, painter


def draw(path: Path, color: tuple[int, int, int, int]) -> None:
    """A drawing of 64 x 64 in one colour."""
    Image.fromarray(np.full((64, 64, 4), color, np.uint8)).save(path)


def test_without_a_drawing_the_image_stays(context: Context) -> None:
    image = torch.rand(2, 4, 6, 4)

    assert torch.equal(painter(mask=" ", image=image, context=context)[0], image[:1])
    blank, mask = painter(width=128, height=64, bg_color="#ff0000", context=context)
    assert torch.equal(blank, torch.tensor([1.0, 0.0, 0.0]).expand(1, 64, 128, 3))
    assert torch.equal(mask, torch.zeros(1, 64, 128))


def test_a_drawing_covers_as_much_as_it_is_opaque(context: Context) -> None:
    draw(context.folders.input / "a.png", (255, 0, 0, 51))

    image, mask = painter(mask="a.png", image=torch.zeros(1, 4, 6, 3), context=context)

    torch.testing.assert_close(image, torch.tensor([0.2, 0.0, 0.0]).expand(1, 4, 6, 3))
    torch.testing.assert_close(mask, torch.full((1, 4, 6), 0.2))


def test_another_drawing_is_another_picture(context: Context) -> None:
    path = context.folders.input / "a.png"
    draw(path, (255, 0, 0, 255))
    before = drawing(mask="a.png", context=context)
    draw(path, (0, 0, 255, 255))

    assert drawing(mask="a.png", context=context) != before
    assert drawing(mask="", context=context) == ""


def test_wrong_inputs_are_said(context: Context) -> None:
    (context.folders.input / "text.png").write_text("no picture")
    draw(context.folders.input / "a.png", (0, 0, 0, 255))

    with pytest.raises(RunError, match="is not there"):
        painter(mask="none.png", context=context)
    with pytest.raises(InputError, match="not a picture"):
        painter(mask="text.png", context=context)
    with pytest.raises(RunError, match="of 3 channels, not 4"):
        painter(mask="a.png", image=torch.zeros(1, 4, 6, 4), context=context)
