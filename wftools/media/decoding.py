"""Frames and sound of a video file, from one moment to another."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av
import torch
from av.audio.resampler import AudioResampler

from wftools.errors import InputError
from wftools.imaging.ffmpeg import converter, upright
from wftools.media.encoding import COLOR_SPACES
from wftools.media.opening import Source, is_known, opened
from wftools.media.sound_files import gathered, planar
from wftools.memory import make_room
from wftools.values import Audio

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray
    from torch import Tensor

MICROSECONDS: Final = 10**6  # FFmpeg's unit of the duration of a file

# The transfer characteristics that a file may have -> ComfyUI's name of its colours.
_TRANSFERS: Final = {1: "sRGB", **{colors.trc: name for name, colors in COLOR_SPACES.items()}}


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a video, in seconds: where it starts, and how long it is; 0 for all that follows."""

    start: float = 0.0
    duration: float = 0.0

    def first(self, time_base: Fraction) -> int:
        """The first time stamp that belongs to it."""
        return int(self.start / time_base)

    def stop(self, time_base: Fraction) -> int | None:
        """The first time stamp that does not; None if there is none."""
        return int((self.start + self.duration) / time_base) if self.duration else None


@dataclass(frozen=True, slots=True)
class Probe:
    """What a video file says of itself."""

    size: tuple[int, int]
    fps: Fraction
    frame_count: int | None
    duration: float | None  # of the file
    stream_duration: float | None  # of its pictures
    bit_depth: int
    color_space: str | None


def probed(source: Source) -> Probe:
    """What a video file says of itself, without decoding it. Raises InputError if it has no pictures."""
    with opened(source) as container:
        stream = pictures(container)
        time_base = stream.time_base
        return Probe(
            (stream.width, stream.height),
            fps_of(stream),
            stream.frames or None,
            container.duration / MICROSECONDS if container.duration is not None else None,
            float(stream.duration * time_base) if stream.duration is not None and time_base is not None else None,
            max((component.bits for component in stream.format.components), default=8),
            color_space_of(stream),
        )


def pictures(container: InputContainer) -> VideoStream:
    """The stream whose pictures are the video's. Raises InputError if there is none."""
    if not container.streams.video:
        raise InputError("the file has no pictures", hint="choose a video")
    if not is_known(container.streams.video[0]):
        raise InputError("the codec of the video is not known", hint="encode it again with another program")
    return container.streams.video[0]


def fps_of(stream: VideoStream) -> Fraction:
    """Frames a second, on average; 1 where nothing is said."""
    return Fraction(stream.average_rate) if stream.average_rate else Fraction(1)


def color_space_of(stream: VideoStream) -> str | None:
    """What the colours are said to be; None if nothing that we know."""
    return _TRANSFERS.get(int(stream.codec_context.color_trc))


def sound_of(container: InputContainer) -> AudioStream | None:
    """The last stream of sound that FFmpeg can decode."""
    decodable = (each for each in reversed(container.streams.audio) if is_known(each))
    return next(decodable, None)


def frames(container: InputContainer, stream: VideoStream, window: Window) -> Iterator[VideoFrame]:
    """The frames that are shown within a window; one that is damaged is left out, as in ComfyUI."""
    assert stream.time_base is not None
    first, stop = window.first(stream.time_base), window.stop(stream.time_base)
    if first:
        container.seek(first, stream=stream)
    for packet in container.demux(stream):
        try:
            decoded = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in decoded:
            if frame.pts is not None and frame.pts < first:
                continue
            if frame.pts is not None and stop is not None and frame.pts >= stop:
                return
            yield frame


def count_frames(source: Source) -> int:
    """How many frames a file has, by decoding it."""
    with opened(source) as container:
        return sum(1 for _ in frames(container, pictures(container), Window()))


def images_of(source: Source, window: Window) -> Tensor:
    """The frames of a window as images (N, H, W, 3); (0, 0, 0, 3) if the window lies beside the video."""
    with opened(source) as container:
        stream = pictures(container)
        images = _stacked(_converted(frames(container, stream, window), stream.time_base))
        if window == Window() and not len(images):
            raise InputError("not one frame of the video can be decoded", hint="fetch the file again")
        return images


def images_at(source: Source, indices: Sequence[int]) -> Tensor:
    """Single frames of a file as images (n, H, W, 3), by their numbers, ascending: in 8 bits, as ComfyUI takes them."""
    wanted = set(indices)
    with opened(source) as container:
        shown = frames(container, pictures(container), Window())
        return _stacked(
            upright(frame.to_ndarray(format="rgb24"), frame.rotation).float().div_(255)
            for index, frame in zip(range(max(wanted, default=-1) + 1), shown, strict=False)
            if index in wanted
        )


def audio_of(source: Source, window: Window) -> Audio | None:
    """The sound of a window; None if the file has none there."""
    with opened(source) as container:
        stream = sound_of(container)
        if stream is None:
            return None
        samples = gathered(sound(container, stream, window, AudioResampler(format="fltp")))
        if samples is None:
            return None
        rate = stream.codec_context.sample_rate or 1
        if window.duration:
            samples = samples[:, : int(window.duration * rate)]
        return Audio(torch.from_numpy(samples)[None], rate)


def sound(
    container: InputContainer, stream: AudioStream, window: Window, resampler: AudioResampler
) -> Iterator[NDArray[np.float32]]:
    """The samples (channels, n) of a window in pieces; the last one may go beyond it."""
    beside = container.streams.video[0] if container.streams.video else None
    if beside is not None and beside.time_base is not None and (first := window.first(beside.time_base)):
        container.seek(first, stream=beside)
    is_started = False
    for frame in _resampled(container, stream, resampler):
        if window.duration and frame.time is not None and frame.time > window.start + window.duration:
            return
        if is_started:
            yield planar(frame)
            continue
        skipped = max(0, int((window.start - (frame.time or 0)) * frame.sample_rate))
        if skipped < frame.samples:
            is_started = True
            yield planar(frame)[:, skipped:]


def _resampled(container: InputContainer, stream: AudioStream, resampler: AudioResampler) -> Iterator[av.AudioFrame]:
    for packet in container.demux(stream):
        for frame in packet.decode():
            yield from resampler.resample(frame)
    yield from filter(None, resampler.resample(None))  # None, if nothing had to be resampled


def _converted(shown: Iterable[VideoFrame], time_base: Fraction | None) -> Iterator[Tensor]:
    convert = size = None
    for frame in shown:
        if convert is None:
            convert, size = converter(frame, time_base), (frame.width, frame.height)
        if (frame.width, frame.height) != size:
            raise InputError("the size of the video's frames changes", hint="encode it again with another program")
        yield convert(frame)[..., :3]


def _stacked(images: Iterable[Tensor]) -> Tensor:
    """Images of one size as a batch; each one is given up once it is copied, so that there are never two of all."""
    single: deque[Tensor] = deque()
    for image in images:
        make_room("the video", *image.shape, hint="cut it, or scale it down")
        single.append(image)
    if not single:
        return torch.zeros(0, 0, 0, 3)
    batch = torch.empty(len(single), *single[0].shape)
    for place in batch:
        place.copy_(single.popleft())
    return batch
