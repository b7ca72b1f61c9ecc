"""wftools.imaging.exr: what is written is read by FFmpeg, and says what light it is."""

import io
import struct

import numpy as np
import pytest
import torch
from av import open as open_media

from wftools.document.containers import read_texts
from wftools.imaging.exr import exr


@pytest.mark.parametrize(("channels", "format_"), [(1, "grayf32le"), (3, "gbrpf32le"), (4, "gbrapf32le")])
def test_linear_light_is_written_as_it_is(channels: int, format_: str) -> None:
    """Also what is darker than black and brighter than white."""
    image = torch.randn(5, 7, channels)

    data = exr(image, {}, "linear")

    with open_media(io.BytesIO(data), format="exr_pipe") as container:
        frame = next(container.decode(video=0))
    assert frame.format.name == format_
    np.testing.assert_array_equal(frame.to_ndarray().reshape(image.shape), image)


@pytest.mark.parametrize(
    ("color_space", "value", "light"),
    [
        ("sRGB", 0.0, 0.0),
        ("sRGB", 0.04, 0.04 / 12.92),
        ("sRGB", 0.5, 0.21404114),
        ("sRGB", 1.0, 1.0),
        ("HDR", 0.5, 1 / 12),  # BT.2100: where the square ends
        ("HDR", 0.25, 0.25**2 / 3),
        ("HDR", 1.0, 1.0),
    ],
)
def test_what_is_coded_for_a_screen_becomes_light(color_space: str, value: float, light: float) -> None:
    """Alpha is none."""
    image = torch.full((1, 1, 4), value)

    data = exr(image, {}, color_space)

    with open_media(io.BytesIO(data), format="exr_pipe") as container:
        pixel = next(container.decode(video=0)).to_ndarray()[0, 0]
    np.testing.assert_allclose(pixel, [light, light, light, value], rtol=1e-5)


@pytest.mark.parametrize(("color_space", "red"), [("sRGB", 0.64), ("linear", 0.64), ("HDR", 0.708)])
def test_the_primaries_are_said(color_space: str, red: float) -> None:
    data = exr(torch.zeros(1, 1, 3), {}, color_space)

    at = data.index(b"chromaticities\0chromaticities\0") + len(b"chromaticities\0chromaticities\0") + 4
    assert struct.unpack("<f", data[at : at + 4])[0] == pytest.approx(red)


def test_texts_are_attributes() -> None:
    texts = {"prompt": '{"1": {}}', "workflow": '{"nodes": []}', "a" * 40: "1"}

    data = exr(torch.zeros(2, 2, 3), texts, "sRGB")

    assert read_texts(io.BytesIO(data)) == texts
    assert struct.unpack("<I", data[4:8])[0] == 2 | 0x400  # names may be long
