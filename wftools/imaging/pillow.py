"""Decode pictures with Pillow: those that FFmpeg cannot decode, such as animated WebP and TIFF of floats."""

from __future__ import annotations

import io
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from wftools.errors import InputError, LimitError
from wftools.memory import make_room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

# Pillow reads more, but some of its readers start other programs (EPS: Ghostscript).
FORMATS: Final = ("AVIF", "BMP", "GIF", "ICO", "JPEG", "JPEG2000", "PNG", "PPM", "TGA", "TIFF", "WEBP")

# What Pillow's decoders are known to raise on damaged files.
_DAMAGE: Final = (OSError, SyntaxError, ValueError, RuntimeError, TypeError, EOFError, struct.error)


def frames(data: bytes, max_pixels: int) -> Iterator[Tensor]:
    """Every frame of the size of the first: (H, W, 3) or, with alpha, (H, W, 4), float32 in 0..1.

    Raises InputError if the data is not a picture or is damaged, LimitError if a frame has more than `max_pixels`.
    """
    with _opened(data, max_pixels) as picture:
        yield from _frames(picture)


def rgba(data: bytes, max_pixels: int) -> Image.Image:
    """The first frame as it lies in the file, in red, green, blue and alpha. Raises as `frames` does."""
    with _opened(data, max_pixels) as picture:
        return picture.convert("RGBA")


def rgb(data: bytes, max_pixels: int) -> Tensor:
    """The first frame as it lies in the file, without alpha: (H, W, 3), float32 in 0..1. Raises as `frames` does."""
    with _opened(data, max_pixels) as picture:
        scaled = picture.point(lambda level: level * (1 / 255)) if picture.mode == "I" else picture
        return torch.from_numpy(np.asarray(scaled.convert("RGB"), np.float32)) / 255


@contextmanager
def _opened(data: bytes, max_pixels: int) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > max_pixels:
                raise Image.DecompressionBombError  # a program may have turned Pillow's own limit off
            make_room("the picture", picture.height, picture.width, len("RGBA"), hint="scale it down first")
            yield picture
    except Image.DecompressionBombError as error:
        raise LimitError("the picture has too many pixels", hint="scale it down first") from error
    except UnidentifiedImageError as error:
        raise InputError("not a picture that can be decoded", hint="save it as PNG") from error
    except _DAMAGE as error:
        raise InputError(f"the picture is damaged: {error}", hint="fetch the file again") from error


def _frames(picture: Image.Image) -> Iterator[Tensor]:
    first: Image.Image | None = None
    for page in ImageSequence.Iterator(picture):
        upright = ImageOps.exif_transpose(page)
        first = first or upright
        if upright.size != first.size:
            continue
        pixels = np.asarray(upright.convert("RGB"), np.float32)
        if "A" in first.getbands():
            alpha = np.asarray(upright.convert("RGBA").getchannel("A"), np.float32)
            pixels = np.dstack([pixels, alpha])
        yield torch.from_numpy(pixels) / 255
