"""wftools.imaging.save: pictures as files with the workflow in them."""

import io
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wftools.errors import RunError
from wftools.imaging.exr import exr
from wftools.imaging.load import load
from wftools.imaging.save import animated_png, animated_webp, deep_png, png


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


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_are_written_as_they_are(tmp_path: Path, channels: int) -> None:
    levels = torch.arange(0, 65535, 1365)[: 4 * 3 * channels].reshape(4, 3, channels)

    data = deep_png(levels.double() / 65535 + 1e-7, {"prompt": "{}"})

    assert re.findall(rb"IHDR|tEXt|IDAT", data) == [b"IHDR", b"tEXt", b"IDAT"]
    with av.open(io.BytesIO(data)) as container:
        frame = next(container.decode(video=0))
    assert frame.format.name == {1: "gray16be", 3: "rgb48be", 4: "rgba64be"}[channels]
    np.testing.assert_array_equal(frame.to_ndarray().reshape(4, 3, channels), levels)


@pytest.mark.parametrize(("value", "level"), [(0.5, 32767), (1.0, 65535), (-1.0, 0), (2.0, 65535), (float("nan"), 0)])
def test_fractions_of_a_deep_level_are_dropped(value: float, level: int) -> None:
    with av.open(io.BytesIO(deep_png(torch.full((2, 2, 1), value), {}))) as container:
        assert (next(container.decode(video=0)).to_ndarray() == level).all()


def test_equal_images_of_an_animation_are_one_pause() -> None:
    """Three images of a sixth of a second, two of which are equal; the texts stand after the pixels."""
    images = torch.zeros(3, 5, 4, 3)
    images[2] = 1

    data = animated_png(images, {"prompt": "{}", "workflow": "[]"}, 6.0)

    picture = Image.open(io.BytesIO(data))
    assert (getattr(picture, "n_frames", 1), picture.info["duration"]) == (2, 332.0)
    assert [body.split(b"\0") for kind, body in chunks(data) if kind == b"comf"] == [
        [b"prompt", b"{}"],
        [b"workflow", b"[]"],
    ]


def test_one_image_is_no_animation() -> None:
    data = animated_png(torch.zeros(1, 5, 4, 3), {}, 6.0)

    assert [kind for kind, _ in chunks(data)] == [b"IHDR", b"IDAT", b"IEND"]


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG file."""
    at = 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size


@pytest.mark.parametrize("effort", [0, 4, 6])
def test_lossless_webp_keeps_every_pixel(effort: int) -> None:
    images = torch.rand(2, 7, 5, 3).mul(255).round() / 255
    texts = {"prompt": "{}", "workflow": "[]", "more": "1"}

    data = animated_webp(images, texts, 12.0, lossless=True, quality=80, effort=effort)

    picture = Image.open(io.BytesIO(data))
    assert (getattr(picture, "n_frames", 1), picture.info["loop"]) == (2, 0)
    assert [picture.getexif()[tag] for tag in (0x110, 0x10F, 0x10E)] == ["prompt:{}", "workflow:[]", "more:1"]
    for index in range(2):
        picture.seek(index)
        np.testing.assert_array_equal(np.asarray(picture.convert("RGB")), images[index].mul(255).round())
        assert picture.info["duration"] == 83


@pytest.mark.parametrize("save", [lambda x: png(x, {}), lambda x: deep_png(x, {}), lambda x: exr(x, {}, "sRGB")])
@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 0, 3), (4, 4, 2), (4, 4, 5)])
def test_an_image_without_pixels_or_of_odd_channels_is_one_error(
    save: Callable[[torch.Tensor], bytes], shape: tuple[int, ...]
) -> None:
    with pytest.raises(RunError, match="cannot be saved"):
        save(torch.zeros(shape))


def test_no_images_are_no_animation() -> None:
    with pytest.raises(RunError, match="no images"):
        animated_png(torch.zeros(0, 4, 4, 3), {}, 6.0)
