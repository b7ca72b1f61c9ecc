"""Cut, join and mix sounds, as ComfyUI's audio nodes do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from wftools.errors import RunError
from wftools.media.equaliser import high_shelf, low_shelf, peak
from wftools.media.resampling import resample
from wftools.memory import make_room
from wftools.values import Audio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from wftools.media.equaliser import Band


def silence(seconds: float, sample_rate: int, channels: int) -> Audio:
    """A sound of zeros, one in the batch."""
    samples = round(seconds * sample_rate)
    make_room("the sound", channels, samples, hint="use a shorter duration")
    return Audio(torch.zeros(1, channels, samples), sample_rate)


def trimmed(audio: Audio, start: float, duration: float) -> Audio:
    """`duration` seconds from the second `start` on, counted from the end if it is negative; less at the end.

    Raises RunError if nothing is left.
    """
    samples = audio.waveform.shape[-1]
    first = round(start * audio.sample_rate) + (samples if start < 0 else 0)
    first = max(0, min(first, samples - 1))
    last = min(first + round(duration * audio.sample_rate), samples)
    if first >= last:
        raise RunError(
            f"nothing is left: the sound has {samples / audio.sample_rate:g} seconds", hint="use a longer duration"
        )
    return Audio(audio.waveform[..., first:last], audio.sample_rate)


def amplified(audio: Audio, decibels: float) -> Audio:
    """A sound that is louder, or softer if `decibels` is negative."""
    return audio if decibels == 0 else Audio(audio.waveform * 10 ** (decibels / 20), audio.sample_rate)


def equalised(audio: Audio, low: Band, middle: Band, high: Band) -> Audio:
    """A sound whose bands are raised or lowered, one filter after another; those without gain change nothing."""
    waveform = audio.waveform
    for band, filtered in ((low, low_shelf), (middle, peak), (high, high_shelf)):
        if band.gain != 0:
            waveform = filtered(waveform, audio.sample_rate, band)
    return Audio(waveform, audio.sample_rate)


def split(audio: Audio) -> tuple[Audio, Audio]:
    """The left and the right channel of a stereo sound. Raises RunError for any other."""
    if audio.waveform.shape[1] != 2:
        raise RunError(f"the sound has {audio.waveform.shape[1]} channels, not two")
    return Audio(audio.waveform[:, :1], audio.sample_rate), Audio(audio.waveform[:, 1:], audio.sample_rate)


def stereo(left: Audio, right: Audio) -> Audio:
    """Two mono sounds as the channels of one, as long as the shorter one. Raises RunError for others."""
    for side, audio in (("left", left), ("right", right)):
        if audio.waveform.shape[1] != 1:
            raise RunError(f"the {side} sound has {audio.waveform.shape[1]} channels, not one")
    one, other, rate = _at_one_rate(left, right)
    samples = min(one.shape[-1], other.shape[-1])
    return Audio(_joined([one[..., :samples], other[..., :samples]], 1), rate)


def concatenated(first: Audio, second: Audio) -> Audio:
    """One sound after the other, mono sounds as stereo."""
    one, other, rate = _at_one_rate(_at_least_stereo(first), _at_least_stereo(second))
    return Audio(_joined([one, other], 2), rate)


def mixed(under: Audio, over: Audio, method: str) -> Audio:
    """Two sounds at once, as long as the first one, by one of `MIXING`; softer where they would be louder than 1."""
    one, other, rate = _at_one_rate(under, over)
    missing = one.shape[-1] - other.shape[-1]
    other = functional.pad(other, (0, missing)) if missing > 0 else other[..., : one.shape[-1]]
    try:
        waveform = MIXING[method](one, other)
    except RuntimeError as error:
        raise RunError(f"sounds of {_shapes(one, other)} cannot be mixed") from error
    loudest = waveform.abs().max() if waveform.numel() else 0
    return Audio(waveform / loudest if loudest > 1 else waveform, rate)


MIXING: Final[Mapping[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "add": torch.add,
    "mean": lambda one, other: (one + other) / 2,
    "subtract": torch.sub,
    "multiply": torch.mul,
}


def _at_one_rate(one: Audio, other: Audio) -> tuple[Tensor, Tensor, int]:
    """The waveforms of both at the higher one of their sample rates, and that rate."""
    rate = max(one.sample_rate, other.sample_rate)
    return resample(one.waveform, one.sample_rate, rate), resample(other.waveform, other.sample_rate, rate), rate


def _at_least_stereo(audio: Audio) -> Audio:
    return Audio(audio.waveform.repeat(1, 2, 1), audio.sample_rate) if audio.waveform.shape[1] == 1 else audio


def _joined(waveforms: list[Tensor], axis: int) -> Tensor:
    try:
        return torch.cat(waveforms, axis)
    except RuntimeError as error:
        raise RunError(f"sounds of {_shapes(*waveforms)} cannot be joined") from error


def _shapes(*waveforms: Tensor) -> str:
    return " and ".join(f"{each.shape[0]} x {each.shape[1]} channels" for each in waveforms)
