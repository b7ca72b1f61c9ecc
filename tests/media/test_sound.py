"""wftools.media.sound: laws of cutting, joining and mixing."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wftools.errors import LimitError, RunError
from wftools.media.equaliser import SHELF_Q, Band
from wftools.media.sound import amplified, concatenated, equalised, mixed, silence, split, stereo, trimmed
from wftools.values import Audio


def sound(channels: int = 2, samples: int = 100, rate: int = 100, batch: int = 1) -> Audio:
    return Audio(torch.rand(batch, channels, samples) - 0.5, rate)


@pytest.mark.parametrize(
    ("start", "duration", "kept"),
    [
        (0.0, 60.0, (0, 100)),
        (0.25, 0.5, (25, 75)),
        (-0.25, 0.1, (75, 85)),
        (-9.0, 0.1, (0, 10)),  # before the start
        (0.9, 5.0, (90, 100)),
        (5.0, 1.0, (99, 100)),  # after the end the last sample is left
    ],
)
def test_a_part_is_cut_out(start: float, duration: float, kept: tuple[int, int]) -> None:
    audio = sound()

    part = trimmed(audio, start, duration)

    assert torch.equal(part.waveform, audio.waveform[..., slice(*kept)])
    assert part.sample_rate == audio.sample_rate


def test_nothing_is_no_sound() -> None:
    with pytest.raises(RunError, match="nothing is left"):
        trimmed(sound(), 0.5, 0.0)
    with pytest.raises(RunError, match="nothing is left"):
        trimmed(sound(samples=0), 0.0, 1.0)


def test_channels_that_are_split_are_joined_again() -> None:
    audio = sound()

    assert torch.equal(stereo(*split(audio)).waveform, audio.waveform)


def test_only_stereo_is_split_and_only_mono_is_joined() -> None:
    with pytest.raises(RunError, match="1 channels"):
        split(sound(1))
    with pytest.raises(RunError, match="right sound has 2"):
        stereo(sound(1), sound(2))


def test_joined_sounds_have_the_higher_rate() -> None:
    joined = concatenated(sound(1, 100, 100), sound(2, 50, 200))

    assert joined.sample_rate == 200
    assert joined.waveform.shape == (1, 2, 250)


@given(one=st.integers(1, 40), other=st.integers(1, 40))
def test_a_mix_is_as_long_as_its_first_sound(one: int, other: int) -> None:
    first, second = sound(samples=one), sound(samples=other)

    mix = mixed(first, second, "add").waveform

    length = min(one, other)
    assert mix.shape == (1, 2, one)
    torch.testing.assert_close(mix[..., :length], first.waveform[..., :length] + second.waveform[..., :length])
    assert torch.equal(mix[..., length:], first.waveform[..., length:])


def test_a_mix_is_never_too_loud() -> None:
    loud = Audio(torch.full((1, 1, 4), 0.75), 100)

    assert mixed(loud, loud, "add").waveform.max() == 1
    assert mixed(loud, loud, "mean").waveform.max() == 0.75
    assert mixed(loud, loud, "multiply").waveform.max() == 0.5625
    assert not mixed(loud, loud, "subtract").waveform.any()


def test_sounds_of_other_channels_are_one_error() -> None:
    with pytest.raises(RunError, match="1 x 3 channels and 1 x 2 channels"):
        mixed(sound(3), sound(2), "add")
    with pytest.raises(RunError, match="1 x 3 channels and 1 x 2 channels"):
        concatenated(sound(3), sound(2))


def test_twenty_decibels_are_ten_times() -> None:
    audio = sound()

    torch.testing.assert_close(amplified(audio, 20).waveform, 10 * audio.waveform)
    assert amplified(audio, 0) is audio


def test_bands_without_gain_change_nothing() -> None:
    audio = sound()

    assert torch.equal(equalised(audio, *[Band(100, SHELF_Q, 0.0)] * 3).waveform, audio.waveform)


def test_silence_that_fits_no_memory_is_refused() -> None:
    assert silence(0.0, 100, 2).waveform.shape == (1, 2, 0)
    with pytest.raises(LimitError, match="the sound"):
        silence(1e15, 44100, 2)
