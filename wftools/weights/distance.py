"""How far the numbers of a tensor are from those that they stand for. No torch at import.

The figures of parts add up to those of the whole, so that a tensor is measured piece by piece, and a block, a network
or a file as the sum of its tensors:

    total = NOTHING
    for before, after in zip(one.pieces(name), other.pieces(name), strict=True):
        total += distance(before, after)

Why the error's sums and not those of the second tensor: the cosine of numbers that are nearly equal is told by the
digits that are lost when it is made of sums of either.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from torch import Tensor

CHUNK: Final = 2**16  # numbers that are measured at once: they stay in a processor's cache
LEAST_SUM: Final = 1e-30  # of squares, in float32: of less, some have vanished
LARGEST_SUM: Final = 1e38  # of more, some may be infinite


@dataclass(frozen=True, slots=True)
class Distance:
    """Sums over pairs of numbers, and what they tell. Numbers that are not finite count in `non_finite` only."""

    count: int = 0  # pairs of which both are finite
    signal: float = 0.0  # the sum of squares of the first
    noise: float = 0.0  # the sum of squares of the error, which is the second less the first
    common: float = 0.0  # the sum of products of the first and the error
    absolute: float = 0.0  # the sum of the error's absolute values
    largest: float = 0.0  # the largest of the error's absolute values
    non_finite: int = 0  # pairs of which one is not finite, and the other not the same

    def __add__(self, other: Distance) -> Distance:
        """The distance over the pairs of both."""
        return Distance(
            self.count + other.count,
            self.signal + other.signal,
            self.noise + other.noise,
            self.common + other.common,
            self.absolute + other.absolute,
            max(self.largest, other.largest),
            self.non_finite + other.non_finite,
        )

    @property
    def is_zero(self) -> bool:
        """Whether all pairs are equal; a NaN is equal to a NaN."""
        return self.largest == 0 and not self.non_finite

    @property
    def mse(self) -> float:
        """The mean of the error's squares."""
        return self.noise / self.count if self.count else 0.0

    @property
    def mean(self) -> float:
        """The mean of the error's absolute values."""
        return self.absolute / self.count if self.count else 0.0

    @property
    def snr(self) -> float:
        """The signal to noise ratio in dB: infinite without an error, minus infinite without a signal."""
        if self.noise == 0:
            return math.inf
        return 10 * (math.log10(self.signal) - math.log10(self.noise)) if self.signal else -math.inf

    @property
    def cosine(self) -> float:
        """The cosine of the angle between the two, seen as vectors: 1 where they are equal, 0 where one only is 0."""
        if self.noise == 0:
            return 1.0
        other = self.signal + 2 * self.common + self.noise  # the sum of squares of the second
        if self.signal == 0 or other <= 0:
            return 0.0
        along, across = self.common / self.signal, self.noise / self.signal
        return max(-1.0, min(1.0, (1 + along) / math.sqrt(1 + 2 * along + across)))


NOTHING: Final = Distance()


def distance(before: Tensor, after: Tensor) -> Distance:
    """The distance between two tensors of as many numbers, of any types; -0 is 0, and complex numbers are two each."""
    first, second = _flat(before), _flat(after)
    assert len(first) == len(second), (before.shape, after.shape)
    total = NOTHING
    for start in range(0, len(first), CHUNK):
        x, y = first[start : start + CHUNK], second[start : start + CHUNK]
        total += _quick(x, y) or _exact(x, y)
    return total


def _flat(tensor: Tensor) -> Tensor:
    import torch

    if tensor.is_complex():
        tensor = torch.view_as_real(tensor)
    return tensor.reshape(-1)


def _quick(x: Tensor, y: Tensor) -> Distance | None:
    """The distance by sums in float32; None where that is not exact enough."""
    import torch

    if any(each.dtype.itemsize > 4 or not each.is_floating_point() for each in (x, y)):
        return None
    x, error = x.float(), y.float() - x.float()
    signal, noise = float(x.dot(x)), float(error.dot(error))
    if not all(value == 0 or LEAST_SUM < value < LARGEST_SUM for value in (signal, noise)):
        return None
    largest = float(torch.linalg.vector_norm(error, math.inf))
    if (signal == 0 and bool(x.any())) or (noise == 0 and largest != 0):
        return None
    absolute = float(torch.linalg.vector_norm(error, 1))
    return Distance(len(x), signal, noise, float(x.dot(error)), absolute, largest)


def _exact(x: Tensor, y: Tensor) -> Distance:
    """The distance by sums in float64, of those pairs that are finite."""
    x, y = x.double(), y.double()
    is_finite = x.isfinite() & y.isfinite()
    is_same = (x == y) | (x.isnan() & y.isnan())
    non_finite = int((~is_finite & ~is_same).sum())
    x, error = x[is_finite], (y - x)[is_finite]
    return Distance(
        len(x),
        float(x.dot(x)),
        float(error.dot(error)),
        float(x.dot(error)),
        float(error.abs().sum()),
        float(error.abs().max()) if len(error) else 0.0,
        non_finite,
    )
