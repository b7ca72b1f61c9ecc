"""Open files of sound and video with FFmpeg, through PyAV: strangers' bytes, which shall lead to no other file."""

from __future__ import annotations

import io
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av

from wftools.errors import InputError, Place
from wftools.imaging.ffmpeg import DEMUXERS as PICTURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import InputContainer
    from av.stream import Stream

Source = Path | bytes
"""Where a sound or a video is: a file, or its content."""

# The demuxers of sound and video. Others open further files or addresses that a file names (playlists, concat scripts).
DEMUXERS: Final = (
    "aac",
    "ac3",
    "aiff",
    "amr",
    "ape",
    "asf",
    "au",
    "avi",
    "caf",
    "eac3",
    "flac",
    "flv",
    "ivf",
    "m4v",
    "matroska",
    "mov",
    "mp3",
    "mpeg",
    "mpegts",
    "mpegvideo",
    "mxf",
    "nut",
    "ogg",
    "tta",
    "w64",
    "wav",
    "webm",
    "wv",
    "y4m",
    "yuv4mpegpipe",
    *PICTURES,  # a picture is a video of one frame
)
MAX_PIXELS: Final = 2**28  # of a frame: 16384 x 16384, the largest image that ComfyUI's nodes make


@contextmanager
def opened(source: Source) -> Iterator[InputContainer]:
    """The container of a sound or a video. Raises InputError if it is none, or if it is damaged where it is read."""
    options = {"format_whitelist": ",".join(DEMUXERS), "protocol_whitelist": "file", "max_pixels": str(MAX_PIXELS)}
    place = Place(str(source)) if isinstance(source, Path) else None
    try:
        with av.open(
            str(source) if isinstance(source, Path) else io.BytesIO(source),
            "r",
            options=options,
            metadata_errors="ignore",
        ) as container:
            for stream in filter(is_known, container.streams.video):
                stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
            yield container
    except av.FFmpegError as error:
        hint = "fetch the file again, or save it in another format"
        raise InputError(
            f"not a sound or a video that can be decoded: {error.strerror}", place=place, hint=hint
        ) from error
    except InputError as error:
        error.place = error.place or place
        raise


def is_known(stream: Stream) -> bool:
    """Whether FFmpeg knows the codec of a stream: decoding one that it does not ends the process."""
    context: object | None = stream.codec_context  # PyAV's types do not say that it may be None
    return context is not None
