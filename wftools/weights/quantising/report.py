"""Size and error of a file that was quantised, as data: the model of --report, published in schemas/."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from wftools import __version__
from wftools.weights.quant.blocks import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from wftools.weights.converting.carrying import Outcome
    from wftools.weights.converting.plan import Plan, Planned
    from wftools.weights.distance import Distance
    from wftools.weights.tensorfile import TensorFile

Change = Literal["kept", "compressed", "quantised", "widened"]
"""compressed: to floating-point numbers of fewer bits; quantised: to whole numbers of few bits, with a scale for each
block, row or tensor; widened: to more bits."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ErrorReport(_Part):
    """How far new numbers are from the old ones."""

    mse: float
    """The mean of the squares of the errors."""
    largest: float
    """The largest error."""
    cosine: float
    """Of the angle between old and new, seen as vectors: 1 where they point the same way."""
    snr: float | None
    """The signal to noise ratio in dB; null where there is no error, or nothing but error."""
    non_finite: int = 0
    """Numbers that have become infinite, or no numbers."""

    @classmethod
    def of(cls, error: Distance) -> ErrorReport:
        """A distance in the form of the report."""
        snr = error.snr if math.isfinite(error.snr) else None
        return cls(mse=error.mse, largest=error.largest, cosine=error.cosine, snr=snr, non_finite=error.non_finite)


class TensorReport(_Part):
    """One tensor."""

    name: str
    shape: list[int]
    """As networks have it, whatever it is stored as."""
    before: str
    after: str
    """Its type in the old file and in the new one."""
    change: Change
    why: str
    bytes_before: int
    bytes_after: int
    error: ErrorReport | None = None
    """Null where its bytes are the old ones, and of a plan."""


class TypeReport(_Part):
    """All tensors that are of one type in the new file."""

    type: str
    tensors: int
    weights: int
    bytes: int
    error: ErrorReport | None = None


class ProbeReport(_Part):
    """How far the pictures of a workflow move."""

    workflow: str
    pictures: int
    psnr: float | None
    """The ratio of the range of pixels to their error in dB; null where no pixel has changed."""
    ssim: float
    """How alike the structure is (Wang et al. 2004): 1 where the pictures are the same."""
    mean: float
    largest: float
    """The mean and the largest difference of a channel of a pixel, of 255."""


class QuantizeReport(_Part):
    """A file and what it was made from."""

    version: str = __version__
    """Of wftools."""
    source: str
    target: str
    type: str
    """What was asked for."""
    architecture: str | None = None
    weights: int
    bytes_before: int
    bytes_after: int
    """Of all tensors."""
    bits_before: float
    bits_after: float
    """A weight, on the average of all."""
    error: ErrorReport | None = None
    """Of all weights that have changed, each counted once. Null of a plan."""
    types: list[TypeReport]
    tensors: list[TensorReport]
    left_out: dict[str, str] = {}
    """What of the old file is not in the new one, and why."""
    probe: ProbeReport | None = None


def report_of(plan: Plan, type_: str, target: Path, outcomes: Sequence[Outcome] | None = None) -> QuantizeReport:
    """The report of a plan; with its outcomes, of what was made."""
    errors = {each.planned.name: each.error for each in outcomes or ()}
    of_type: defaultdict[str, list[Planned]] = defaultdict(list)
    for each in plan.tensors:
        of_type[each.dtype].append(each)
    weights = sum(math.prod(each.shape) for each in plan.tensors)
    before = sum(_bytes_before(plan.file, each) for each in plan.tensors)
    return QuantizeReport(
        source=str(plan.file.path),
        target=str(target),
        type=type_,
        architecture=_text(plan.metadata.get("general.architecture")),
        weights=weights,
        bytes_before=before,
        bytes_after=plan.size,
        bits_before=8 * before / max(weights, 1),
        bits_after=8 * plan.size / max(weights, 1),
        error=_total(errors.values()),
        types=[
            TypeReport(
                type=dtype,
                tensors=len(some),
                weights=sum(math.prod(each.shape) for each in some),
                bytes=sum(each.size for each in some),
                error=_total(errors.get(each.name) for each in some),
            )
            for dtype, some in sorted(of_type.items(), key=lambda each: -sum(one.size for one in each[1]))
        ],
        tensors=[_tensor(plan.file, each, errors.get(each.name)) for each in plan.tensors],
        left_out=dict(plan.left_out),
    )


def _tensor(file: TensorFile, planned: Planned, error: Distance | None) -> TensorReport:
    before = file.tensors[planned.source].dtype
    bytes_before = _bytes_before(file, planned)
    return TensorReport(
        name=planned.name,
        shape=list(file.tensors[planned.source].shape),
        before=before,
        after=planned.dtype,
        change=_change(before, planned.dtype, is_smaller=planned.size < bytes_before),
        why=planned.why,
        bytes_before=bytes_before,
        bytes_after=planned.size,
        error=ErrorReport.of(error) if error is not None else None,
    )


def _change(before: str, after: str, *, is_smaller: bool) -> Change:
    if before == after:
        return "kept"
    if not is_smaller:
        return "widened"
    return "quantised" if after in BLOCKS or after == "I8" else "compressed"


def _bytes_before(file: TensorFile, planned: Planned) -> int:
    info = file.tensors[planned.source]
    return info.stop - info.start


def _total(errors: Iterable[Distance | None]) -> ErrorReport | None:
    there = [each for each in errors if each is not None]
    return ErrorReport.of(reduce(add, there)) if there else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
