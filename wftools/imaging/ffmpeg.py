"""Decode pictures with FFmpeg, through PyAV.

The values are what ComfyUI 0.33.0 asks of FFmpeg. Frames in a few common 8-bit formats become bytes, divided by 255.
swscale turns all others (grey, 16 bit, BGR, YUV of limited range …) into floats, and not exactly: 8-bit grey becomes
v * 256 / 65535, so white is 0.99611. Pictures are turned by quarter turns as their EXIF orientation says; the mirrored
orientations lose their flip.
"""

from __future__ import annotations

import io
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import av
import numpy as np
import torch
from av.filter import Graph

from wftools.errors import InputError
from wftools.memory import make_room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from fractions import Fraction

    from av.video.frame import VideoFrame
    from numpy.typing import NDArray
    from torch import Tensor

# The demuxers of picture files. Others open further files or addresses that a file names (playlists, concat scripts).
DEMUXERS: Final = (
    "apng",
    "gif",
    "ico",
    "image2",
    "mjpeg",
    "mov",  # mov: AVIF
    *(
        f"{name}_pipe"
        for name in (
            "bmp",
            "dds",
            "dpx",
            "exr",
            "hdr",
            "j2k",
            "jpeg",
            "jpegls",
            "jpegxl",
            "pam",
            "pbm",
            "pcx",
            "pfm",
            "pgm",
            "png",
            "ppm",
            "psd",
            "qoi",
            "sgi",
            "sunrast",
            "tiff",
            "webp",
            "xbm",
            "xpm",
        )
    ),
)
BYTE_FORMATS: Final = frozenset({"pal8", "rgb24", "rgba", "yuvj420p", "yuvj422p", "yuvj444p"})

# swscale's YUV-to-float kernel reads past the row's end and spoils its start unless the width is a multiple of this.
ALIGNMENT: Final = 32


class _Named(io.BytesIO):
    """Bytes with a file name, since FFmpeg knows TGA by its suffix and takes only the first picture of a `.jpg`."""

    def __init__(self, data: bytes, suffix: str) -> None:
        super().__init__(data)
        self.name = "picture" + suffix


def frames(data: bytes, suffix: str, max_pixels: int) -> Iterator[Tensor]:
    """Every frame of the size of the first: (H, W, 3) or, with alpha, (H, W, 4), float32 in 0..1.

    Yields nothing if FFmpeg cannot decode the file, or if a frame has more than `max_pixels`. Raises InputError if the
    file breaks off after the first frame.
    """
    limit = {"max_pixels": str(max_pixels)}
    options = {"format_whitelist": ",".join(DEMUXERS), **limit}  # while it probes the file
    count = 0
    try:
        with av.open(_Named(data, suffix), "r", options=options, metadata_errors="ignore") as container:
            for stream in container.streams.video[:1]:
                stream.codec_context.options = limit
                for frame in _converted(container.decode(stream), stream.time_base):
                    yield frame
                    count += 1
    except av.FFmpegError as error:
        if count:
            raise InputError(f"the picture is damaged after frame {count}: {error.strerror}") from error


def _converted(decoded: Iterator[VideoFrame], time_base: Fraction | None) -> Iterator[Tensor]:
    first = next(decoded, None)
    if first is None:
        return
    convert = converter(first, time_base)
    for frame in chain([first], decoded):
        if (frame.width, frame.height) == (first.width, first.height):
            make_room("the picture", frame.height, frame.width, len("RGBA"), hint="scale it down first")
            yield convert(frame)


def converter(first: VideoFrame, time_base: Fraction | None) -> Callable[[VideoFrame], Tensor]:
    """How the frames of a file become tensors (H, W, 3) or, with alpha, (H, W, 4); the first one decides for all."""
    has_alpha = first.format.name == "pal8" or any(component.is_alpha for component in first.format.components)
    if first.format.name in BYTE_FORMATS:
        format_ = "rgba" if has_alpha else "rgb24"
        return lambda frame: upright(frame.to_ndarray(format=format_), frame.rotation).float().div_(255)
    format_ = "gbrapf32le" if has_alpha else "gbrpf32le"
    pad = _padding(first, time_base) if first.width % ALIGNMENT else lambda frame: frame
    return lambda frame: upright(pad(frame).to_ndarray(format=format_)[: frame.height, : frame.width], frame.rotation)


def _padding(first: VideoFrame, time_base: Fraction | None) -> Callable[[VideoFrame], VideoFrame]:
    """Enlarge frames to multiples of ALIGNMENT, to the right and below, by repeating their last column and row.

    FFmpeg's filters do it, since ComfyUI's pixels depend on the format that they negotiate, and on their flaw: where
    chroma is halved (lossy WebP, AVIF), the last column of an odd width turns black. The filters double a side at most:
    a picture smaller than half of ALIGNMENT, on which ComfyUI fails, takes several steps.
    """
    graph = Graph()
    width, height = first.width, first.height
    chain = [graph.add_buffer(width=width, height=height, format=first.format, time_base=time_base)]
    while width % ALIGNMENT or height % ALIGNMENT:
        right, below = (min(side, -side % ALIGNMENT) for side in (width, height))
        width, height = width + right, height + below
        chain.append(graph.add("pad", f"{width}:{height}:0:0"))
        chain.append(graph.add("fillborders", f"0:{right}:0:{below}:smear"))
    graph.link_nodes(*chain, graph.add("buffersink")).configure()

    def pad(frame: VideoFrame) -> VideoFrame:
        graph.vpush(frame)
        return graph.vpull()

    return pad


def upright(pixels: NDArray[Any], rotation: int) -> Tensor:
    """Turned counter-clockwise by the multiple of 90 degrees that `rotation` contains."""
    return torch.from_numpy(np.rot90(pixels, rotation // 90).copy())
