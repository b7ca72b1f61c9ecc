"""wftools.media.video: handles on videos tell what is in them, and are cut without decoding."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from PIL import Image

from tests.media.conftest import RATE, counted, numbers, video
from wftools import memory
from wftools.errors import InputError, LimitError, RunError
from wftools.media.video import VideoFile, VideoOfImages

Saved = Callable[..., VideoFile]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
def test_a_file_tells_what_it_was_made_of(saved: Saved, name: str) -> None:
    made = video(10)

    file = saved(made, name)

    assert (file.size, file.fps, file.frame_count, file.bit_depth, file.color_space) == (
        (32, 16),
        Fraction(8),
        10,
        8,
        "sRGB",
    )
    assert file.duration == pytest.approx(1.25, abs=0.1)
    parts = file.components()
    assert parts.fps == 8
    assert numbers(parts.images) == list(range(1, 11))
    torch.testing.assert_close(parts.images, made.images, atol=0.02, rtol=0)
    assert parts.audio is not None
    assert parts.audio.waveform.shape[:2] == (1, 2)
    assert parts.audio.waveform.std() == pytest.approx(0.5 / 2**0.5, abs=0.02)


def test_ten_bits_and_their_colours_are_told(saved: Saved) -> None:
    assert saved(video(bit_depth=10)).bit_depth == 10


@pytest.mark.parametrize(
    ("start", "duration", "frames"),
    [
        (0.0, 0.0, [1, 2, 3, 4, 5, 6, 7, 8]),
        (0.25, 0.5, [3, 4, 5, 6]),
        (0.25, 0.0, [3, 4, 5, 6, 7, 8]),
        (-0.25, 0.0, [7, 8]),
        (-0.5, 0.25, [5, 6]),
        (-99.0, 0.25, [1, 2]),
        (0.75, 99.0, [7, 8]),
        (99.0, 1.0, []),
    ],
)
def test_a_part_has_the_frames_of_its_time(saved: Saved, start: float, duration: float, frames: list[int]) -> None:
    part = saved(video()).trimmed(start, duration)

    parts = part.components()

    assert numbers(parts.images) == frames
    assert part.frame_count == len(frames)
    if frames:
        assert parts.audio.waveform.shape[-1] / RATE == pytest.approx(len(frames) / 8, abs=0.1)


def test_a_part_of_a_part_is_counted_from_its_start(saved: Saved) -> None:
    part = saved(video()).trimmed(0.25, 0.5).trimmed(0.125, 0.25)

    assert numbers(part.components().images) == [4, 5]


def test_single_frames_are_counted_from_the_start_of_the_file(saved: Saved) -> None:
    """Also those of a part, as in ComfyUI."""
    file = saved(video())

    assert numbers(file.frames_at([0, 3, 7])) == [1, 4, 8]
    assert numbers(file.trimmed(0.5, 0.5).frames_at([0, 3])) == [1, 4]
    assert len(file.frames_at([99])) == 0


def test_images_are_encoded_once_they_are_cut() -> None:
    made = video(with_sound=False)

    assert made.components().images is made.images
    part = made.trimmed(0.25, 0.25)
    assert numbers(part.components().images) == [3, 4]
    assert part.components().audio is None
    assert numbers(made.frames_at([2, 5])) == [3, 6]
    with pytest.raises(RunError, match="1 seconds"):
        made.trimmed(0.5, 0.75)


@pytest.mark.parametrize("fps", [24, 30, Fraction(30000, 1001)])
def test_the_last_frames_are_not_lost_to_rounding(fps: Fraction) -> None:
    for frames in range(1, 10):
        made = VideoOfImages(counted(10), Fraction(fps))
        assert numbers(made.trimmed(float((10 - frames) / made.fps), float(frames / made.fps)).components().images) == (
            list(range(11 - frames, 11))
        )


def test_a_picture_is_a_video_of_one_frame(tmp_path: Path) -> None:
    Image.new("RGB", (6, 4), (51, 102, 153)).save(tmp_path / "a.png")

    file = VideoFile(tmp_path / "a.png")

    assert file.fps == 25
    torch.testing.assert_close(file.components().images, torch.tensor([0.2, 0.4, 0.6]).expand(1, 4, 6, 3))
    assert file.components().audio is None


@pytest.mark.parametrize("keep", [0, 100, 1500])
def test_a_file_that_stops_early_is_one_error(saved: Saved, tmp_path: Path, keep: int) -> None:
    whole = saved(video()).source
    assert isinstance(whole, Path)
    (tmp_path / "b.mp4").write_bytes(whole.read_bytes()[:keep])

    with pytest.raises(InputError) as raised:
        VideoFile(tmp_path / "b.mp4").components()
    assert raised.value.place.file == str(tmp_path / "b.mp4")


@pytest.mark.parametrize(
    "content", [b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n", b"ffconcat version 1.0\nfile /etc/hostname\n", b"v=0\r\n"]
)
def test_no_other_file_is_opened(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)

    with pytest.raises(InputError):
        _ = VideoFile(tmp_path / "a.mp4").size


def test_a_sound_is_no_video(saved: Saved, tmp_path: Path) -> None:
    from wftools.media.sound_files import write

    with (tmp_path / "a.flac").open("wb") as stream:
        write(stream, torch.zeros(1, 100), 8000, kind="flac", quality="", texts={})

    with pytest.raises(InputError, match="no pictures"):
        _ = VideoFile(tmp_path / "a.flac").fps


def test_a_video_that_fits_no_memory_is_refused(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    file = saved(video())
    monkeypatch.setattr(memory, "free_memory", lambda *, swap: 1000)

    with pytest.raises(LimitError, match="the video"):
        file.components()
