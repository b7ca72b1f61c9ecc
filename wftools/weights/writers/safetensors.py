"""Safetensors files: `weights.formats.safetensors` says what is in them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from wftools.weights.formats.safetensors import MAX_DIMENSIONS, SUFFIXES
from wftools.weights.gguf import as_text
from wftools.weights.mapped import DTYPES
from wftools.weights.writers import by_name, put

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    from wftools.weights.gguf import Metadata
    from wftools.weights.tensorfile import Shape
    from wftools.weights.writers import Outgoing

__all__ = ["SUFFIXES", "header", "holds", "in_order", "write"]

ALIGNMENT: Final = 8  # of the data, which readers map into memory

_LENGTH_BYTES: Final = 8


def holds(dtype: str, shape: Shape) -> bool:
    """Whether a tensor is of a plain type."""
    return dtype in DTYPES and len(shape) <= MAX_DIMENSIONS


def write(stream: BinaryIO, tensors: Sequence[Outgoing], metadata: Metadata) -> None:
    """Write a whole file, wider types first."""
    named = by_name(tensors)
    described = {name: (each.dtype, each.shape) for name, each in named.items()}
    stream.write(header(described, {key: as_text(value) for key, value in metadata.items()}))
    for name in in_order(described):
        put(stream, named[name])


def in_order(described: Mapping[str, tuple[str, Shape]]) -> list[str]:
    """The names of tensors, each a type and a shape, as a file has them: wider types first, so that each is aligned."""
    return sorted(described, key=lambda name: (-DTYPES[described[name][0]][0], name))


def header(described: Mapping[str, tuple[str, Shape]], metadata: Mapping[str, str]) -> bytes:
    """What stands before the data of a file, whose tensors follow `in_order`."""
    table: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    offset = 0
    for name in in_order(described):
        dtype, shape = described[name]
        size = math.prod(shape) * DTYPES[dtype][0]
        table[name] = {"dtype": dtype, "shape": shape, "data_offsets": (offset, offset + size)}
        offset += size
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return len(text).to_bytes(_LENGTH_BYTES, "little") + text
