"""wftools.media.encoding, transcoding: videos are encoded, copied and encoded again, and say what they are."""

import json
import math
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch

from tests.media.conftest import RATE, counted, numbers, video
from wftools.errors import InputError, RunError
from wftools.media.encoding import Encoding, write_webm
from wftools.media.video import VideoFile, VideoOfImages
from wftools.values import Audio

Saved = Callable[..., VideoFile]


def told(path: Path) -> dict[str, Any]:
    """What FFmpeg tells of a video."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        return {
            "codec": stream.codec.canonical_name,
            "pixels": context.pix_fmt,
            "colors": [int(x) for x in (context.color_primaries, context.color_trc, context.colorspace)],
            "rate": stream.average_rate,
            "sound": [each.codec.canonical_name for each in container.streams.audio],
            "texts": {key.lower(): value for key, value in container.metadata.items()},
            "times": [float(frame.time) for frame in container.decode(stream)],
        }


def written(given: VideoOfImages | VideoFile, path: Path, encoding: Encoding, **texts: str) -> dict[str, Any]:
    given.write(str(path), encoding, texts)
    return told(path)


@pytest.mark.parametrize(
    ("encoding", "codec", "sound"),
    [
        (Encoding(), "h264", "aac"),
        (Encoding("mp4", "av1"), "av1", "aac"),
        (Encoding("mkv"), "h264", "aac"),
        (Encoding("webm"), "av1", "opus"),
        (Encoding("mp4", "h264", crf=30.0), "h264", "aac"),
        (Encoding("webm", "av1", crf=0.0), "av1", "opus"),
    ],
)
def test_the_container_chooses_what_is_left_open(tmp_path: Path, encoding: Encoding, codec: str, sound: str) -> None:
    path = tmp_path / f"a.{encoding.suffix}"

    said = written(video(), path, encoding, prompt='{"1": {}}')

    assert (said["codec"], said["sound"], said["rate"]) == (codec, [sound], 8)
    assert said["pixels"] == "yuv420p"
    assert json.loads(said["texts"]["prompt"]) == {"1": {}}
    assert numbers(VideoFile(path).components().images) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("bit_depth", "color_space", "pixels", "colors"),
    [
        (8, None, "yuv420p", [1, 13, 1]),
        (9, None, "yuv420p", [1, 13, 1]),
        (10, None, "yuv420p10le", [1, 13, 1]),
        (8, "HDR", "yuv420p10le", [9, 18, 9]),
        (8, "HDR PQ", "yuv420p10le", [9, 16, 9]),
    ],
)
def test_colours_are_tagged(
    tmp_path: Path, bit_depth: int, color_space: str | None, pixels: str, colors: list[int]
) -> None:
    said = written(video(bit_depth=bit_depth), tmp_path / "a.mp4", Encoding("mp4", color_space=color_space))

    assert (said["pixels"], said["colors"]) == (pixels, colors)
    assert VideoFile(tmp_path / "a.mp4").color_space == (color_space or "sRGB")


def test_the_table_of_an_mp4_file_comes_first(tmp_path: Path) -> None:
    video().write(str(tmp_path / "a.mp4"), Encoding(), {})

    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_the_sound_ends_with_the_pictures(tmp_path: Path) -> None:
    long = VideoOfImages(counted(4), Fraction(8), Audio(torch.zeros(1, 1, 10 * RATE), RATE))

    long.write(str(tmp_path / "a.mkv"), Encoding("mkv"), {})

    assert VideoFile(tmp_path / "a.mkv").components().audio.waveform.shape[-1] / RATE == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("given", "told_"),
    [
        (VideoOfImages(counted(2, width=33), Fraction(8)), "cannot be encoded"),
        (VideoOfImages(counted(2), Fraction(8), Audio(torch.zeros(1, 4, 100), RATE)), "4 channels"),
    ],
)
def test_what_cannot_be_encoded_is_one_error(tmp_path: Path, given: VideoOfImages, told_: str) -> None:
    with pytest.raises(RunError, match=told_):
        given.write(str(tmp_path / "a.mp4"), Encoding(), {})


def test_webm_holds_no_h264(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="AV1"):
        video().write(str(tmp_path / "a.webm"), Encoding("webm", "h264"), {})


def test_a_file_is_copied_where_nothing_else_is_asked_for(saved: Saved, tmp_path: Path) -> None:
    """Down to the packets; what it says of itself stays, beside what is new."""
    file = saved(video(), artist="me")

    said = written(file, tmp_path / "b.mp4", Encoding(), prompt="{}")

    assert said["texts"].items() >= {"artist": "me", "prompt": "{}"}.items()
    assert packets(tmp_path / "b.mp4") == packets(tmp_path / "a.mp4")


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(0)]


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        (Encoding("mkv"), "h264"),
        (Encoding("webm"), "av1"),
        (Encoding("mp4", "av1"), "av1"),
        (Encoding("mp4", "h264", crf=10.0), "h264"),
        (Encoding("mp4", "h264", color_space="sRGB"), "h264"),
    ],
)
def test_a_file_is_encoded_again_where_it_is_to_be_another(
    saved: Saved, tmp_path: Path, encoding: Encoding, codec: str
) -> None:
    file = saved(video())

    said = written(file, tmp_path / f"b.{encoding.suffix}", encoding)

    assert (said["codec"], said["colors"]) == (codec, [1, 13, 1])
    np.testing.assert_allclose(said["times"], np.arange(8) / 8, atol=1e-3)
    again = VideoFile(tmp_path / f"b.{encoding.suffix}").components()
    assert numbers(again.images) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert again.audio.waveform.shape[-1] / again.audio.sample_rate == pytest.approx(1, abs=0.1)
    assert again.audio.waveform.std() == pytest.approx(0.5 / 2**0.5, abs=0.03)


def test_a_part_of_a_file_is_encoded_again(saved: Saved, tmp_path: Path) -> None:
    part = saved(video()).trimmed(0.25, 0.5)

    said = written(part, tmp_path / "b.mp4", Encoding())

    assert said["times"] == [0, 0.125, 0.25, 0.375]
    again = VideoFile(tmp_path / "b.mp4").components()
    assert numbers(again.images) == [3, 4, 5, 6]
    assert again.audio.waveform.shape[-1] == pytest.approx(RATE / 2, abs=1024)


def test_times_of_a_varying_rate_are_kept(tmp_path: Path) -> None:
    times = [0, 3, 4, 10, 11]
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width = stream.height = 32
        for time in times:
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 9 * time, np.uint8))
            frame.pts, frame.time_base = time, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    said = written(VideoFile(tmp_path / "a.mkv"), tmp_path / "b.mp4", Encoding("mp4", crf=20.0))

    np.testing.assert_allclose(said["times"], np.array(times) / 10, atol=2e-3)


@pytest.mark.parametrize(("degrees", "quarters"), [(90, 1), (180, 2), (-90, 3)])
def test_a_turned_video_is_written_upright(saved: Saved, tmp_path: Path, degrees: int, quarters: int) -> None:
    """As telephones write what they are held sideways for. Counter-clockwise."""
    corner = torch.zeros(3, 32, 64, 3)
    corner[:, :16, :16] = 1
    source = saved(VideoOfImages(corner, Fraction(8)))
    turn(tmp_path / "a.mp4", degrees)

    source.trimmed(0.0, 0.25).write(str(tmp_path / "b.mp4"), Encoding("mp4", crf=10.0), {})

    again = VideoFile(tmp_path / "b.mp4")
    assert again.size == ((32, 64) if quarters % 2 else (64, 32))
    torch.testing.assert_close(again.components().images, corner[:2].rot90(quarters, (1, 2)), atol=0.1, rtol=0)
    torch.testing.assert_close(source.components().images, corner.rot90(quarters, (1, 2)), atol=0.1, rtol=0)


def turn(path: Path, degrees: int) -> None:
    """Set the matrix of the pictures in an MP4 file (ISO 14496-12, 8.3.2) in place."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # version and flags, times, id, reserved …: the matrix
    angle = -math.radians(degrees)  # it turns clockwise
    a, b = round(math.cos(angle)), round(math.sin(angle))
    data[at : at + 36] = struct.pack(">9i", a << 16, b << 16, 0, -b << 16, a << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


def test_colours_are_not_turned_into_others(saved: Saved, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="sRGB are not turned into HDR"):
        saved(video()).write(str(tmp_path / "b.mp4"), Encoding("mp4", color_space="HDR"), {})


def test_a_part_without_frames_cannot_be_written(saved: Saved, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no frames there"):
        saved(video()).trimmed(99.0, 1.0).write(str(tmp_path / "b.mp4"), Encoding(), {})


@pytest.mark.parametrize(
    ("codec", "channels", "pixels"), [("vp9", 3, "yuv420p"), ("vp9", 4, "yuv420p"), ("av1", 4, "yuv420p10le")]
)
def test_webm_files_have_no_sound_and_any_size(tmp_path: Path, codec: str, channels: int, pixels: str) -> None:
    path = tmp_path / "a.webm"

    write_webm(str(path), counted(3, 33, 31, channels), codec=codec, fps=23.976, crf=32.0, texts={"prompt": "{}"})

    said = told(path)
    assert (said["codec"], said["pixels"], said["sound"], said["texts"]["prompt"]) == (codec, pixels, [], "{}")
    assert said["times"] == pytest.approx([0, 0.042, 0.083], abs=1e-3)
    with av.open(str(path)) as container:
        assert container.streams.video[0].metadata.get("alpha_mode") == (
            "1" if (codec, channels) == ("vp9", 4) else None
        )
