"""The JSON report of `wftools model diff`, as `schemas/report-model-diff.json` publishes it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from wftools.weights.comparing import Compared, Comparison, Group
    from wftools.weights.distance import Distance
    from wftools.weights.tensorfile import TensorFile

VERSION: Final = 1  # of the format


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class DistanceReport(_Part):
    """How far numbers are from those of the first file; what is infinite or NaN in one file only is counted apart."""

    largest: float | None
    """The largest difference; none if it is no number that JSON has, here and below."""
    mean: float | None
    """Of the absolute differences."""
    mse: float | None
    snr: float | None
    """The signal to noise ratio in dB; none also where nothing differs."""
    cosine: float | None
    non_finite: int


class SideReport(_Part):
    """One of the files."""

    file: str
    format: str
    kind: str
    """As `wftools model inspect` tells it."""
    family: str
    tensors: int


class TensorDiffReport(_Part):
    """A tensor that is in both files, and not the same."""

    name: str
    other: str
    """What the second file calls it."""
    dtypes: tuple[str, str]
    shapes: tuple[list[int], list[int]]
    block: str
    distance: DistanceReport | None
    """None if the shapes differ."""


class GroupReport(_Part):
    """The tensors of a network or a block that differ, taken together."""

    name: str
    tensors: int
    """In both files."""
    differing: int
    distance: DistanceReport


class MetadataReport(_Part):
    """A value that differs; none where it is not there."""

    key: str
    first: str | None
    second: str | None


class ModelDiffReport(_Part):
    """What differs between two model files."""

    version: Literal[1]
    first: SideReport
    second: SideReport
    equal: bool
    aligned_by: str
    """How names were brought together; "" if those of the files are compared."""
    only_first: list[str]
    only_second: list[str]
    in_both: int
    identical: int
    """Tensors of which neither type, shape nor numbers differ; they are not listed."""
    differing: list[TensorDiffReport]
    parts: list[GroupReport]
    blocks: list[GroupReport]
    """Those of which numbers differ, the lowest signal to noise ratio first."""
    metadata: list[MetadataReport]


def diff_report(comparison: Comparison, first: TensorFile, second: TensorFile) -> Any:
    """The report as a JSON tree."""
    described = comparison.aligned.described
    sides = [
        SideReport(
            file=str(file.path), format=file.format, kind=found.kind, family=found.family, tensors=len(file.tensors)
        )
        for file, found in zip((first, second), described, strict=True)
    ]
    return ModelDiffReport(
        version=VERSION,
        first=sides[0],
        second=sides[1],
        equal=comparison.is_equal,
        aligned_by=comparison.aligned.way,
        only_first=list(comparison.only_first),
        only_second=list(comparison.only_second),
        in_both=len(comparison.tensors),
        identical=len(comparison.tensors) - len(comparison.differing),
        differing=[_tensor(each) for each in comparison.differing],
        parts=[_group(each) for each in comparison.parts],
        blocks=[_group(each) for each in comparison.blocks],
        metadata=[
            MetadataReport(key=key, first=before, second=after) for key, (before, after) in comparison.metadata.items()
        ],
    ).model_dump(mode="json")


def _tensor(each: Compared) -> TensorDiffReport:
    return TensorDiffReport(
        name=each.name,
        other=each.other,
        dtypes=each.dtypes,
        shapes=(list(each.shapes[0]), list(each.shapes[1])),
        block=each.block,
        distance=None if each.distance is None else _distance(each.distance),
    )


def _group(group: Group) -> GroupReport:
    return GroupReport(
        name=group.name, tensors=group.tensors, differing=group.differing, distance=_distance(group.distance)
    )


def _distance(measured: Distance) -> DistanceReport:
    return DistanceReport(
        largest=_finite(measured.largest),
        mean=_finite(measured.mean),
        mse=_finite(measured.mse),
        snr=_finite(measured.snr),
        cosine=_finite(measured.cosine),
        non_finite=measured.non_finite,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
