"""wftools.media.equaliser: tones get louder or softer by what was asked for."""

import math
from collections.abc import Callable

import pytest
import torch

from wftools.media.equaliser import SHELF_Q, Band, high_shelf, low_shelf, peak

RATE = 16000


def loudness(filtered: Callable[[torch.Tensor, int, Band], torch.Tensor], frequency: float, band: Band) -> float:
    """By how many dB a tone is raised, once the filter has settled."""
    tone = 0.1 * torch.sin(2 * math.pi * frequency * torch.arange(RATE // 2) / RATE)[None, None]
    change = filtered(tone, RATE, band)[..., RATE // 4 :].std() / tone[..., RATE // 4 :].std()
    return 20 * math.log10(change)


@pytest.mark.parametrize(
    ("filtered", "frequency", "share"),
    [
        (low_shelf, 50, 1.0),
        (low_shelf, 1000, 0.5),  # at the corner
        (low_shelf, 7500, 0.0),
        (peak, 30, 0.0),
        (peak, 1000, 1.0),
        (peak, 7900, 0.0),
        (high_shelf, 50, 0.0),
        (high_shelf, 1000, 0.5),
        (high_shelf, 7500, 1.0),
    ],
)
@pytest.mark.parametrize("gain", [-12.0, 6.0])
def test_a_tone_is_raised_by_its_share_of_the_gain(
    filtered: Callable[[torch.Tensor, int, Band], torch.Tensor], frequency: float, share: float, gain: float
) -> None:
    assert loudness(filtered, frequency, Band(1000, SHELF_Q, gain)) == pytest.approx(share * gain, abs=0.1)


def test_what_becomes_too_loud_is_clipped() -> None:
    assert low_shelf(torch.full((2, 2, 2000), 0.9), RATE, Band(400, SHELF_Q, 24.0)).max() == 1
