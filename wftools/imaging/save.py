"""Write images as files, with the workflow that made them in their metadata, as ComfyUI's savers do.

8 bits are 255 * x, clipped, fractions dropped; 16 bits are 65535 * x, likewise. Pixels that are not a number are black.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import av
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from wftools.document.containers import embed_texts
from wftools.errors import RunError
from wftools.imaging.eight_bits import to_picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

COMPRESSION: Final = 4  # zlib level of ComfyUI's SaveImage
FAST: Final = 1  # and of its previews, which are thrown away
DEFAULT: Final = 6  # and of its data sets

MODEL_TAG: Final = 0x0110  # of EXIF: here ComfyUI puts the prompt of a WebP file …
MAKE_TAG: Final = 0x010F  # … and from here on downwards all the rest

# channels -> FFmpeg's name of the pixels in memory, and in a PNG file of 16 bits
_SIXTEEN_BITS: Final = {1: ("gray16le", "gray16be"), 3: ("rgb48le", "rgb48be"), 4: ("rgba64le", "rgba64be")}


def png(image: Tensor, texts: Mapping[str, str], compression: int = COMPRESSION) -> bytes:
    """An image (H, W, C) of 1, 3 or 4 channels as a PNG file of 8 bits; `texts` are tEXt chunks before the pixels."""
    chunks = PngInfo()
    for keyword, text in texts.items():
        try:
            chunks.add_text(keyword, text)
        except UnicodeEncodeError as error:
            raise _unnameable(keyword) from error
    file = io.BytesIO()
    picture(image).save(file, "PNG", pnginfo=chunks, compress_level=compression)
    return file.getvalue()


def deep_png(image: Tensor, texts: Mapping[str, str]) -> bytes:
    """An image (H, W, C) of 1, 3 or 4 channels as a PNG file of 16 bits; `texts` are tEXt chunks before the pixels."""
    height, width, channels = _checked(image).shape
    in_memory, in_file = _SIXTEEN_BITS[channels]
    levels = image.float().nan_to_num(0.0).mul(65535).clamp(0, 65535).to("cpu", torch.int32).numpy().astype("<u2")
    frame = av.VideoFrame.from_ndarray(levels.squeeze(-1) if channels == 1 else levels, format=in_memory)
    frame = frame.reformat(format=in_file)
    frame.pts = 0
    codec = av.CodecContext.create("png", "w")
    codec.width, codec.height, codec.pix_fmt, codec.time_base = width, height, in_file, Fraction(1)
    data = b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])
    return with_texts(data, texts)


def with_texts(data: bytes, texts: Mapping[str, str]) -> bytes:
    """A file in a format that is known, with the workflow that made it where this format keeps such texts."""
    if not texts:
        return data
    out = io.BytesIO()
    embed_texts(io.BytesIO(data), texts, out)
    return out.getvalue()


def animated_png(images: Tensor, texts: Mapping[str, str], fps: float, compression: int = COMPRESSION) -> bytes:
    """The images of a batch one after another, for ever; `texts` are ComfyUI's own chunks `comf`, after the pixels.

    Images that equal the one before them become a longer pause.
    """
    chunks = PngInfo()
    for keyword, text in texts.items():
        chunks.add(b"comf", _latin(keyword) + b"\0" + _latin(text), after_idat=True)
    return _animated(images, "PNG", fps, pnginfo=chunks, compress_level=compression)


def animated_webp(
    images: Tensor, texts: Mapping[str, str], fps: float, *, lossless: bool, quality: int, effort: int
) -> bytes:
    """The images of a batch one after another, for ever; `texts` are in EXIF tags. `effort`: 0 (fast) to 6 (small)."""
    exif = Image.Exif()
    others = [name for name in texts if name != "prompt"]
    for name, text in texts.items():
        exif[MODEL_TAG if name == "prompt" else MAKE_TAG - others.index(name)] = f"{name}:{text}"
    return _animated(images, "WEBP", fps, exif=exif, lossless=lossless, quality=quality, method=effort)


def _animated(images: Tensor, kind: str, fps: float, **options: Any) -> bytes:
    first, *others = map(picture, at_least_one(images))
    file = io.BytesIO()
    first.save(file, kind, save_all=True, append_images=others, duration=int(1000 / fps), **options)
    return file.getvalue()


def at_least_one(images: Tensor) -> Tensor:
    """A batch of images. Raises RunError if it is empty, as the frames of a part of a video may be."""
    if not len(images):
        raise RunError("there are no images to save")
    return images


def picture(image: Tensor) -> Image.Image:
    """An image (H, W, C) of 1, 3 or 4 channels in 8 bits, as Pillow has it."""
    return to_picture(_checked(image))


def _checked(image: Tensor) -> Tensor:
    height, width, channels = image.shape
    if not height or not width:
        raise RunError(f"an image of {width} x {height} pixels cannot be saved")
    if channels not in {1, 3, 4}:
        raise RunError(
            f"an image of {channels} channels cannot be saved", hint="1 (grey), 3 (RGB) or 4 (with alpha) can"
        )
    return image


def _latin(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise _unnameable(text) from error


def _unnameable(keyword: str) -> RunError:
    return RunError(f"metadata cannot be named {keyword!r}", hint="a PNG keyword has Latin letters")
