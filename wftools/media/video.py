"""Handles on videos: a file, or a part of one; and images with a sound. Kinds of `values.Video`."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from wftools.errors import InputError, Place, RunError
from wftools.media.decoding import Probe, Window, audio_of, count_frames, images_at, images_of, probed
from wftools.media.encoding import Encoding, write_images
from wftools.media.transcoding import copied, transcoded
from wftools.values import VideoComponents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from torch import Tensor

    from wftools.media.opening import Source
    from wftools.values import Audio


@dataclass(frozen=True)
class VideoFile:
    """A video in a file, or a part of it. It is opened for each question, and what it says of itself is kept."""

    source: Source
    window: Window = field(default_factory=Window)  # a start below 0 is counted from the end

    @cached_property
    def _probe(self) -> Probe:
        return probed(self.source)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self._probe.size

    @property
    def fps(self) -> Fraction:
        """Frames a second, on average."""
        return self._probe.fps

    @property
    def bit_depth(self) -> int:
        """Bits of a colour."""
        return self._probe.bit_depth

    @property
    def color_space(self) -> str:
        """What the colours mean."""
        return self._probe.color_space or "sRGB"

    @cached_property
    def _whole_count(self) -> int:
        return self._probe.frame_count or count_frames(self.source)

    @cached_property
    def _whole_duration(self) -> float:
        return self._probe.duration if self._probe.duration is not None else float(self._whole_count / self.fps)

    @property
    def duration(self) -> float:
        """How many seconds it takes."""
        return self._left(self._whole_duration)

    def _left(self, whole: float) -> float:
        """Of so many seconds, those in the window."""
        start, duration = self.window.start, self.window.duration
        left = min(whole, -start) if start < 0 else whole - start
        return min(duration, left) if duration else left

    @property
    def is_whole(self) -> bool:
        """Whether nothing is cut off."""
        return self.window == Window()

    @property
    def frame_count(self) -> int:
        """How many frames it has; of a part, as far as durations tell."""
        if self.is_whole:
            return self._whole_count
        seconds = self._left(self._probe.stream_duration or self._whole_duration)
        return max(0, round(seconds * float(self.fps)))

    @property
    def _absolute(self) -> Window:
        """The window, counted from the start."""
        start = self.window.start
        return self.window if start >= 0 else Window(max(self._whole_duration + start, 0.0), self.window.duration)

    def components(self) -> VideoComponents:
        """All of it, decoded."""
        window = self._absolute
        return VideoComponents(images_of(self.source, window), audio_of(self.source, window), self.fps)

    def frames_at(self, indices: Sequence[int]) -> Tensor:
        """Single frames by their numbers, ascending; counted from the start of the file, as in ComfyUI."""
        return images_at(self.source, indices)

    def trimmed(self, start: float, duration: float) -> VideoFile:
        """A part of it; see `values.Video`. Nothing is decoded."""
        return VideoFile(self.source, Window(start + self.window.start, duration))

    def write(self, path: str, encoding: Encoding, texts: Mapping[str, str]) -> None:
        """Write it as a file; its streams are copied where nothing else is asked for."""
        try:
            if not (self.is_whole and copied(self.source, path, encoding, texts)):
                transcoded(self.source, self._absolute, path, encoding, texts)
        except InputError as error:
            error.place = error.place or (Place(str(self.source)) if isinstance(self.source, Path) else None)
            raise


@dataclass(frozen=True, eq=False)
class VideoOfImages:
    """Images (N, H, W, C) that are shown one after another, and a sound beside them."""

    images: Tensor
    fps: Fraction
    audio: Audio | None = None
    bit_depth: int = 8  # of a file that is written
    color_space: str = "sRGB"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.images.shape[2], self.images.shape[1]

    @property
    def frame_count(self) -> int:
        """How many images there are."""
        return len(self.images)

    @property
    def duration(self) -> float:
        """How many seconds they take."""
        return float(len(self.images) / self.fps)

    def components(self) -> VideoComponents:
        """The images and the sound."""
        return VideoComponents(self.images, self.audio, self.fps)

    def frames_at(self, indices: Sequence[int]) -> Tensor:
        """Single images as the encoder leaves them."""
        return images_at(self._file, indices)

    def trimmed(self, start: float, duration: float) -> VideoFile:
        """A part of it; see `values.Video`. It is encoded first, which loses something, as in ComfyUI."""
        if self.duration + 1e-9 < start + duration:
            raise RunError(f"the video has {self.duration:g} seconds, which end before {start:g} + {duration:g}")
        return VideoFile(self._file, Window(start, duration))

    def write(self, path: str, encoding: Encoding, texts: Mapping[str, str]) -> None:
        """Write it as a file."""
        write_images(path, self.components(), self.bit_depth, encoding, texts)

    @cached_property
    def _file(self) -> bytes:
        """It as an MP4 file with H.264."""
        with tempfile.TemporaryDirectory(prefix="wftools-") as folder:
            path = Path(folder) / "video.mp4"
            self.write(str(path), Encoding(), {})
            return path.read_bytes()
