"""Model files as they are written: a module of this folder writes one format, tensor by tensor.

A header has only names, types and shapes in it, so the numbers are made when they are written, one piece after another:
a file of any size needs no more memory than a piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from wftools.errors import InputError, shown
from wftools.plugins import Folder
from wftools.weights.quant.blocks import stored_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import IO, BinaryIO

    from torch import Tensor

    from wftools.weights.gguf import Metadata
    from wftools.weights.tensorfile import Shape


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A tensor that is to be written."""

    name: str
    dtype: str  # as in `TensorInfo`
    shape: Shape
    data: Callable[[], Iterable[Tensor]]  # its pieces as `TensorFile.pieces` gives them: as they are stored, in order


class ModelWriter(Protocol):
    """What a module of this package has."""

    SUFFIXES: tuple[str, ...]

    def holds(self, dtype: str, shape: Shape, /) -> bool:
        """Whether files of the format may have a tensor like this."""
        ...

    def write(self, stream: BinaryIO, tensors: Sequence[Outgoing], metadata: Metadata, /) -> None:
        """Write a whole file, its tensors in an order of the format's own.

        The stream can be sought in. Metadata that the format has no form for is written as JSON.
        """
        ...


WRITERS: Final[Folder[ModelWriter]] = Folder("wftools.weights.writers")


def by_name(tensors: Iterable[Outgoing]) -> dict[str, Outgoing]:
    """Tensors by their names. Raises InputError if two have one."""
    named: dict[str, Outgoing] = {}
    for each in tensors:
        if each.name in named:
            raise InputError(f"two tensors are to have the name {shown(each.name)}")
        named[each.name] = each
    return named


def put(stream: IO[bytes], each: Outgoing) -> None:
    """Write the numbers of a tensor, as many as its shape has."""
    import torch

    written = 0
    for piece in each.data():
        numbers = piece.contiguous().reshape(-1).view(torch.uint8).numpy().data
        stream.write(numbers)
        written += len(numbers)
    assert written == stored_bytes(each.dtype, each.shape), (each.name, written)
