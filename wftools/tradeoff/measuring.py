"""Every type that a file could be in: how large it would be, and how far its weights and its pictures would be off."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal

from wftools.errors import InputError, shown
from wftools.weights.converting.carrying import carry_out, is_changed
from wftools.weights.converting.numbers import as_numbers, numbers, torch_dtype
from wftools.weights.converting.plan import Plan, Planned
from wftools.weights.dialects import understood
from wftools.weights.distance import NOTHING, distance
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.quantising.files import plan_of
from wftools.weights.quantising.rules import FLOATING, Rules, as_it_is, is_quantised, plan_quantised
from wftools.weights.quantising.types import COMPRESSED, MIXES, NATIVE, QUANTISED
from wftools.weights.tensorfile import PIECE, open_tensors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from wftools.tradeoff.probe import Probe
    from wftools.weights.distance import Distance
    from wftools.weights.quantising.report import ProbeReport
    from wftools.weights.quantising.rules import Fallback
    from wftools.weights.tensorfile import TensorFile, TensorInfo

Way = Literal["compressed", "quantised", "mixed"]
"""Floating-point numbers of fewer bits; whole numbers with a scale for each block; several types of these."""

EIGHT_BIT_FLOATS: Final = {"fp8_e4m3fn": "F8_E4M3", "fp8_e5m2": "F8_E5M2"}

SAMPLED_FROM: Final = 2**27  # weights of a file: of a larger one, so many of each tensor are measured
SAMPLE: Final = 2**16


@dataclass(frozen=True, slots=True)
class Point:
    """One type: what a file of it would cost, and what it would save."""

    type: str
    way: Way
    bytes: int  # of all tensors
    bits: float  # a weight, on the average
    snr: float  # dB, of all weights of matrices and convolutions; infinite where none has changed
    picture: ProbeReport | None = None

    @property
    def error(self) -> float:
        """The weights' error as a part of them: the root of the squares' ratio."""
        return 10 ** (-self.snr / 20)


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """A file as it is, and all that it could be."""

    name: str
    dtype: str  # what most of its weights are in
    bytes: int
    weights: int
    points: tuple[Point, ...]  # the largest first
    is_sampled: bool  # whether the errors are those of a part of the weights
    workflow: str | None = None  # whose pictures were compared


def types() -> tuple[str, ...]:
    """All that can be measured, floating-point numbers first."""
    blocks = (each.lower() for each in QUANTISED)
    return (*(each.lower() for each in COMPRESSED), *EIGHT_BIT_FLOATS, *NATIVE, *blocks, *MIXES)


def measured(
    path: Path, wanted: Sequence[str], probe: Probe | None = None, fallback: Fallback | None = None
) -> Iterator[Point]:
    """Measure one type after another; `fallback`: what is done with rows that are no whole blocks, as in `Rules`.

    Raises InputError for a type that there is not, or a file that is quantised.
    """
    unknown = [each for each in wanted if each not in types()]
    if unknown:
        raise InputError(f"{shown(unknown[0])} is no type", hint=f"the types are {', '.join(types())}")
    file = original(path)
    errors: dict[tuple[str, str], Distance] = {}
    for name in wanted:
        plan = _plan(file, name, fallback)
        with TemporaryDirectory(prefix="wftools-chart-") as made:
            out = Path(made, f"measured.{plan.format}")
            outcomes = carry_out(plan, out) if probe is not None or name in NATIVE else ()
            found = {each.planned.name: each.error for each in outcomes}
            total = NOTHING
            for each in plan.tensors:
                key = each.source, each.dtype
                if not _is_weight(plan.file.tensors[each.source]):
                    continue
                if found.get(each.name) is None and key not in errors:
                    errors[key] = _error(plan, each, sample_of(file))
                total += found.get(each.name) or errors[key]
            picture = probe.against(out) if probe is not None else None
        weights = sum(math.prod(info.shape) for info in file.tensors.values())
        yield Point(name, _way(name), plan.size, 8 * plan.size / max(weights, 1), total.snr, picture)


def possible(file: TensorFile) -> Iterator[str]:
    """The types that a file can be in: without a matrix no layer has a scale."""
    for name in types():
        try:
            _plan(file, name, None)
        except InputError:
            continue
        yield name


def original(path: Path) -> TensorFile:
    """A file that is not quantised. Raises InputError if it is."""
    file = understood(open_tensors(path))
    if any(is_quantised(file, name) for name in file.tensors):
        raise InputError("is quantised already", place=file.place, hint="name the file that it was made from")
    return file


def sample_of(file: TensorFile) -> int | None:
    """How many weights of a tensor are measured; None: all of them."""
    return SAMPLE if sum(map(math.prod, file.shapes.values())) > SAMPLED_FROM else None


def _plan(file: TensorFile, name: str, fallback: Fallback | None) -> Plan:
    if name in NATIVE:
        return plan_of(file, file.path.with_suffix(".safetensors"), Rules(name))
    if name not in EIGHT_BIT_FLOATS:
        return plan_quantised(as_it_is(file), Rules(name, fallback=fallback))
    tensors = [
        Planned(key, key, EIGHT_BIT_FLOATS[name] if _is_weight(info) else info.dtype, info.shape)
        for key, info in file.tensors.items()
    ]
    return Plan(file, "safetensors", tuple(tensors), file.metadata)


def _is_weight(info: TensorInfo) -> bool:
    """Whether it is a matrix or a convolution: the others are few, and nobody touches them."""
    return len(info.shape) > 1 and info.dtype in FLOATING


def _way(name: str) -> Way:
    if name in MIXES:
        return "mixed"
    return "quantised" if name.upper() in BLOCKS or name.startswith("int8") else "compressed"


def _error(plan: Plan, planned: Planned, sample: int | None) -> Distance:
    """How far the weights of a tensor would be off; of a sample, as much as all of them would be."""
    file, dtype = plan.file, planned.dtype
    total, left = NOTHING, sample
    for some in numbers(file, planned.source, min(PIECE, sample or PIECE)):
        total += distance(some, _through(some, dtype) if is_changed(file, planned) else some)
        if left is not None:
            left -= len(some)
            if left <= 0:
                break
    share = math.prod(planned.shape) / max(total.count + total.non_finite, 1)
    return replace(total, signal=total.signal * share, noise=total.noise * share)


def _through(some: Tensor, dtype: str) -> Tensor:
    """What numbers are once they have been of a type."""
    if dtype not in BLOCKS:
        return as_numbers(some.to(torch_dtype(dtype)))
    from wftools.weights.quant.decoding import decode
    from wftools.weights.quant.encoding import encode

    return decode(encode(some.float(), dtype), dtype)
