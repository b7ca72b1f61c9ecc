"""Sounds at another sample rate, as torchaudio's `resample` gives them with its defaults.

J. O. Smith, "Digital audio resampling": band-limited interpolation, a sinc under a window of squared cosine.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from wftools.memory import make_room

if TYPE_CHECKING:
    from torch import Tensor

ZERO_CROSSINGS: Final = 6  # of the sinc, on either side
ROLLOFF: Final = 0.99  # of the lower rate: what is above its half is cut off


def resample(waveform: Tensor, old: int, new: int) -> Tensor:
    """A waveform (…, samples) of the rate `old` at the rate `new`: ceil(new * samples / old) samples."""
    if old == new:
        return waveform
    divisor = math.gcd(old, new)
    old, new = old // divisor, new // divisor
    kernel, reach = _kernel(old, new, waveform.dtype)
    *others, samples = waveform.shape
    make_room("the sound", math.prod(others), math.ceil(new * samples / old))
    padded = functional.pad(waveform.reshape(-1, 1, samples), (reach, reach + old))
    phases = functional.conv1d(padded, kernel.to(waveform.device), stride=old)  # (B, new, windows)
    # torchaudio counts in float32, which shows in sounds of more than 2**24 samples.
    count = int(torch.tensor(new * samples / old, dtype=torch.float32).ceil())
    return phases.transpose(1, 2).reshape(*others, -1)[..., :count]


@lru_cache(maxsize=4)
def _kernel(old: int, new: int, dtype: torch.dtype) -> tuple[Tensor, int]:
    """A filter for each position of a new sample between old ones, (new, 1, taps); and half their width."""
    cutoff = min(old, new) * ROLLOFF
    reach = math.ceil(ZERO_CROSSINGS * old / cutoff)
    make_room("the filter", new, 2 * reach + old, hint="choose sample rates with a common divisor")
    taps = torch.arange(-reach, reach + old, dtype=dtype) / old
    phases = torch.arange(0, -new, -1, dtype=dtype)[:, None, None] / new
    t = ((phases + taps) * cutoff).clamp(-ZERO_CROSSINGS, ZERO_CROSSINGS)
    window = torch.cos(t * math.pi / ZERO_CROSSINGS / 2) ** 2
    t = t * math.pi
    sinc = torch.where(t == 0, torch.ones((), dtype=dtype), t.sin() / t)
    return sinc * (window * (cutoff / old)), reach
