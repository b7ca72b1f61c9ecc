"""Scales for groups of numbers, searched as ggml's reference does without an importance matrix.

Many groups at once: x is (elements of a group, groups), finite, so that a step is one operation on whole rows. What
makes the bytes come out the same: every float32 operation of the reference in its order, none fused, and sums in the
order of the elements.

Torch's own `sqrt` and sums, and Python's `number / tensor`, round differently: numpy's, `summed` and `over` stand here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from wftools.weights.quant.decoding.words import looked_up
from wftools.weights.quant.encoding.extremes import outermost

if TYPE_CHECKING:
    from torch import Tensor

WHOLE: Final = 2.0**22 - 1  # the greatest number that rounds as others do
HALVES: Final = 256  # in numbers up to 128, as int8 has them
TINY: Final = float(np.float32(1e-15))  # a group whose greatest magnitude is below is all zero
MAGIC: Final = 1.5 * 2**23  # a float32 that adding rounds to a whole number, which its lower bits are


def affine(
    x: Tensor, weights: Tensor, most: int, first: float, steps: int, *, absolute: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """Scale and least value (<= 0) for little error of scale q + least against x, and q; q is in 0 … most.

    Around the scale that the range suggests steps of a tenth of a quant are tried, from `first` on, and for the quants
    of each the scale and least value of least squares. The error is weighted, of squares or `absolute`.
    """
    greatest, lowest = x.amax(0), x.amin(0)
    least = lowest.clamp(max=0)
    flat = greatest == least
    greatest[flat] = least[flat] + 1  # anything: a flat group is left out
    # above it (x - least) / (greatest - least) * most is a number that rounding is exact for
    safe = ((greatest - lowest) * 1e-4).clamp_(min=2.0**-100)
    sum_w, sum_x = summed(weights), summed(weights * x)
    quants, terms, other = (torch.empty_like(x) for _ in range(3))

    def error(scale: Tensor, offset: Tensor) -> Tensor:
        torch.mul(quants, scale, out=terms).add_(offset).sub_(x)
        terms.abs_() if absolute else terms.mul_(terms)
        return summed(terms.mul_(weights))

    def find(factor: Tensor, offset: Tensor) -> Tensor:
        torch.sub(x, offset, out=quants).mul_(factor)
        return nearest(quants, 0, most, is_safe=bool((greatest - offset > safe).all()))

    factor = over(most, greatest - least)
    find(factor, least)
    scale = 1 / factor
    found = torch.stack([error(scale, least), scale, least, factor, least])  # the best: error, scale, least; of q: two
    found[0, flat] = -torch.inf
    for step in range(steps + 1):
        error_, _, least, _, _ = found
        factor = over(_float32(first, 0.1, step, most), greatest - least)  # from the least value found, not the first
        find(factor, least)
        torch.mul(weights, quants, out=terms)
        sum_q = summed(terms)
        sum_qq = summed(torch.mul(terms, quants, out=other))
        sum_qx = summed(terms.mul_(x))
        determinant = sum_w * sum_qq - sum_q * sum_q
        scale = (sum_w * sum_qx - sum_x * sum_q).div_(determinant)
        offset = (sum_qq * sum_x - sum_q * sum_qx).div_(determinant)
        scale = torch.where(offset > 0, sum_qx / sum_qq, scale)
        offset.clamp_(max=0)
        tried = torch.stack([error(scale, offset), scale, offset, factor, least])
        better = (determinant > 0) & (tried[0] < error_)
        torch.where(better, tried, found, out=found)
    _, scale, least, factor, offset = found
    find(factor, offset)
    scale[flat] = 0
    quants[:, flat] = 0
    return scale, least, quants


def symmetric(x: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Scale with little error of scale q against x, squares weighted with x², and q; q is in -most … most - 1.

    Around the scale that makes the outermost value -most, steps of a tenth of a quant are tried.
    """
    far, flat = _outermost(x)
    squares = x * x
    cubes = squares * x
    quants, terms = torch.empty_like(x), torch.empty_like(x)

    def sums(factor: Tensor) -> tuple[Tensor, Tensor]:
        nearest(torch.mul(x, factor, out=quants), -most, most - 1)
        sum_qx = summed(torch.mul(cubes, quants, out=terms))
        return sum_qx, summed(torch.mul(squares, quants, out=terms).mul_(quants))

    factor = over(-most, far)
    sum_qx, sum_qq = sums(factor)
    scale = torch.where(sum_qq != 0, sum_qx / sum_qq, 0)
    found = torch.stack([scale * sum_qx, scale, factor])  # the best: what the error falls by, scale; of q
    for step in (*range(-9, 0), *range(1, 10)):
        factor = over(-_float32(most, 0.1, step), far)
        sum_qx, sum_qq = sums(factor)
        scale = sum_qx / sum_qq
        better = (sum_qq > 0) & (sum_qx * sum_qx > found[0] * sum_qq)
        torch.where(better, torch.stack([scale * sum_qx, scale, factor]), found, out=found)
    _, scale, factor = found
    nearest(torch.mul(x, factor, out=quants), -most, most - 1)
    scale[flat] = 0
    quants[:, flat] = -most
    return scale, quants


