"""wftools.imaging.load: pictures of every kind become ComfyUI's pixels; damaged and hostile ones become one error."""

import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from tests.imaging.conftest import PICTURES
from wftools import memory
from wftools.errors import InputError, LimitError
from wftools.imaging.load import MAX_PIXELS, load

SWSCALE = 6e-4  # what swscale's way through YUV costs: 5.4e-4 measured on BMP, lossless WebP and 16-bit PNG


def png(header: tuple[int, int, int, int], rows: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of (width, height, depth, colour type), with chunks before the pixels."""
    head = struct.pack(">IIBBBBB", *header, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def saved(path: Path, pixels: NDArray[Any], **options: Any) -> Path:
    """A picture file that Pillow wrote; the format follows the suffix."""
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.mark.parametrize("name", sorted(path.name for path in PICTURES.iterdir()))
def test_a_picture_has_the_pixels_and_the_mask_that_comfyui_gives_it(
    name: str, recorded: Mapping[str, NDArray[np.float32]]
) -> None:
    picture = load(PICTURES / name)

    assert picture.image.dtype == picture.mask.dtype == torch.float32
    np.testing.assert_array_equal(picture.image[:, 1::8, 2::8], recorded[f"load/{name}/image"])
    np.testing.assert_array_equal(picture.mask[:, 1::8, 2::8], recorded[f"load/{name}/mask"])


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".png", {}),
        (".jp2", {}),  # reversible wavelets by default
        (".ppm", {}),
        (".tif", {"compression": "tiff_lzw"}),
        (".tif", {"compression": "tiff_adobe_deflate"}),
    ],
)
def test_bytes_of_rgb_are_divided_by_255(
    tmp_path: Path, rgb: NDArray[np.uint8], suffix: str, options: dict[str, Any]
) -> None:
    picture = load(saved(tmp_path / f"a{suffix}", rgb, **options))

    np.testing.assert_array_equal(picture.image[0], rgb / np.float32(255))
    assert picture.mask.shape == (1, 64, 64)
    assert not picture.mask.any()


@pytest.mark.parametrize(("suffix", "options"), [(".bmp", {}), (".tga", {}), (".webp", {"lossless": True})])
def test_other_orders_of_bytes_go_through_swscale(
    tmp_path: Path, rgb: NDArray[np.uint8], suffix: str, options: dict[str, Any]
) -> None:
    """White is 256 * 255 / 65535 = 0.99611, not 1."""
    picture = load(saved(tmp_path / f"a{suffix}", rgb, **options))

    np.testing.assert_allclose(picture.image[0], rgb * (256 / 65535), atol=SWSCALE)


def test_sixteen_bits_are_kept(tmp_path: Path) -> None:
    values = np.arange(0, 65536, 257, dtype=">u2").repeat(3).reshape(1, 256, 3) + np.array([0, 100, 0], ">u2")
    values = np.minimum(values, 65535).astype(">u2")
    (tmp_path / "a.png").write_bytes(png((256, 1, 16, 2), b"\0" + values.tobytes()))

    picture = load(tmp_path / "a.png")

    np.testing.assert_allclose(picture.image[0], values / 65535, atol=SWSCALE)
    assert len(picture.image.unique()) > 256


def test_a_transparent_colour_of_a_grey_png_is_masked(tmp_path: Path) -> None:
    rows = b"\0\x00\x7f\xff\0\x7f\x7f\x00"
    (tmp_path / "a.png").write_bytes(png((3, 2, 8, 0), rows, (b"tRNS", struct.pack(">H", 0x7F))))

    picture = load(tmp_path / "a.png")

    np.testing.assert_allclose(picture.mask[0], [[0, 1, 0], [1, 1, 0]], atol=5e-3)


def test_every_alpha_of_a_palette_is_masked(tmp_path: Path) -> None:
    pixels = np.array([[0, 1, 2, 3]], np.uint8)
    picture = Image.fromarray(pixels).convert("P")
    picture.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    picture.save(tmp_path / "a.png", transparency=bytes([0, 51, 204, 255]))

    loaded = load(tmp_path / "a.png")

    np.testing.assert_allclose(loaded.mask[0], [[1, 0.8, 0.2, 0]], atol=1e-6)
    np.testing.assert_array_equal(loaded.image[0, 0, 3], np.full(3, 9, np.float32) / 255)


@pytest.mark.parametrize("suffix", [".png", ".gif", ".webp"])
@pytest.mark.parametrize("channels", [3, 4])
def test_frames_become_a_batch(tmp_path: Path, rgb: NDArray[np.uint8], suffix: str, channels: int) -> None:
    """Animated PNG and GIF by FFmpeg, WebP by Pillow."""
    alpha = np.full_like(rgb[..., :1], 255)
    alpha[:40] = 0
    frames = [Image.fromarray(np.dstack([x, alpha])[..., :channels]) for x in (rgb, 255 - rgb)]
    frames[0].save(tmp_path / f"a{suffix}", save_all=True, append_images=frames[1:], duration=100, lossless=True)

    picture = load(tmp_path / f"a{suffix}")

    assert picture.image.shape == (2, 83, 101, 3)
    assert picture.image.is_contiguous()
    below = picture.image[:, 50:]
    assert (below[0] + below[1] - 1).std() < (0.1 if suffix == ".gif" else 0.01)  # 256 colours
    if channels == 4:
        assert picture.mask.shape == (2, 83, 101)
        assert (picture.mask[:, :40] > 0.99).all()
        assert (picture.mask[:, 40:] < 0.01).all()
    elif suffix != ".gif":
        assert picture.mask.shape == (2, 64, 64)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".jpg", {"progressive": True}),
        (".jpg", {"subsampling": "4:2:2"}),
        (".webp", {"quality": 90}),
        (".avif", {"quality": 90}),
    ],
)
def test_lossy_pictures_look_alike(
    tmp_path: Path, rgb: NDArray[np.uint8], suffix: str, options: dict[str, Any]
) -> None:
    """Without the last column: with halved chroma it is black, as in ComfyUI."""
    picture = load(saved(tmp_path / f"a{suffix}", rgb, **options))

    assert picture.image.shape == (1, 83, 101, 3)
    assert (picture.image[0, :, :-1].numpy() - rgb[:, :-1] / 255).std() < 0.05


def test_an_odd_width_with_halved_chroma_ends_black(tmp_path: Path) -> None:
    """ComfyUI's flaw, which is part of its pixels; even widths have none."""
    for height, width in ((83, 101), (82, 100)):
        path = saved(tmp_path / f"{width}.webp", np.full((height, width, 3), 200, np.uint8), quality=90)

        image = load(path).image[0]

        assert (image[:, :-1] > 0.7).all()
        assert (image[:, -1] > 0.7).all() == (width == 100)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 15, 17, 31, 32, 33])
