"""Files as conversions see them: several under one, and with tensors that are made and stand in no file."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftools.weights.mapped import DTYPES
from wftools.weights.tensorfile import TensorInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from wftools.weights.source import Source
    from wftools.weights.tensorfile import Shape, TensorFile


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A tensor that stands in no file."""

    dtype: str
    shape: Shape
    make: Callable[[], Tensor]


def beside(files: Mapping[str, TensorFile]) -> TensorFile:
    """Several views of one file as one, each under names that begin with its own: NAME/tensor."""
    whole = next(iter(files.values()))
    readers: dict[str, Callable[[], Tensor]] = {}
    tensors: dict[str, TensorInfo] = {}
    sources: dict[str, Source] = {}
    for part, file in files.items():
        for name, info in file.tensors.items():
            new = f"{part}/{name}"
            tensors[new] = info
            readers[new] = _reading(file, name)
            if name in file.sources:
                sources[new] = file.sources[name]
    return replace(whole, tensors=tensors, sources=sources, reader=lambda name: readers[name]())


def _reading(file: TensorFile, name: str) -> Callable[[], Tensor]:
    return lambda: file.reader(name)


def with_made(file: TensorFile, made: Mapping[str, Made]) -> TensorFile:
    """A file with more tensors, which are made once and when they are asked for."""
    kept: dict[str, Tensor] = {}

    def read(name: str) -> Tensor:
        if name not in made:
            return file.reader(name)
        if name not in kept:
            kept[name] = made[name].make()
        return kept[name]

    infos = {
        name: TensorInfo(each.dtype, each.shape, 0, math.prod(each.shape) * DTYPES[each.dtype][0], is_plain=False)
        for name, each in made.items()
    }
    return replace(file, tensors={**file.tensors, **infos}, reader=read) if made else file
