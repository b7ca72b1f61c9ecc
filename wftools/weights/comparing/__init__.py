"""What differs between two model files: names, shapes, types, metadata, and how far their numbers are from each other.

    comparison = compare(open_tensors(a), open_tensors(b))
    comparison.is_equal
    comparison.tensors         those that are in both, each with its distance

Where one file has the names of another layout, or of a network alone, tensors are compared that are the same of one
network: aligning.py says which. The numbers are what networks compute with, whatever they are stored as, and pass
through memory in pieces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from wftools.weights.comparing.aligning import Aligned, align
from wftools.weights.distance import NOTHING, Distance, distance
from wftools.weights.tensorfile import PIECE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from torch import Tensor

    from wftools.weights.tensorfile import Shape, TensorFile, TensorInfo

_BLOCK: Final = re.compile(r"(?:.*?\.)?[^.]+\.\d+(?=\.)")


@dataclass(frozen=True, slots=True)
class Compared:
    """A tensor that is in both files."""

    name: str  # in the first
    other: str  # in the second
    dtypes: tuple[str, str]
    shapes: tuple[Shape, Shape]
    distance: Distance | None  # None if the shapes differ

    @property
    def is_identical(self) -> bool:
        """Whether nothing differs but perhaps the name."""
        return self.dtypes[0] == self.dtypes[1] and self.has_same_numbers

    @property
    def has_same_numbers(self) -> bool:
        """Whether the shape and all numbers are the same, in whatever type."""
        return self.distance is not None and self.distance.is_zero and self.shapes[0] == self.shapes[1]

    @property
    def block(self) -> str:
        """Where it stands: its name up to the first number; without one, up to the last dot."""
        found = _BLOCK.match(self.name)
        return found[0] if found else self.name.rpartition(".")[0] or self.name


@dataclass(frozen=True, slots=True)
class Group:
    """The tensors of one block or part that differ, taken together."""

    name: str
    tensors: int  # those that are in both files
    differing: int
    distance: Distance  # over the numbers of those that differ


@dataclass(frozen=True, eq=False)
class Comparison:
    """What differs between two files."""

    aligned: Aligned
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    tensors: tuple[Compared, ...]
    metadata: Mapping[str, tuple[str | None, str | None]]  # of those that differ; None where it is not there

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.only_first or self.only_second or self.metadata or self.differing)

    def is_within(self, snr: float) -> bool:
        """Whether both have the same tensors of the same shapes, and no numbers of a lower signal to noise ratio."""
        return not (self.only_first or self.only_second) and all(
            each.distance is not None and not each.distance.non_finite and each.distance.snr >= snr
            for each in self.tensors
        )

    @cached_property
    def differing(self) -> tuple[Compared, ...]:
        """The tensors that are not identical, in the order of the first file."""
        return tuple(each for each in self.tensors if not each.is_identical)

    @cached_property
    def worst(self) -> tuple[Compared, ...]:
        """Those whose numbers differ, the lowest signal to noise ratio first."""
        moved = [each for each in self.tensors if each.distance is not None and not each.distance.is_zero]
        return tuple(sorted(moved, key=lambda each: (_ratio(each.distance), each.name)))

    @property
    def parts(self) -> tuple[Group, ...]:
        """The networks of the first file."""
        return _grouped(self.tensors, lambda each: self.aligned.part_of(each.name))

    @property
    def blocks(self) -> tuple[Group, ...]:
        """The blocks of which numbers differ, the lowest signal to noise ratio first."""
        groups = [group for group in _grouped(self.tensors, lambda each: each.block) if not group.distance.is_zero]
        return tuple(sorted(groups, key=lambda group: (_ratio(group.distance), group.name)))


def compare(
    first: TensorFile, second: TensorFile, *, progress: Callable[[str, int], None] = lambda _name, _bytes: None
) -> Comparison:
    """Compare two files; `progress` is told of the bytes that were read of a tensor. Raises InputError."""
    aligned = align(first, second)
    names = {name for name in aligned.first.tensors if name in aligned.second.tensors}
    compared = []
    for name in aligned.first.tensors:
        if name in names:
            compared.append(_compared(aligned, name))
            progress(name, _size(aligned.first.tensors[name]) + _size(aligned.second.tensors[name]))
    return Comparison(
        aligned=aligned,
        only_first=tuple(aligned.first_name(name) for name in aligned.first.tensors if name not in names),
        only_second=tuple(aligned.second_name(name) for name in aligned.second.tensors if name not in names),
        tensors=tuple(compared),
        metadata=_metadata(first.metadata, second.metadata),
    )


def _compared(aligned: Aligned, name: str) -> Compared:
    one, other = aligned.first.tensors[name], aligned.second.tensors[name]
    return Compared(
        name=aligned.first_name(name),
        other=aligned.second_name(name),
        dtypes=(one.dtype, other.dtype),
        shapes=(one.shape, other.shape),
        distance=_distance(aligned, name) if one.shape == other.shape else None,
    )


def _distance(aligned: Aligned, name: str) -> Distance:
    one, other = aligned.first, aligned.second
    if _has_same_bytes(one, other, name):
        return NOTHING
    total = NOTHING
    for before, after in zip(_numbers(one, name), _numbers(other, name), strict=True):
        total += distance(before, after)
    return total


def _has_same_bytes(one: TensorFile, other: TensorFile, name: str) -> bool:
    """Whether a tensor is stored in the same way and alike: most are, where two files are versions of one."""
    import torch

    first, second = one.tensors[name], other.tensors[name]
    is_stored_alike = first.dtype == second.dtype and first.is_plain and second.is_plain
    if not is_stored_alike or name in one.sources.keys() ^ other.sources.keys():
        return False
    if name in one.sources and not _is_in_blocks(first):
        return False  # a scale or the like is beside it
    pieces = zip(one.pieces(name), other.pieces(name), strict=True)
    return all(torch.equal(before.view(torch.uint8), after.view(torch.uint8)) for before, after in pieces)


def _is_in_blocks(info: TensorInfo) -> bool:
    from wftools.weights.quant.blocks import BLOCKS

    return info.dtype in BLOCKS


def _numbers(file: TensorFile, name: str) -> Iterator[Tensor]:
    from wftools.weights.converting.numbers import numbers

    if file.tensors[name].dtype == "C64":
        return file.pieces(name)
    return numbers(file, name, PIECE)


def _grouped(tensors: Iterable[Compared], group_of: Callable[[Compared], str]) -> tuple[Group, ...]:
    members: dict[str, list[Compared]] = {}
    for each in tensors:
        members.setdefault(group_of(each), []).append(each)
    return tuple(_group(name, own) for name, own in members.items())


def _group(name: str, tensors: Sequence[Compared]) -> Group:
    differing = [each for each in tensors if not each.is_identical]
    distance = sum((each.distance for each in differing if each.distance is not None), NOTHING)
    return Group(name, len(tensors), len(differing), distance)


def _ratio(measured: Distance | None) -> float:
    """What orders from the worst on: what has become infinite or NaN comes first."""
    if measured is None or measured.non_finite:
        return float("-inf")
    return measured.snr


def _metadata(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    keys = sorted(first.keys() | second.keys())
    return {key: (first.get(key), second.get(key)) for key in keys if first.get(key) != second.get(key)}


def _size(info: TensorInfo) -> int:
    return info.stop - info.start