@pytest.mark.parametrize("height", [1, 3, 16, 33])
@pytest.mark.parametrize("suffix", [".png", ".bmp", ".webp"])
def test_the_smallest_pictures_are_loaded(tmp_path: Path, width: int, height: int, suffix: str) -> None:
    """One row or column is enough."""
    grey = saved(tmp_path / f"a{suffix}", np.full((height, width), 90, np.uint8), lossless=True)

    image = load(grey).image

    assert image.shape == (1, height, width, 3)
    assert (image - 90 / 255).abs().max() < 0.02


def test_four_inks_are_seen_as_red_green_and_blue(tmp_path: Path, rgb: NDArray[np.uint8]) -> None:
    Image.fromarray(rgb).convert("CMYK").save(tmp_path / "a.jpg", quality=98)

    picture = load(tmp_path / "a.jpg")

    assert (picture.image[0].numpy() - rgb / 255).std() < 0.02


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (2, 2), (3, 2), (4, 0), (5, 3), (6, 3), (7, 1), (8, 1)])
def test_a_picture_is_turned_as_its_exif_says_and_not_mirrored(
    tmp_path: Path, rgb: NDArray[np.uint8], orientation: int, turns: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = load(saved(tmp_path / "a.jpg", rgb)).image

    turned = load(saved(tmp_path / "b.jpg", rgb, exif=exif)).image

    assert torch.equal(turned, upright.rot90(turns, (1, 2)))


def test_only_the_first_picture_of_several_in_a_jpeg_is_taken(tmp_path: Path, rgb: NDArray[np.uint8]) -> None:
    saved(tmp_path / "a.mpo", rgb, save_all=True, append_images=[Image.new("RGB", (50, 40))])

    assert load(tmp_path / "a.mpo").image.shape == (1, 83, 101, 3)


def test_bytes_after_the_end_of_a_jpeg_do_no_harm(tmp_path: Path, rgb: NDArray[np.uint8]) -> None:
    path = saved(tmp_path / "a.jpg", rgb)
    before = load(path)

    path.write_bytes(path.read_bytes() + b"a film\xff\xda with bytes like those of a scan")

    assert torch.equal(load(path).image, before.image)


def test_a_comment_may_be_of_any_bytes(tmp_path: Path, rgb: NDArray[np.uint8]) -> None:
    assert load(saved(tmp_path / "a.gif", rgb, comment=b"caf\xe9")).image.shape == (1, 83, 101, 3)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.bmp", "a.webp", "a.tif", "a.avif", "a.jp2", "a.qoi"])
@pytest.mark.parametrize("part", [0.0, 0.05, 0.3, 0.6, 0.95])
def test_a_part_of_a_picture_is_refused(tmp_path: Path, rgb: NDArray[np.uint8], name: str, part: float) -> None:
    path = saved(tmp_path / name, rgb)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])

    with pytest.raises(InputError) as error:
        load(path)

    assert str(error.value).startswith(str(path))


