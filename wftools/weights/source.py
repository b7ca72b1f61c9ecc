"""Weights that are made when a layer computes: dequantised, rescaled, patched. No torch at import."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from wftools.errors import InputError, shown
from wftools.weights.mapped import DTYPES
from wftools.weights.quant.blocks import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor

    from wftools.weights.tensorfile import Shape, TensorFile


class Source(Protocol):
    """A weight that is made when it is needed."""

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight in the type and on the device of the call; its shape is the layer's."""
        ...


@runtime_checkable
class Changed(Source, Protocol):
    """A source that changes what another one makes."""

    @property
    def before(self) -> Source:
        """The other one."""
        ...


def original(source: Source) -> Source:
    """What makes a weight before all changes."""
    while isinstance(source, Changed):
        source = source.before
    return source


@runtime_checkable
class CompactSource(Source, Protocol):
    """A source whose numbers rest in few bits: what it makes is larger, and kept only where that is asked for."""

    @property
    def is_compact(self) -> bool:
        """Whether they are eight bits or fewer."""
        ...


def is_compact(source: Source) -> bool:
    """Whether the numbers of a weight rest in few bits, whatever else is made of them."""
    before = original(source)
    return isinstance(before, CompactSource) and before.is_compact


@dataclass(frozen=True, slots=True, eq=False)
class Weight:
    """A weight of a network: what makes it, and the shape that it has."""

    source: Source
    shape: Shape
    multiplies: bool = False  # an input, and does nothing else: its layer can be bypassed


@runtime_checkable
class LinearSource(Source, Protocol):
    """A source that multiplies without making its weight: integer kernels, products of eight-bit floats."""

    def linear(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """The layer's output x @ weight.T + bias, in the type and on the device of x."""
        ...


@runtime_checkable
class TableSource(Source, Protocol):
    """A source that makes some rows of its weight without making all of it."""

    def rows(self, ids: Tensor, dtype: torch.dtype) -> Tensor:
        """The rows (…, width) of ids (…), in a type and on the device of the ids."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """A weight that a file keeps in few bits, times a scale: one for all of it, or one for each row, (rows, 1)."""

    file: TensorFile
    name: str
    scale: str  # the name of the tensor with the scale

    def __post_init__(self) -> None:
        """Raise InputError if the scale does not fit the weight."""
        shape, scale = self.file.shapes[self.name], self.file.shapes[self.scale]
        if math.prod(scale) != 1 and scale != (*shape[:1], *[1] * (len(shape) - 1)):
            raise InputError(
                f"tensor {shown(self.scale)} has the shape {list(scale)}, expected one value, or one for each row",
                place=self.file.place,
            )

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight, multiplied in float32 and rounded once."""
        import torch

        scale = self.file.read(self.scale).to(device, torch.float32)
        weight = self.file.read(self.name).to(device, torch.float32)
        return (weight * (scale.reshape(()) if scale.numel() == 1 else scale)).to(dtype)

    @property
    def is_compact(self) -> bool:
        """Whether a number has eight bits."""
        return DTYPES[self.file.tensors[self.name].dtype][0] == 1


@dataclass(frozen=True, slots=True, eq=False)
class Rounded:
    """A weight that is made in a type, by torch's name, before it is brought to the one of the call."""

    source: Source
    dtype: str

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight, rounded."""
        import torch

        return self.source.weight(getattr(torch, self.dtype), device).to(dtype)

    @property
    def is_compact(self) -> bool:
        """Whether it is before it is made."""
        return is_compact(self.source)


@dataclass(frozen=True, slots=True, eq=False)
class Turned:
    """A weight that is stored turned: groups of so many inputs are rotated together, see `quant.scaled`."""

    source: Scaled
    group: int

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight, turned back in float32 and rounded once."""
        import torch

        from wftools.weights.quant.scaled import rotated

        return rotated(self.source.weight(torch.float32, device), self.group).to(dtype)

    @property
    def is_compact(self) -> bool:
        """Whether it is as it is stored."""
        return self.source.is_compact


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """A weight in blocks of few bits, which it stays in: it is decoded each time that a layer computes."""

    read: Callable[[], Tensor]  # its bytes, uint8 (blocks, bytes a block)
    kind: str  # a name of `quant.blocks`
    shape: Shape

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight, decoded in float32 and rounded once. Raises InputError for a type that is not decoded."""
        from wftools.weights.quant.decoding import decode

        return decode(self.read().to(device), self.kind, dtype).reshape(self.shape)

    def rows(self, ids: Tensor, dtype: torch.dtype) -> Tensor:
        """Some rows, decoded alone where each is whole blocks."""
        from wftools.weights.quant.decoding import decode

        width, block = math.prod(self.shape[1:]), BLOCKS[self.kind]
        if width == 0 or width % block.elements:
            return self.weight(dtype, ids.device)[ids]
        packed = self.read().view(self.shape[0], width // block.elements, block.bytes)
        chosen = packed[ids.reshape(-1).to(packed.device)].to(ids.device)  # (ids, blocks, bytes)
        return decode(chosen.flatten(0, 1), self.kind, dtype).reshape(*ids.shape, *self.shape[1:])

    @property
    def is_compact(self) -> bool:
        """All blocks are of nine bits a weight at most."""
        return True


@dataclass(frozen=True, slots=True, eq=False)
class SomeRows:
    """Some rows of a weight that is made for several layers together."""

    source: Source
    start: int
    stop: int

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The rows, and no others where the weight is made row by row."""
        import torch

        if isinstance(self.source, TableSource):
            return self.source.rows(torch.arange(self.start, self.stop, device=device), dtype)
        return self.source.weight(dtype, device)[self.start : self.stop]

    @property
    def is_compact(self) -> bool:
        """Whether all rows are."""
        return is_compact(self.source)


@dataclass(frozen=True, slots=True, eq=False)
class Stacked:
    """Several weights that are one: their rows, one after another."""

    sources: tuple[Source, ...]

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """All rows."""
        import torch

        return torch.cat([source.weight(dtype, device) for source in self.sources])

    @property
    def is_compact(self) -> bool:
        """Whether one of them is."""
        return any(map(is_compact, self.sources))


@dataclass(frozen=True, slots=True, eq=False)
class Transposed:
    """A matrix whose rows are another's columns."""

    source: Source

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The matrix."""
        return self.source.weight(dtype, device).T

    @property
    def is_compact(self) -> bool:
        """Whether the other matrix is."""
        return is_compact(self.source)


@dataclass(frozen=True, slots=True, eq=False)
class Reshaped:
    """A weight whose numbers stand in another shape."""

    source: Source
    shape: Shape

    def weight(self, dtype: torch.dtype, device: torch.device) -> Tensor:
        """The weight, in its own shape."""
        return self.source.weight(dtype, device).reshape(self.shape)

    @property
    def is_compact(self) -> bool:
        """Whether the other weight is."""
        return is_compact(self.source)
