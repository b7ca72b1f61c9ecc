"""Images and sound as video files.

Colours are tagged as what they are said to be, and never mapped to another space. FFmpeg turns RGB into YUV of limited
range by the matrix of that space.
"""

from __future__ import annotations

import math
import os
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.video.stream import VideoStream

from wftools.errors import RunError
from wftools.imaging.save import at_least_one

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from av.container import OutputContainer
    from torch import Tensor

    from wftools.values import Audio, VideoComponents

MUXERS: Final = {"mp4": "mp4", "mkv": "matroska", "webm": "webm"}
ENCODERS: Final = {"h264": "h264", "av1": "libsvtav1"}
LAYOUTS: Final = {1: "mono", 2: "stereo", 6: "5.1"}
OPUS_RATE: Final = 48000  # of the sound in WebM files

DEEP: Final = 10  # bits


class Colors(NamedTuple):
    """What numbers of a frame mean, as ITU-T H.273 counts."""

    primaries: int
    trc: int  # transfer characteristics
    space: int  # matrix coefficients
    range: int = 1  # limited

    @classmethod
    def of(cls, source: Any) -> Colors:
        """What a frame or a codec's context says."""
        return cls(*map(int, (source.color_primaries, source.color_trc, source.colorspace, source.color_range)))

    def tag(self, target: Any) -> None:
        """Say it on a frame or on a codec's context."""
        target.color_primaries, target.color_trc, target.colorspace, target.color_range = self


COLOR_SPACES: Final = {
    "sRGB": Colors(1, 13, 1),  # BT.709, IEC 61966-2-1
    "HDR": Colors(9, 18, 9),  # BT.2020, hybrid log-gamma
    "HDR PQ": Colors(9, 16, 9),  # BT.2020, SMPTE 2084
}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a video shall be written: in which container, by which codec, how well."""

    container: str = "auto"  # of MUXERS
    codec: str = "auto"  # of ENCODERS
    crf: float | None = None  # the lower the better; None: as the encoder likes
    color_space: str | None = None  # of COLOR_SPACES; None: as the video has it

    @property
    def suffix(self) -> str:
        """How the names of such files end."""
        return "mp4" if self.container == "auto" else self.container

    @property
    def chosen_codec(self) -> str:
        """The codec that is taken."""
        if self.codec == "auto":
            return "av1" if self.container == "webm" else "h264"
        return self.codec

    @property
    def encoder(self) -> str:
        """FFmpeg's name of what encodes so."""
        if self.container == "webm" and self.chosen_codec != "av1":
            raise RunError("WebM files hold AV1", hint="choose the codec av1, or another format")
        return ENCODERS[self.chosen_codec]

    @property
    def options(self) -> dict[str, str]:
        """What the encoder is told."""
        if self.crf is None:
            return {}
        if self.chosen_codec == "av1" and self.crf == 0:
            return {"svtav1-params": "lossless=1"}
        return {"crf": str(self.crf)}


@contextmanager
def written(path: str, container: str, texts: Mapping[str, str]) -> Iterator[OutputContainer]:
    """A video file that is being written. Raises RunError if FFmpeg cannot encode what it is given.

    MP4 files begin with the table of their content, and hold texts of any name.
    """
    options = {"movflags": "use_metadata_tags+faststart"} if container == "mp4" else {}
    try:
        with av.open(path, "w", format=MUXERS[container], options=options) as output:
            output.metadata.update(texts)
            yield output
    except av.FFmpegError as error:
        raise RunError(
            f"the video cannot be encoded: {error.strerror}", hint="H.264 needs an even width and height"
        ) from error


def write_images(
    path: str, video: VideoComponents, bit_depth: int, encoding: Encoding, texts: Mapping[str, str]
) -> None:
    """Write images and what fits of the sound beside them as a video; of the channels the first three are RGB."""
    color_space = encoding.color_space or "sRGB"
    colors = COLOR_SPACES[color_space]
    is_deep = bit_depth >= DEEP or color_space != "sRGB"
    format_ = "yuv420p10le" if is_deep else "yuv420p"
    rate = Fraction(round(video.fps * 1000), 1000)
    height, width = at_least_one(video.images).shape[1:3]
    with written(path, encoding.suffix, texts) as output:
        stream = pictures_into(
            output, encoding.encoder, rate=rate, size=(width, height), format_=format_, options=encoding.options
        )
        colors.tag(stream.codec_context)
        track = _Track.of(output, video.audio, encoding.suffix, rate, len(video.images)) if video.audio else None
        for image in video.images:
            frame = rgb_frame(image[..., :3], is_deep=is_deep).reformat(format=format_, dst_colorspace=colors.space)
            colors.tag(frame)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        if track is not None:
            track.write()


