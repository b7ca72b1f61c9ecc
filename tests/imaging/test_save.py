"""wftools.imaging.save: pictures as files with the workflow in them."""

import io
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wftools.errors import RunError
from wftools.imaging.load import load
from wftools.imaging.save import png


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (0.0, 0),
        (1.0, 255),
        (0.5, 127),
        (0.9999, 254),
        (1 / 255, 1),
        (-0.1, 0),
        (1.7, 255),
        (float("nan"), 0),
        (float("inf"), 255),
    ],
)
def test_fractions_of_a_level_are_dropped(value: float, level: int) -> None:
    picture = Image.open(io.BytesIO(png(torch.full((1, 1, 3), value), {})))

    assert picture.getpixel((0, 0)) == (level, level, level)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_the_channels_decide_the_mode(channels: int, mode: str) -> None:
    assert Image.open(io.BytesIO(png(torch.rand(5, 4, channels), {}))).mode == mode


def test_two_channels_cannot_be_saved() -> None:
    with pytest.raises(RunError, match="2 channels"):
        png(torch.rand(5, 4, 2), {})


def test_text_stands_before_the_pixels_as_ascii_json() -> None:
    """Where ComfyUI's frontend looks for it: tEXt chunks, one per key."""
    texts = {"prompt": '{"1": "\\u65e5"}', "workflow": '{"nodes": []}', "more": "1"}

    data = png(torch.rand(9, 9, 3), texts)

    kinds = re.findall(rb"IHDR|tEXt|iTXt|IDAT", data)
    assert kinds == [b"IHDR", b"tEXt", b"tEXt", b"tEXt", b"IDAT"]
    assert Image.open(io.BytesIO(data)).info == texts


def test_a_keyword_has_latin_letters() -> None:
    with pytest.raises(RunError, match="日本"):
        png(torch.rand(9, 9, 3), {"日本": "{}"})


@given(st.integers(0, 255))
def test_a_saved_level_is_loaded_again(tmp_path_factory: pytest.TempPathFactory, level: int) -> None:
    """255 * (level / 255) may fall short of the level in float32; then it would be cut down to the one below."""
    path = tmp_path_factory.mktemp("output") / "x.png"
    image = torch.full((2, 2, 3), level) / 255

    path.write_bytes(png(image, {}))

    assert torch.equal(load(path).image, image[None])


def test_pixels_are_written_as_they_are() -> None:
    levels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)

    data = png(torch.from_numpy(levels) / 255, {})

    with Image.open(io.BytesIO(data)) as picture:
        np.testing.assert_array_equal(np.asarray(picture), levels)