def symmetric_by_moves(x: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """As `symmetric`; from the first scale on, one quant after another is moved to where the others' scale has it.

    At most five times through the group, as long as something moves.
    """
    far, flat = _outermost(x)
    squares = x * x
    cubes = squares * x
    quants = nearest(x * over(-most, far), -most, most - 1)
    sum_qx, sum_qq = summed(cubes * quants), summed((squares * quants).mul_(quants))
    for _ in range(5):
        moves = False
        for value, square, cube, quant in zip(x, squares, cubes, quants, strict=True):
            qx = sum_qx - cube * quant  # of the others
            qq = sum_qq - square * quant * quant
            moved = nearest(value * qq / qx, -most, most - 1, is_safe=False)
            new_qx = qx + cube * moved
            new_qq = qq + square * moved * moved
            better = (qx > 0) & (moved != quant) & (new_qq > 0)
            better &= new_qx * new_qx * sum_qq > sum_qx * sum_qx * new_qq
            moves |= bool(better.any())
            for old, new in ((quant, moved), (sum_qx, new_qx), (sum_qq, new_qq)):
                torch.where(better, new, old, out=old)
        if not moves:
            break
    scale = torch.where(sum_qq > 0, sum_qx / sum_qq, 0)
    scale[flat] = 0
    quants[:, flat] = -most
    return scale, quants


def uneven(x: Tensor, values: Tensor) -> Tensor:
    """Scale with little error of scale v against x, squares weighted with x²; v is the nearest of some values.

    The outermost number is the first value, with another sign to begin with; then seven whole numbers to both sides of
    it are tried.
    """
    far, flat = _outermost(x)
    first = float(values[0])
    table = values[nearest_of_halves(values)]
    squares = x * x

    def sums(factor: Tensor) -> tuple[Tensor, Tensor]:
        found = looked_up(table, in_halves(x * factor))
        weighted = squares * found
        return summed(weighted * x), summed(weighted.mul_(found))

    sum_vx, sum_vv = sums(1 / (far / -first))
    scale = sum_vx / sum_vv
    best = scale * sum_vx
    for step in range(-7, 8):
        sum_vx, sum_vv = sums(over(step + first, far))
        better = (sum_vv > 0) & (sum_vx * sum_vx > best * sum_vv)
        tried = sum_vx / sum_vv
        best = torch.where(better, tried * sum_vx, best)
        scale = torch.where(better, tried, scale)
    return scale.masked_fill_(flat, 0)


def nearest_of_halves(values: Tensor) -> Tensor:
    """For each number of `in_halves` the place of the nearest value, of ascending ones; half way it is the greater."""
    return torch.bucketize(torch.arange(-HALVES, HALVES) / 2, (values[1:] + values[:-1]) / 2, right=True)


def in_halves(numbers: Tensor) -> Tensor:
    """How many halves they are, rounded down and from -HALVES on, int32. They are finite, and changed."""
    return numbers.mul_(2).floor_().clamp_(-HALVES, HALVES - 1).add_(HALVES).to(torch.int32)


def greatest_scale(scale: Tensor) -> Tensor:
    """The scale of greatest magnitude of each block, the first of several, (blocks, 1); 0 if there is none."""
    magnitude = scale.abs().nan_to_num_(nan=0, posinf=torch.inf)
    found = scale.gather(1, magnitude.argmax(1, keepdim=True))
    return found.masked_fill_(~(found.abs() > 0), 0)


def summed(terms: Tensor) -> Tensor:
    """The sum of each of at least two columns, in the order of the rows: numpy adds row after row."""
    with np.errstate(all="ignore"):
        return torch.from_numpy(np.add.reduce(terms.numpy(), axis=0))


def root(squares: Tensor) -> Tensor:
    """The square roots, rounded as IEEE 754 has it."""
    return torch.from_numpy(np.sqrt(squares.numpy()))


def over(number: float, by: Tensor) -> Tensor:
    """A number divided by each, rounded once."""
    return torch.tensor(number, dtype=by.dtype) / by


def _outermost(x: Tensor) -> tuple[Tensor, Tensor]:
    """The value of greatest magnitude of each column, the first of several; and which have none: it is 1 there."""
    found = outermost(x, 0)[0]
    flat = found.abs() < TINY
    return found.masked_fill_(flat, 1), flat


def nearest(scaled: Tensor, least: int, most: int, *, is_safe: bool = True) -> Tensor:
    """Rounded in place, half to even; what is beyond WHOLE gives what the reference reads there."""
    if not is_safe:
        return scaled.copy_(whole(scaled).clamp_(least, most))
    return scaled.round_().clamp_(least, most)


def whole(numbers: Tensor) -> Tensor:
    """Rounded, half to even, int32, read off the bits of a sum; what is too great gives what the reference reads."""
    return (numbers + MAGIC).view(torch.int32).bitwise_and_(0x7FFFFF).sub_(0x400000)


def _float32(base: float, by: float, step: int, then: float = 0) -> float:
    """The number base + by * step + then, each operation rounded to float32."""
    return float(np.float32(base) + np.float32(by) * np.float32(step) + np.float32(then))
