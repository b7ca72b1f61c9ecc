"""The numbers of small tensors, without torch: scales, alphas, a bias that tells something."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError
from wftools.weights.mapped import DTYPES
from wftools.weights.tensorfile import MAX_RAW_BYTES

if TYPE_CHECKING:
    from wftools.weights.tensorfile import TensorFile

# safetensors' name -> struct's letter
_LETTERS: Final = {
    "F64": "d",
    "F32": "f",
    "F16": "e",
    "I64": "q",
    "I32": "i",
    "I16": "h",
    "I8": "b",
    "U8": "B",
    "BOOL": "B",
}
_BFLOAT16: Final = "BF16"


def numbers_of(file: TensorFile, name: str) -> tuple[float, ...]:
    """The numbers of a tensor; none of one that is large, of a type that is not read here, or cannot be read."""
    info = file.tensors[name]
    letter = _LETTERS.get(info.dtype)
    if not info.is_plain or info.stop - info.start > MAX_RAW_BYTES or not (letter or info.dtype == _BFLOAT16):
        return ()
    try:
        data = file.raw(name)
    except (InputError, OSError):
        return ()
    size = DTYPES[info.dtype][0]
    data = data[: len(data) - len(data) % size]
    if letter is None:  # the upper half of a float32
        data, letter, size = b"".join(b"\0\0" + data[at : at + 2] for at in range(0, len(data), 2)), "f", 4
    return tuple(map(float, struct.unpack(f"<{len(data) // size}{letter}", data)))
