"""Video files as other files: their streams copied, or decoded and encoded again frame by frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Final

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.filter import Graph
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

from wftools.errors import InputError, RunError
from wftools.media.decoding import color_space_of, fps_of, frames, pictures, sound, sound_of
from wftools.media.encoding import COLOR_SPACES, DEEP, LAYOUTS, MUXERS, OPUS_RATE, Colors, pictures_into, written
from wftools.media.opening import is_known, opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from av.container import InputContainer, OutputContainer
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from wftools.media.decoding import Window
    from wftools.media.encoding import Encoding
    from wftools.media.opening import Source

# What WebM holds, by the kind of stream.
_WEBM: Final = {"video": {"av1", "vp8", "vp9"}, "audio": {"opus", "vorbis"}, "subtitle": {"webvtt"}}

# Filters that turn counter-clockwise by so many quarters.
_TURNS: Final = {1: (("transpose", "cclock"),), 2: (("hflip", None), ("vflip", None)), 3: (("transpose", "clock"),)}

FULL_RANGE: Final = 2  # ITU-T H.273's flag as FFmpeg counts


def copied(source: Source, path: str, encoding: Encoding, texts: Mapping[str, str]) -> bool:
    """Write the streams of a file into another one as they are, if it is the one that is asked for: else give False."""
    with opened(source) as container:
        if not _is_as_asked(container, encoding):
            return False
        with written(path, encoding.suffix, {**container.metadata, **texts}) as output:
            streams = {}
            for stream in container.streams:
                if not isinstance(stream, VideoStream | AudioStream | SubtitleStream) or not is_known(stream):
                    continue
                try:
                    streams[stream.index] = output.add_stream_from_template(stream, opaque=True)
                except ValueError:  # the container cannot hold it
                    if isinstance(stream, SubtitleStream):
                        continue
                    return False
            for packet in container.demux():
                if packet.stream.index in streams and packet.dts is not None:
                    packet.stream = streams[packet.stream.index]
                    output.mux(packet)
    return True


def _is_as_asked(container: InputContainer, encoding: Encoding) -> bool:
    stream = pictures(container)
    is_kept = encoding.crf is None and encoding.color_space is None
    has_container = encoding.container == "auto" or MUXERS[encoding.container] in container.format.name.split(",")
    has_codec = encoding.codec in {"auto", stream.codec.canonical_name}
    fits = encoding.container != "webm" or all(
        each.codec.canonical_name in _WEBM[each.type]
        for each in container.streams
        if each.type in _WEBM and is_known(each)
    )
    return is_kept and has_container and has_codec and fits


def transcoded(source: Source, window: Window, path: str, encoding: Encoding, texts: Mapping[str, str]) -> None:
    """Write a part of a file by decoding it and encoding it again, with its colours and the times of its frames.

    The sound ends with the pictures.
    """
    with opened(source) as container, opened(source) as beside:
        stream = pictures(container)
        shown = _Shown(stream, window)
        upright = _upright(frames(container, stream, window), stream.time_base)
        first = next(upright, None)
        if first is None:
            raise InputError("the video has no frames there", hint="choose an earlier start")
        if first.width % 2 or first.height % 2:
            raise RunError(f"a video of {first.width} x {first.height} pixels cannot be encoded: sides must be even")
        with written(path, encoding.suffix, {**container.metadata, **texts}) as output:
            picture = _Pictures.of(output, stream, first, encoding)
            track = _Track.of(output, beside, window, encoding.suffix)
            for frame in chain([first], upright):
                if (timed := shown.timed(frame)) is not None:
                    picture.encode(timed, shown.duration)
                    if track is not None:
                        track.fill(float(shown.end * shown.time_base))
            picture.finish(shown.rest)
            if track is not None:
                track.finish(float(shown.until * shown.time_base))


def _upright(shown: Iterator[VideoFrame], time_base: Fraction | None) -> Iterator[VideoFrame]:
    """Frames as they are to be looked at, all of the size of the first one."""
    turn = None
    size = None
    for frame in shown:
        if size is None:
            size = (frame.width, frame.height)
            turn = _turning(frame, time_base)
        if (frame.width, frame.height) != size:
            raise InputError("the size of the video's frames changes", hint="encode it again with another program")
        if turn is None:
            yield frame
        else:
            turn.vpush(frame)
            yield turn.vpull()


def _turning(frame: VideoFrame, time_base: Fraction | None) -> Graph | None:
    quarters = round(frame.rotation / 90) % 4
    if not quarters:
        return None
    graph = Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=time_base)
    filters = [graph.add(*(part for part in each if part is not None)) for each in _TURNS[quarters]]
    graph.link_nodes(source, *filters, graph.add("buffersink")).configure()
    return graph


class _Shown:
    """When each frame is shown, and for how long, counted from the first one; time stamps go forward only."""

    def __init__(self, stream: VideoStream, window: Window) -> None:
        assert stream.time_base is not None
        self.time_base = stream.time_base
        self.end = 0  # of what has been shown
        self.duration = 0  # of the last frame
        self._step = max(1, round(1 / fps_of(stream) / stream.time_base))
        self._offset: int | None = None
        self._last = -1
        self._stop = window.stop(stream.time_base)
        self._stream_end = None if stream.duration is None else (stream.start_time or 0) + stream.duration

    def timed(self, frame: VideoFrame) -> VideoFrame | None:
        """The frame with its time; None if it comes after the end."""
        if self._offset is None:
            self._offset = frame.pts or 0
        pts = frame.pts - self._offset if frame.pts is not None else -1
        if pts <= self._last:  # missing, or going backwards
            pts = self._last + self._step if self._last >= 0 else 0
        duration = frame.duration or self._step
        if self._stop is not None:
            duration = min(duration, self._stop - self._offset - pts)
        if duration <= 0:
            return None
        frame.pts = self._last = pts
        frame.time_base = self.time_base
        self.duration, self.end = duration, pts + duration
        return frame

    @property
    def rest(self) -> int:
        """How long the last frame is shown: until the end of the window, where the file goes on."""
        if self._stop is None or self._offset is None:
            return self.duration
        stop = self._stop if self._stream_end is None else min(self._stop, self._stream_end)
        return max(self.duration, stop - self._offset - self._last)

    @property
    def until(self) -> int:
        """The end of all."""
        return max(self._last, 0) + self.rest


@dataclass(frozen=True, slots=True)
class _Pictures:
    """The pictures of a file that is being written."""

    output: OutputContainer
    stream: VideoStream
    format: str
    colors: Colors | None  # None: nothing is said of them
    is_limited: bool  # full range is made limited; where the file says what its colours are, they stay as they are
    durations: dict[int, int]  # of the frames that were not yet written, by their time stamps

    @classmethod
    def of(cls, output: OutputContainer, source: VideoStream, first: VideoFrame, encoding: Encoding) -> _Pictures:
        found, wanted = color_space_of(source), encoding.color_space
        if found is not None and wanted is not None and found != wanted:
            raise RunError(f"colours of {found} are not turned into {wanted}", hint=f"choose auto or {found}")
        depth = max((component.bits for component in first.format.components), default=8)
        is_deep = depth >= DEEP or {found, wanted} & {"HDR", "HDR PQ"}
        colors = COLOR_SPACES[wanted] if wanted is not None else None
        if found is not None:
            colors = Colors.of(source.codec_context)
        format_ = "yuv420p10le" if is_deep else "yuv420p"
        size = (first.width, first.height)
        stream = pictures_into(
            output, encoding.encoder, rate=fps_of(source), size=size, format_=format_, options=encoding.options
        )
        stream.codec_context.max_b_frames = 0  # MP4 would give the frames of varying rates wrong durations
        if source.time_base is not None:
            stream.codec_context.time_base = source.time_base
        if colors is not None:
            colors.tag(stream.codec_context)
        return cls(output, stream, format_, colors, found is None, {})

    def encode(self, frame: VideoFrame, duration: int) -> None:
        pts, time_base = frame.pts, frame.time_base
        if frame.color_range == FULL_RANGE and self.is_limited:
            frame = frame.reformat(format=self.format, src_color_range="JPEG", dst_color_range="MPEG")
        else:
            frame = frame.reformat(format=self.format)
        if self.colors is not None:
            self.colors.tag(frame)
        frame.pts, frame.time_base = pts, time_base
        frame.pict_type = 0  # the encoder's choice, not that of the file
        assert pts is not None
        self.durations[pts] = duration
        self._write(frame)

    def finish(self, rest: int) -> None:
        """Write what is left; the last frame is shown for so long."""
        if self.durations:
            self.durations[max(self.durations)] = rest
        self._write(None)

    def _write(self, frame: VideoFrame | None) -> None:
        for packet in self.stream.encode(frame):
            if packet.pts in self.durations:
                packet.duration = self.durations.pop(packet.pts)
            self.output.mux(packet)


class _Track:
    """The sound of a file that is being written, which follows its pictures."""

    def __init__(
        self, output: OutputContainer, stream: AudioStream, pieces: Iterator[NDArray[np.float32]], most: int
    ) -> None:
        self.output = output
        self.stream = stream
        self.rate = stream.codec_context.sample_rate
        self.pieces = pieces
        self.most = most  # samples
        self.written = 0
        self.waiting: NDArray[np.float32] | None = None

    @classmethod
    def of(cls, output: OutputContainer, container: InputContainer, window: Window, suffix: str) -> _Track | None:
        stream = sound_of(container)
        if stream is None or not stream.codec_context.sample_rate:
            return None
        codec, rate = ("libopus", OPUS_RATE) if suffix == "webm" else ("aac", stream.codec_context.sample_rate)
        layout = LAYOUTS.get(stream.codec_context.channels, "stereo")
        pieces = sound(container, stream, window, AudioResampler(format="fltp", layout=layout, rate=rate))
        most = math.ceil(window.duration * rate) if window.duration else 2**62
        track = output.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(track, AudioStream)
        return cls(output, track, pieces, most)

    def fill(self, seconds: float) -> None:
        """Write all pieces that end by then."""
        while (piece := self._next()) is not None and self.written + piece.shape[1] <= self._until(seconds):
            self._write(piece)
            self.waiting = None

    def finish(self, seconds: float) -> None:
        """Write what is heard until then."""
        self.fill(seconds)
        if (piece := self._next()) is not None and (rest := self._until(seconds) - self.written) > 0:
            self._write(piece[:, :rest])
        self.output.mux(self.stream.encode(None))

    def _until(self, seconds: float) -> int:
        return min(math.ceil(seconds * self.rate), self.most)

    def _next(self) -> NDArray[np.float32] | None:
        if self.waiting is None:
            self.waiting = next(self.pieces, None)
        return self.waiting

    def _write(self, samples: NDArray[np.float32]) -> None:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format="fltp", layout=self.stream.codec_context.layout
        )
        frame.sample_rate = self.rate
        frame.pts, frame.time_base = self.written, Fraction(1, self.rate)
        self.written += samples.shape[1]
        self.output.mux(self.stream.encode(frame))