def write_webm(path: str, images: Tensor, *, codec: str, fps: float, crf: float, texts: Mapping[str, str]) -> None:
    """Write images (N, H, W, C) as a WebM file without sound, by "vp9", which keeps an alpha channel, or by "av1"."""
    has_alpha = codec == "vp9" and images.shape[-1] == 4
    encoder, format_, more = {
        "vp9": ("libvpx-vp9", "yuva420p" if has_alpha else "yuv420p", {}),
        "av1": ("libsvtav1", "yuv420p10le", {"preset": "6"}),
    }[codec]
    with written(path, "webm", texts) as output:
        rate = Fraction(round(fps * 1000), 1000)
        height, width = at_least_one(images).shape[1:3]
        stream = pictures_into(
            output, encoder, rate=rate, size=(width, height), format_=format_, options={"crf": str(crf), **more}
        )
        stream.bit_rate = 0
        for image in images:
            output.mux(stream.encode(rgb_frame(image if has_alpha else image[..., :3], is_deep=False)))
        output.mux(stream.encode(None))


def pictures_into(
    output: OutputContainer,
    encoder: str,
    *,
    rate: Fraction,
    size: tuple[int, int],
    format_: str,
    options: dict[str, str],
) -> VideoStream:
    """A stream for pictures of that (width, height) and of FFmpeg's format of pixels."""
    os.environ.setdefault("SVT_LOG", "1")  # errors only: SVT-AV1 prints twenty lines on how it encodes
    stream = output.add_stream(encoder, rate=rate, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = format_
    return stream


def rgb_frame(image: Tensor, *, is_deep: bool) -> av.VideoFrame:
    """An image (H, W, 3) or, not deep, (H, W, 4) as a frame; fractions of a level are dropped."""
    levels = 65535 if is_deep else 255
    pixels = image.float().nan_to_num(0.0).mul(levels).clamp(0, levels).cpu().numpy()
    if is_deep:
        return av.VideoFrame.from_ndarray(pixels.astype(np.uint16), format="rgb48le")
    return av.VideoFrame.from_ndarray(pixels.astype(np.uint8), format={3: "rgb24", 4: "rgba"}[image.shape[-1]])


@dataclass(frozen=True, slots=True)
class _Track:
    """The sound of a video that is being written: its stream stands before the first frame, its samples come last."""

    output: OutputContainer
    stream: Any
    frame: av.AudioFrame
    rate: int

    @classmethod
    def of(cls, output: OutputContainer, audio: Audio, container: str, fps: Fraction, frames: int) -> _Track:
        waveform = audio.waveform[0, :, : math.ceil(audio.sample_rate / fps * frames)]
        layout = LAYOUTS.get(waveform.shape[0])
        if layout is None:
            raise RunError(f"a sound of {waveform.shape[0]} channels cannot be saved with a video")
        codec, rate = ("libopus", OPUS_RATE) if container == "webm" else ("aac", audio.sample_rate)
        frame = av.AudioFrame.from_ndarray(waveform.float().cpu().contiguous().numpy(), format="fltp", layout=layout)
        frame.sample_rate = audio.sample_rate
        frame.pts = 0
        return cls(output, output.add_stream(codec, rate=rate, layout=layout), frame, rate)

    def write(self) -> None:
        frames = [self.frame]
        if self.rate != self.frame.sample_rate:
            resampler = AudioResampler(format="fltp", layout=self.frame.layout, rate=self.rate)
            frames = [*resampler.resample(self.frame), *resampler.resample(None)]
        for frame in frames:
            self.output.mux(self.stream.encode(frame))
        self.output.mux(self.stream.encode(None))
