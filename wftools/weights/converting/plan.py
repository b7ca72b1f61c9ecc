"""What becomes of each tensor of a file. No torch: a plan can be shown before anything is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftools.weights.quant.blocks import stored_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.gguf import Metadata
    from wftools.weights.tensorfile import Shape, TensorFile


@dataclass(frozen=True, slots=True)
class Planned:
    """One tensor of the new file."""

    name: str  # in the new file
    source: str  # in the old one
    dtype: str  # in the new file, as in `TensorInfo`
    shape: Shape  # in the new file: the old one, or of as many elements
    why: str = ""  # a reason to tell: "asked for", "one dimension", "rows of 320 are no blocks of 256"
    joined: tuple[str, ...] = ()  # more tensors of the old file, whose numbers come after those of `source`
    scale: str | None = None  # the tensor of `Plan.file` that its numbers are to be multiplied with

    @property
    def sources(self) -> tuple[str, ...]:
        """All tensors of the old file that are in it, in order."""
        return (self.source, *self.joined)

    @property
    def size(self) -> int:
        """Its bytes."""
        return stored_bytes(self.dtype, self.shape)


@dataclass(frozen=True, slots=True)
class Plan:
    """A new file, as it is going to be."""

    file: TensorFile
    format: str  # the module of `weights.writers` that writes it
    tensors: tuple[Planned, ...]
    metadata: Metadata = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)  # name in the old file -> why

    @property
    def size(self) -> int:
        """The bytes of all tensors."""
        return sum(each.size for each in self.tensors)
