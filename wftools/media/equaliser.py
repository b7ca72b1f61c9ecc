"""Louder and softer bands of a sound: filters of second order, as torchaudio computes them.

R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients". Each filter clips to -1..1.

Coefficients and recursion are rounded to float32 in torchaudio's order: what is left of a sound below some 50 Hz
depends on it by more than 1e-5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from numpy.typing import NDArray


SHELF_Q: Final = 0.707  # of ComfyUI's shelves: as steep as they can be without a bump


@dataclass(frozen=True, slots=True)
class Band:
    """A band of frequencies: its middle or its corner in Hz, how sharp it is, and by how many dB it is raised."""

    frequency: float
    q: float
    gain: float


def low_shelf(waveform: Tensor, sample_rate: int, band: Band) -> Tensor:
    """All below a frequency louder or softer."""
    cos, alpha, a = _angles(sample_rate, band)
    root = 2 * a.sqrt() * alpha
    down, up = (a - 1) * cos, (a + 1) * cos
    feedforward = torch.stack([a * ((a + 1) - down + root), 2 * a * ((a - 1) - up), a * ((a + 1) - down - root)])
    feedback = torch.stack([(a + 1) + down + root, -2 * ((a - 1) + up), (a + 1) + down - root])
    return _filtered(waveform, feedforward, feedback)


def high_shelf(waveform: Tensor, sample_rate: int, band: Band) -> Tensor:
    """All above a frequency louder or softer."""
    cos, alpha, a = _angles(sample_rate, band)
    root = 2 * a.sqrt() * alpha
    down, up = (a - 1) * cos, (a + 1) * cos
    feedforward = torch.stack([a * ((a + 1) + down + root), -2 * a * ((a - 1) + up), a * ((a + 1) + down - root)])
    feedback = torch.stack([(a + 1) - down + root, 2 * ((a - 1) - up), (a + 1) - down - root])
    return _filtered(waveform, feedforward, feedback)


def peak(waveform: Tensor, sample_rate: int, band: Band) -> Tensor:
    """All around a frequency louder or softer."""
    cos, alpha, a = _angles(sample_rate, band)
    feedforward = torch.stack([1 + alpha * a, -2 * cos, 1 - alpha * a])
    feedback = torch.stack([1 + alpha / a, -2 * cos, 1 - alpha / a])
    return _filtered(waveform, feedforward, feedback)


def _angles(sample_rate: int, band: Band) -> tuple[Tensor, Tensor, Tensor]:
    """The cookbook's cos(w0), alpha and A."""
    frequency, q, gain = torch.tensor([band.frequency, band.q, band.gain], dtype=torch.float32)
    w0 = 2 * math.pi * frequency / sample_rate
    return w0.cos(), w0.sin() / 2 / q, torch.exp(gain / 40 * math.log(10))


def _filtered(waveform: Tensor, feedforward: Tensor, feedback: Tensor) -> Tensor:
    """y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2], clipped afterwards."""
    feedforward, feedback = feedforward / feedback[0], feedback / feedback[0]
    channels = functional.pad(waveform.float().cpu().reshape(-1, 1, waveform.shape[-1]), (2, 0))
    forward = functional.conv1d(channels, feedforward.flip(0)[None, None])[:, 0].numpy()
    filtered = np.stack([_recursive(channel, *feedback[1:].numpy()) for channel in forward])
    return torch.from_numpy(filtered).reshape(waveform.shape).clamp_(-1, 1)


def _recursive(x: NDArray[np.float32], a1: np.float32, a2: np.float32) -> NDArray[np.float32]:
    before = last = np.float32(0)
    y = []
    for value in x:  # of numpy's scalars: three times as fast as its arrays of one or two channels
        before, last = last, value - (a2 * before + a1 * last)
        y.append(last)
    return np.array(y, np.float32)
