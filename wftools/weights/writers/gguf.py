"""GGUF files, version 3: `weights.gguf` says what is in them.

A tensor in blocks whose rows are no whole blocks is stored with rows of 256 elements, or of one block, if it is of as
many elements: what shape it is to be given stands in the metadata, where ComfyUI-GGUF looks for it. Tensors of more
than four dimensions are written as they are; gguf-py and ComfyUI-GGUF read them, ggml does not. Both fail on a BF16
tensor without dimensions, so that is stored as a row of one element, and its name stands in the metadata.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, shown
from wftools.weights.formats.gguf import SUFFIXES
from wftools.weights.gguf import (
    ALIGNMENT,
    MAGIC,
    MAX_DIMENSIONS,
    OF_ONE_FILE,
    ORIGINAL_SHAPE,
    PLAIN,
    SCALARS,
    VERSION,
    Typed,
    text,
)
from wftools.weights.quant.blocks import BLOCKS, fits, stored_bytes
from wftools.weights.writers import by_name, put

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from wftools.weights.gguf import Metadata
    from wftools.weights.tensorfile import Shape
    from wftools.weights.writers import Outgoing

__all__ = ["SUFFIXES", "holds", "stored_shape", "write"]

MAX_NAME_BYTES: Final = 127  # stable-diffusion.cpp's and ComfyUI-GGUF's limit; llama.cpp's is 63
ROW: Final = 256  # elements of a row that is made: whole blocks of nearly every type

_OURS: Final = (
    ORIGINAL_SHAPE,
    SCALARS,
)  # what is said of the file itself, or of the one that it was


def holds(dtype: str, shape: Shape) -> bool:
    """Whether a tensor is of one of the plain types that GGUF has, or its elements are whole blocks."""
    is_whole = dtype in BLOCKS and math.prod(shape) % BLOCKS[dtype].elements == 0
    return len(shape) <= MAX_DIMENSIONS and (dtype in PLAIN or is_whole)


def stored_shape(dtype: str, shape: Shape) -> Shape:
    """The shape that stands in the header for a tensor that the format holds."""
    if dtype == "BF16" and not shape:
        return (1,)
    if fits(dtype, shape):
        return shape
    elements = math.prod(shape)
    row = ROW if elements % ROW == 0 else BLOCKS[dtype].elements
    return (elements // row, row)


def write(stream: BinaryIO, tensors: Sequence[Outgoing], metadata: Metadata) -> None:
    """Write a whole file, its tensors in the order given. Raises InputError for a name that is too long."""
    named = by_name(tensors)
    shapes = {name: stored_shape(each.dtype, each.shape) for name, each in named.items()}
    values = {key: value for key, value in metadata.items() if not key.startswith(OF_ONE_FILE)}
    changed = {name: each.shape for name, each in named.items() if each.shape != shapes[name]}
    values |= {ORIGINAL_SHAPE + name: [*shape] for name, shape in changed.items() if shape}
    if scalars := [name for name, shape in changed.items() if not shape]:
        values[SCALARS] = [*scalars]
    head = [MAGIC, struct.pack("<IQQ", VERSION, len(named), len(values))]
    for key, value in values.items():
        typed = value if isinstance(value, Typed) else Typed.of(value)
        head += [text(key), struct.pack("<I", typed.type), typed.raw]
    offset = 0
    for name, each in named.items():
        sizes = shapes[name][::-1]
        kind = PLAIN[each.dtype] if each.dtype in PLAIN else BLOCKS[each.dtype].id
        head += [_name(name), struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset)]
        offset += _aligned(stored_bytes(each.dtype, each.shape))
    written = stream.write(b"".join(head))
    stream.write(bytes(_aligned(written) - written))
    for each in named.values():
        put(stream, each)
        size = stored_bytes(each.dtype, each.shape)
        stream.write(bytes(_aligned(size) - size))


def _name(name: str) -> bytes:
    raw = text(name)
    if len(raw) - len(text("")) > MAX_NAME_BYTES:
        raise InputError(
            f"tensor {shown(name)} has a name of more than {MAX_NAME_BYTES} bytes, which readers of GGUF do not take",
            hint="write a .safetensors file",
        )
    return raw


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
