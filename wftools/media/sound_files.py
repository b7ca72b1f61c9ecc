"""Sounds from files and into files: FLAC, MP3 and Opus."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

import av
import numpy as np
import torch
from av.audio.codeccontext import AudioCodecContext

from wftools.errors import InputError, RunError
from wftools.media.opening import is_known, opened
from wftools.media.resampling import resample
from wftools.memory import make_room
from wftools.values import Audio

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from av.audio.frame import AudioFrame
    from numpy.typing import NDArray
    from torch import Tensor

CODECS: Final = {"flac": "flac", "mp3": "libmp3lame", "opus": "libopus"}
OPUS_RATES: Final = (8000, 12000, 16000, 24000, 48000)
LAYOUTS: Final = {1: "mono", 2: "stereo"}

_CHECKED: Final = 2**22  # so many samples may be decoded before memory is looked at again


def load(path: Path) -> Audio:
    """The first sound of a file, which may be a video. Raises InputError if it has none."""
    with opened(path) as container:
        stream = next(filter(is_known, container.streams.audio), None)
        if stream is None:
            raise InputError("the file has no sound that can be decoded")
        samples = gathered(planar(frame) for frame in container.decode(stream))
        if samples is None:
            raise InputError("the sound of the file cannot be decoded")
        return Audio(torch.from_numpy(samples)[None], stream.codec_context.sample_rate)


def planar(frame: AudioFrame) -> NDArray[np.float32]:
    """The samples of a frame, (channels, samples), in -1..1."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, len(frame.layout.channels)).T
    floats = samples.astype(np.float32)
    if samples.dtype.kind == "f":
        return floats
    half = np.float32(2 ** (8 * samples.dtype.itemsize - 1))  # what 1 would be
    return (floats - half if samples.dtype.kind == "u" else floats) / half


def gathered(pieces: Iterator[NDArray[np.float32]]) -> NDArray[np.float32] | None:
    """Pieces of a sound (channels, samples) as one; None if there are none."""
    parts: list[NDArray[np.float32]] = []
    unchecked = 0
    for piece in pieces:
        parts.append(piece)
        unchecked += piece.size
        if unchecked > _CHECKED:
            make_room("the sound", sum(part.size for part in parts), hint="cut it before it is loaded")
            unchecked = 0
    return np.concatenate(parts, 1) if parts else None


def write(
    stream: BinaryIO, waveform: Tensor, sample_rate: int, *, kind: str, quality: str, texts: Mapping[str, str]
) -> None:
    """Write a sound (channels, samples), mono or stereo, as "flac", "mp3" or "opus".

    `quality`: "V0" for the best that MP3 varies its bit rate for, else a bit rate such as "128k"; FLAC loses nothing.
    Opus knows few sample rates: the next higher one is taken. Raises RunError if the format has no such sounds.
    """
    channels = waveform.shape[0]
    if channels not in LAYOUTS:
        raise RunError(f"a sound of {channels} channels cannot be saved", hint="one or two channels can")
    rate = sample_rate
    if kind == "opus":
        rate = next((each for each in OPUS_RATES if each >= sample_rate), OPUS_RATES[-1])
        waveform = resample(waveform.float(), sample_rate, rate)
    interleaved = waveform.float().cpu().movedim(0, 1).reshape(1, -1).numpy()
    try:
        with av.open(stream, "w", format=kind) as container:
            container.metadata.update(texts)
            track = container.add_stream(CODECS[kind], rate=rate, layout=LAYOUTS[channels])
            assert isinstance(track.codec_context, AudioCodecContext)
            if kind == "mp3" and quality == "V0":
                track.codec_context.qscale = True
            elif kind != "flac":
                track.bit_rate = 1000 * int(quality.removesuffix("k"))
            frame = av.AudioFrame.from_ndarray(interleaved, format="flt", layout=LAYOUTS[channels])
            frame.sample_rate = rate
            frame.pts = 0
            container.mux([*track.encode(frame), *track.encode(None)])
    except av.FFmpegError as error:
        raise RunError(
            f"{kind} has no sound of {rate} Hz, {LAYOUTS[channels]}, quality {quality}: {error.strerror}",
            hint="choose another format or quality, or resample the sound",
        ) from error