def test_the_end_of_a_preview_is_not_the_end_of_a_picture(tmp_path: Path, rgb: NDArray[np.uint8]) -> None:
    """A JPEG may hold another in its header."""
    path = saved(tmp_path / "a.jpg", rgb, comment=b"\xff\xd8\xff\xd9")
    assert load(path).image.shape == (1, 83, 101, 3)
    path.write_bytes(path.read_bytes()[:-9])

    with pytest.raises(InputError, match="stops before its end"):
        load(path)


def test_an_animation_that_stops_between_frames_is_refused(tmp_path: Path, rgb: NDArray[np.uint8]) -> None:
    path = saved(tmp_path / "a.png", rgb, save_all=True, append_images=[Image.fromarray(255 - rgb)])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4])

    with pytest.raises(InputError, match="damaged after frame 1"):
        load(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x44\xac\0\0\x88\x58\1\0\2\0\x10\0data\0\0\0\0",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)

    with pytest.raises(InputError, match="not a picture"):
        load(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.png", "ffconcat version 1.0\nfile b.png\n"),
        ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nb.png\n#EXT-X-ENDLIST\n"),
    ],
)
def test_a_file_that_names_other_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rgb: NDArray[np.uint8], name: str, text: str
) -> None:
    """FFmpeg would open them."""
    monkeypatch.chdir(tmp_path)
    saved(tmp_path / "b.png", rgb)
    (tmp_path / name).write_text(text)

    with pytest.raises(InputError, match="not a picture"):
        load(tmp_path / name)


@pytest.mark.parametrize("name", ["a%d.jpg", "a.%d", "a", "a.日本", os.fsdecode(b"a.\xff"), "a?b.png", "a:b.png"])
def test_a_file_may_have_any_name(tmp_path: Path, rgb: NDArray[np.uint8], name: str) -> None:
    """FFmpeg takes `a%d.jpg` for a sequence, a suffix for a format, and what stands before a colon for a protocol."""
    saved(tmp_path / "a.jpg", rgb).rename(tmp_path / name)
    saved(tmp_path / "a0.jpg", rgb[:9, :9])

    assert load(tmp_path / name).image.shape == (1, 83, 101, 3)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "a.png")


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    """Forty bytes can announce a picture of gigabytes: here one pixel on a huge canvas."""
    side = 16_400
    assert side**2 > MAX_PIXELS
    screen = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    pixel = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"
    (tmp_path / "a.gif").write_bytes(screen + pixel + b";")

    with pytest.raises(LimitError, match="too many pixels"):
        load(tmp_path / "a.gif")


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_picture_that_does_not_fit_into_memory_is_refused(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its pixels are made numbers of four bytes: afterwards the system ends the process."""
    path = saved(tmp_path / f"a{suffix}", np.zeros((64, 64), np.float32 if suffix == ".tif" else np.uint8))
    monkeypatch.setattr(memory, "free_memory", lambda **_: 64 * 64 * 12)

    with pytest.raises(LimitError, match="the picture would take"):
        load(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.webp"])
def test_the_limit_holds_for_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rgb: NDArray[np.uint8], name: str
) -> None:
    path = saved(tmp_path / name, rgb)
    monkeypatch.setattr("wftools.imaging.load.MAX_PIXELS", 83 * 101 - 1)

    with pytest.raises(LimitError, match="the picture has too many pixels"):
        load(path)


def test_the_frames_of_a_file_share_one_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rgb: NDArray[np.uint8]
) -> None:
    path = saved(tmp_path / "a.gif", rgb, save_all=True, append_images=[Image.fromarray(255 - rgb)], duration=100)
    monkeypatch.setattr("wftools.imaging.load.MAX_PIXELS", 83 * 101 * 2 - 1)

    with pytest.raises(LimitError, match="together"):
        load(path)
