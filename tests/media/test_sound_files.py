"""wftools.media.sound_files: sounds from files of any kind, and into three kinds; hostile ones are one error."""

import io
import struct
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from wftools.document.containers import read_texts
from wftools.errors import InputError, RunError
from wftools.media.sound_files import load, write

TONE = torch.sin(torch.arange(24000) / 9).repeat(2, 1) * torch.tensor([[0.5], [0.25]])


def wav(samples: np.ndarray, rate: int = 8000, kind: int = 1) -> bytes:
    """A WAV file of samples (n, channels)."""
    size = samples.dtype.itemsize
    channels = samples.shape[1]
    head = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * size, channels * size, 8 * size)
    data = samples.tobytes()
    chunks = b"fmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def encoded(waveform: torch.Tensor, rate: int, kind: str, quality: str = "") -> bytes:
    stream = io.BytesIO()
    write(stream, waveform, rate, kind=kind, quality=quality, texts={"prompt": "{}"})
    return stream.getvalue()


@pytest.mark.parametrize(
    ("samples", "kind"),
    [
        (np.array([[-(2**15), 0], [2**15 - 1, 2**14]], "<i2"), 1),
        (np.array([[-(2**31), 0], [2**31 - 2**8, 2**30]], "<i4"), 1),
        (np.array([[0, 128], [255, 192]], "u1"), 1),
        (np.array([[-1.0, 0.0], [1.5, 0.5]], "<f4"), 3),
    ],
)
def test_samples_of_any_type_are_floats(tmp_path: Path, samples: np.ndarray, kind: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(samples, kind=kind))

    audio = load(path)

    assert audio.sample_rate == 8000
    assert audio.waveform.dtype == torch.float32
    top = 1.5 if kind == 3 else 1 - 2 ** (1.0 - 8 * min(samples.dtype.itemsize, 3))
    np.testing.assert_allclose(audio.waveform[0], [[-1, top], [0, 0.5]], atol=1e-6)


@settings(max_examples=25)
@given(samples=arrays.arrays("<i2", st.tuples(st.integers(1, 2), st.integers(1, 3000))))
def test_flac_keeps_every_sample(tmp_path_factory: pytest.TempPathFactory, samples: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("sound") / "a.flac"
    waveform = torch.from_numpy(samples.astype(np.float32)) / 2**15

    path.write_bytes(encoded(waveform, 22050, "flac"))

    audio = load(path)
    assert audio.sample_rate == 22050
    assert torch.equal(audio.waveform[0], waveform)


@pytest.mark.parametrize(
    ("kind", "quality", "rate", "saved_rate"),
    [
        ("mp3", "V0", 48000, 48000),
        ("mp3", "128k", 44100, 44100),
        ("opus", "64k", 44100, 48000),
        ("opus", "320k", 8000, 48000),  # decoders tell 48 kHz, whatever the rate
        ("opus", "128k", 96000, 48000),
    ],
)
def test_lossy_sounds_are_alike(tmp_path: Path, kind: str, quality: str, rate: int, saved_rate: int) -> None:
    path = tmp_path / f"a.{kind}"

    path.write_bytes(encoded(TONE, rate, kind, quality))

    audio = load(path)
    assert audio.sample_rate == saved_rate
    assert audio.waveform.shape[-1] / saved_rate == pytest.approx(TONE.shape[-1] / rate, abs=0.1)
    torch.testing.assert_close(
        audio.waveform[0].square().mean(-1).sqrt(), TONE.square().mean(-1).sqrt(), atol=0.02, rtol=0
    )


@pytest.mark.parametrize("kind", ["flac", "mp3", "opus"])
def test_sounds_say_how_they_were_made(kind: str) -> None:
    assert read_texts(io.BytesIO(encoded(TONE, 48000, kind, "128k")))["prompt"] == "{}"


@pytest.mark.parametrize(
    ("channels", "rate", "kind", "quality", "told"),
    [
        (1, 48000, "opus", "320k", "opus has no sound of 48000 Hz, mono, quality 320k"),
        (2, 3000, "mp3", "V0", "mp3 has no sound of 3000 Hz"),
        (3, 48000, "flac", "", "3 channels"),
    ],
)
def test_what_a_format_cannot_hold_is_one_error(channels: int, rate: int, kind: str, quality: str, told: str) -> None:
    with pytest.raises(RunError, match=told):
        encoded(torch.zeros(channels, 1000), rate, kind, quality)


def test_the_sound_of_a_video_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        pictures, sound = container.add_stream("libx264", rate=8), container.add_stream("flac", rate=8000)
        pictures.width = pictures.height = 16
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8))
        frame.pts = 0
        container.mux([*pictures.encode(frame), *pictures.encode(None)])
        samples = av.AudioFrame.from_ndarray(np.full((1, 2000), 2**14, np.int16), layout="stereo")
        samples.rate = 8000
        samples.pts = 0
        container.mux([*sound.encode(samples), *sound.encode(None)])

    audio = load(path)

    assert audio.waveform.shape == (1, 2, 1000)
    assert (audio.waveform == 0.5).all()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no sound at all",
        wav(np.zeros((0, 2), "<i2")),
        wav(np.zeros((8, 2), "<i2"))[:20],
        b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n",  # a playlist
        b"ffconcat version 1.0\nfile /etc/hostname\n",
    ],
)
def test_what_is_no_sound_is_one_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)

    with pytest.raises(InputError) as raised:
        load(path)
    assert raised.value.place.file == str(path)


def test_a_picture_has_no_sound(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")

    with pytest.raises(InputError, match="no sound"):
        load(tmp_path / "a.png")
