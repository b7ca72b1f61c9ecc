"""Which windows a long latent is seen through: lists of indices along one axis, as ComfyUI chooses them.

The uniform ones are AnimateDiff's: they start elsewhere at every step, so that their edges are not always in the same
places, and with a stride they also take every second, fourth … index.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Windows = list[list[int]]


@dataclass(frozen=True, slots=True)
class Spacing:
    """How long windows are, and how they lie to each other."""

    length: int
    overlap: int
    stride: int = 1  # how many distances between the indices of a window are used: 1, 2, 4 …
    is_closed: bool = False  # whether the end of the latent is followed by its beginning


def static(count: int, spacing: Spacing, _step: int) -> Windows:
    """Windows that overlap; the last one ends where the latent does."""
    windows = []
    for start in range(0, count, spacing.length - spacing.overlap):
        end = min(start + spacing.length, count)
        windows.append(list(range(end - spacing.length, end)))
        if end == count:
            break
    return windows


def batched(count: int, spacing: Spacing, _step: int) -> Windows:
    """Windows behind one another; the last one may be shorter."""
    return [list(range(start, min(start + spacing.length, count))) for start in range(0, count, spacing.length)]


def looped(count: int, spacing: Spacing, step: int) -> Windows:
    """Windows that overlap and go over the end to the beginning."""
    return _uniform(count, spacing, step, until=0 if spacing.is_closed else -spacing.overlap)


def uniform(count: int, spacing: Spacing, step: int) -> Windows:
    """The same, but those over the end are moved to where they end with the latent; each only once."""
    windows = _uniform(count, spacing, step, until=-spacing.overlap)
    at = 0
    while at < len(windows):  # grows while it is gone through
        window = windows[at]
        turn = _turn(window, count)
        if turn is not None:
            first = window[turn]
            windows[at] = _at_the_end(window, count)
            if first not in windows[(at + 1) % len(windows)]:
                windows.insert(at + 1, list(range(first, first + spacing.length)))
        at += 1
    return [list(window) for window in dict.fromkeys(map(tuple, windows))]


def _uniform(count: int, spacing: Spacing, step: int, *, until: int) -> Windows:
    fraction = van_der_corput(step)
    shift = round(count * fraction)
    distances = min(spacing.stride, math.ceil(math.log2(count / spacing.length)) + 1)
    return [
        [index % count for index in range(start, start + spacing.length * distance, distance)]
        for distance in (2**power for power in range(distances))
        for start in range(
            int(fraction * distance) + shift, count + shift + until, spacing.length * distance - spacing.overlap
        )
    ]


def van_der_corput(number: int) -> float:
    """The number with its binary digits mirrored at the point: 1/2, 1/4, 3/4, 1/8 … for 1, 2, 3, 4 …"""
    fraction, share = 0.0, 0.5
    while number:
        number, digit = divmod(number, 2)
        fraction, share = fraction + digit * share, share / 2
    return fraction


def _turn(window: list[int], count: int) -> int | None:
    """The position at which a window has gone over the end."""
    for position in range(1, len(window)):
        if window[position] % count < window[position - 1] % count:
            return position
    return None


def _at_the_end(window: list[int], count: int) -> list[int]:
    """The window, moved to where its last index is the latent's."""
    from_start = [(index - window[0]) % count for index in window]
    return [index + count - 1 - from_start[-1] for index in from_start]


# The order is ComfyUI's menu.
WINDOW_SCHEDULES: Final[Mapping[str, Callable[[int, Spacing, int], Windows]]] = {
    "standard_static": static,
    "standard_uniform": uniform,
    "looped_uniform": looped,
    "batched": batched,
}
