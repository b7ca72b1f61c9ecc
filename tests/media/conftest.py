"""Videos that several tests of this room use."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from wftools.media.encoding import Encoding
from wftools.media.video import VideoFile, VideoOfImages
from wftools.values import Audio

RATE = 16000


def counted(frames: int, width: int = 32, height: int = 16, channels: int = 3) -> torch.Tensor:
    """Images whose grey tells their number: 0.1, 0.2 …"""
    return (torch.arange(1, frames + 1) / 10)[:, None, None, None].expand(-1, height, width, channels)


def numbers(images: torch.Tensor) -> list[int]:
    """What the greys of images tell."""
    return images.mean((1, 2, 3)).mul(10).round().int().tolist()


def video(frames: int = 8, *, fps: int = 8, with_sound: bool = True, bit_depth: int = 8) -> VideoOfImages:
    """A video whose sound is a tone."""
    tone = torch.sin(torch.arange(frames * RATE // fps) / 9).mul(0.5)[None, None].repeat(1, 2, 1)
    return VideoOfImages(counted(frames), Fraction(fps), Audio(tone, RATE) if with_sound else None, bit_depth)


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., VideoFile]:
    """Writes a video as a file."""

    def save(given: VideoOfImages | VideoFile, name: str = "a.mp4", **texts: str) -> VideoFile:
        path = tmp_path / name
        given.write(str(path), Encoding(path.suffix[1:]), texts)
        return VideoFile(path)

    return save
