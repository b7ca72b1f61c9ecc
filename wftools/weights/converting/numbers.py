"""What the tensors of a file mean, as numbers, whatever they are stored as: plain, in blocks, with a scale.

for some in numbers(file, name):     float32, or float64 where the file has that; flat, in order
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wftools.weights.mapped import DTYPES
from wftools.weights.quant.blocks import BLOCKS
from wftools.weights.source import Scaled
from wftools.weights.tensorfile import PIECE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import torch
    from torch import Tensor

    from wftools.weights.tensorfile import TensorFile


def numbers(file: TensorFile, name: str, count: int = PIECE) -> Iterator[Tensor]:
    """The numbers of a tensor of real numbers, flat and in order, so many at a time; all but the last are full.

    Nothing but a piece is in memory, unless a source makes the tensor in a way of its own: then it is made whole.
    Raises InputError.
    """
    import torch

    info, source = file.tensors[name], file.sources.get(name)
    if info.dtype in BLOCKS and info.is_plain:
        yield from regrouped(_decoded(file, name, count), count)
    elif isinstance(source, Scaled):
        yield from _scaled(source, count)
    elif source is not None:
        made = source.weight(torch.float32, torch.device("cpu")).reshape(-1)
        yield from (made[start : start + count] for start in range(0, len(made), count))
    else:
        yield from map(as_numbers, file.pieces(name, count))


def is_kept(file: TensorFile, name: str, dtype: str) -> bool:
    """Whether the bytes of a tensor are what it is in a type: it has that type, and no scale or the like beside it."""
    info = file.tensors[name]
    return info.dtype == dtype and (name not in file.sources or (dtype in BLOCKS and info.is_plain))


def as_numbers(stored: Tensor) -> Tensor:
    """Plain numbers as they are computed with: float64 stays, all others are float32."""
    return stored if stored.dtype.itemsize == 8 and stored.is_floating_point() else stored.float()


def torch_dtype(dtype: str) -> torch.dtype:
    """Torch's type of a plain one of ours."""
    import torch

    return getattr(torch, DTYPES[dtype][1])  # type: ignore[no-any-return]


def regrouped(pieces: Iterable[Tensor], count: int) -> Iterator[Tensor]:
    """The same numbers, so many at a time: what has other pieces than its reader needs."""
    import torch

    waiting: list[Tensor] = []
    length = 0
    for piece in pieces:
        if not waiting and len(piece) == count:
            yield piece
            continue
        waiting.append(piece)
        length += len(piece)
        while length >= count:
            joined = torch.cat(waiting) if len(waiting) > 1 else waiting[0]
            yield joined[:count]
            waiting, length = [joined[count:]], length - count
    if length:
        yield torch.cat(waiting)


def _decoded(file: TensorFile, name: str, count: int) -> Iterator[Tensor]:
    from wftools.weights.quant.decoding import decode  # type: ignore[import-untyped, unused-ignore]

    kind = file.tensors[name].dtype
    for packed in file.pieces(name, count):
        yield decode(packed, kind)


def _scaled(source: Scaled, count: int) -> Iterator[Tensor]:
    """The numbers of a weight that has one scale, or one for each row."""
    shape = source.file.shapes[source.name]
    scale = source.file.read(source.scale).float().reshape(-1)
    if len(scale) == 1:
        for piece in source.file.pieces(source.name, count):
            yield piece.float() * scale
        return
    row = math.prod(shape[1:])
    rows = max(1, count // max(row, 1))
    yield from regrouped(
        (
            (piece.float().reshape(-1, row) * scale[index * rows : (index + 1) * rows, None]).reshape(-1)
            for index, piece in enumerate(source.file.pieces(source.name, rows * row))
        ),
        count,
    )
