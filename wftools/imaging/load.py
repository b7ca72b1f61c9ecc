"""Decode a picture file into an image batch and its mask, as ComfyUI 0.33.0's LoadImage does.

FFmpeg decodes (`ffmpeg`), and Pillow what FFmpeg cannot, such as animated WebP (`pillow`). Every frame of the file
becomes an image of the batch. The mask is 1 - alpha; a picture without alpha has a mask of 64 x 64 zeros, which is
ComfyUI's way of saying that there is none.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import torch

from wftools.errors import InputError, LimitError, Place
from wftools.imaging import ffmpeg, pillow
from wftools.imaging.ending import ends_early
from wftools.memory import make_room

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from PIL.Image import Image
    from torch import Tensor

MAX_BYTES: Final = 2**31  # of a file, which is read whole
MAX_PIXELS: Final = 2**28  # of all frames together: 16384 x 16384, the largest image that ComfyUI's nodes make

NO_MASK: Final = (64, 64)  # height and width of the mask of a picture without alpha


class Picture(NamedTuple):
    """What a picture file holds: image (B, H, W, 3) and mask (B, H, W), float32 in 0..1."""

    image: Tensor
    mask: Tensor


def load(path: Path) -> Picture:
    """Decode a picture file. Raises InputError if it is no picture or stops early, LimitError if it is too large."""
    with _placed(path):
        data = _read(path)
        if ends_early(data):
            raise InputError("the picture stops before its end", hint="the file was not copied whole: fetch it again")
        frames = list(_within_limit(ffmpeg.frames(data, path.suffix, MAX_PIXELS)))
        return _picture(frames or list(_within_limit(pillow.frames(data, MAX_PIXELS))))


def load_rgba(path: Path) -> Image:
    """The first frame of a picture file, as it lies in it, in red, green, blue and alpha. Raises as `load` does."""
    with _placed(path):
        return pillow.rgba(_read(path), MAX_PIXELS)


def load_rgb(path: Path) -> Tensor:
    """The first frame of a picture file, as it lies in it, without alpha: (1, H, W, 3). Raises as `load` does."""
    with _placed(path):
        return pillow.rgb(_read(path), MAX_PIXELS)[None]


@contextmanager
def _placed(path: Path) -> Iterator[None]:
    """Errors say in which file they are."""
    try:
        yield
    except InputError as error:
        error.place = Place(str(path))
        raise


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise LimitError(f"the picture has {size} bytes, at most {MAX_BYTES} are read")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"the picture cannot be read: {error.strerror}") from error


def _within_limit(frames: Iterable[Tensor]) -> Iterator[Tensor]:
    pixels = 0
    for frame in frames:
        pixels += frame.shape[0] * frame.shape[1]
        if pixels > MAX_PIXELS:
            raise LimitError(f"the frames have more than {MAX_PIXELS} pixels together")
        yield frame


def _picture(frames: list[Tensor]) -> Picture:
    """Frames, at least one, as one batch: (H, W, 3) or, with alpha, (H, W, 4)."""
    make_room("the picture", len(frames), *frames[0].shape, hint="scale it down first")
    image = torch.stack([frame[..., :3] for frame in frames])
    if frames[0].shape[-1] == 4:
        return Picture(image, 1 - torch.stack([frame[..., 3] for frame in frames]))
    return Picture(image, torch.zeros(len(frames), *NO_MASK))
