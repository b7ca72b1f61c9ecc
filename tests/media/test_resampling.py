"""wftools.media.resampling: what both rates can hold is the same sound afterwards."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wftools.media.resampling import resample

RATES = (8000, 11025, 16000, 22050, 24000, 44100, 48000)
EDGE = 0.02  # seconds at each end, where the filter sees what is before and after


@settings(max_examples=25)
@given(old=st.sampled_from(RATES), new=st.sampled_from(RATES), frequency=st.integers(50, 3000))
def test_a_tone_stays_a_tone(old: int, new: int, frequency: int) -> None:
    """3 kHz is below what the lowest rate holds; the pass band is flat within 3 %."""

    def tone(rate: int) -> torch.Tensor:
        return torch.sin(2 * math.pi * frequency * torch.arange(rate // 5) / rate)

    resampled = resample(tone(old), old, new)

    edge = int(EDGE * new)
    length = min(len(resampled), new // 5) - edge
    torch.testing.assert_close(resampled[edge:length], tone(new)[edge:length], atol=0.03, rtol=0)


@given(old=st.integers(1, 400), new=st.integers(1, 400), samples=st.integers(1, 500))
def test_the_length_is_rounded_up(old: int, new: int, samples: int) -> None:
    assert resample(torch.zeros(2, 1, samples), old, new).shape == (2, 1, math.ceil(new * samples / old))


def test_what_the_lower_rate_cannot_hold_is_cut_off() -> None:
    tone = torch.sin(2 * math.pi * 7000 * torch.arange(16000) / 16000)

    assert resample(tone, 16000, 8000)[200:-200].abs().max() < 0.01


@pytest.mark.parametrize("shape", [(100,), (2, 100), (3, 2, 100)])
def test_the_same_rate_changes_nothing(shape: tuple[int, ...]) -> None:
    waveform = torch.rand(shape)

    assert resample(waveform, 8000, 8000) is waveform
