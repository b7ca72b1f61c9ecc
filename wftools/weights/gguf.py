"""What readers and writers of GGUF share: its types, and the typed values of its metadata. No torch.

    "GGUF"  u32 version  u64 tensors  u64 values      little-endian throughout
    each value:   text key, u32 type, the value
    each tensor:  text name, u32 dimensions, u64 sizes[dimensions], u32 type, u64 offset
    zeros up to a multiple of the alignment, then the tensors' data, each at a multiple of it; offsets count from there

A text is a u64 of its length in bytes, and UTF-8. An array is the u32 type of its elements, their u64 count, and the
elements. Sizes stand with the fastest dimension first, the reverse of torch's.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.values import Json

MAGIC: Final = b"GGUF"
VERSION: Final = 3  # version 2 is laid out alike

ALIGNMENT: Final = 32  # where the metadata has no other
ALIGNMENT_KEY: Final = "general.alignment"
ARCHITECTURE: Final = "general.architecture"
ORIGINAL_SHAPE: Final = "comfy.gguf.orig_shape."  # + a tensor's name: an array with the shape that it is to be given
SCALARS: Final = "wftools.scalars"  # names of tensors that have one element and no dimension, and stand as rows of one
SPLIT_COUNT: Final = "split.count"
SPLIT: Final = "split."  # what is said of a model in several files
OF_ONE_FILE: Final = (
    ALIGNMENT_KEY,
    ORIGINAL_SHAPE,
    SCALARS,
    SPLIT,
)  # starts of keys that say how a file has its tensors

MAX_DIMENSIONS: Final = 8  # ggml has four, ComfyUI-GGUF five

# Plain types by safetensors' names; those in blocks are in `quant.blocks`.
PLAIN: Final[Mapping[str, int]] = {
    "F32": 0,
    "F16": 1,
    "I8": 24,
    "I16": 25,
    "I32": 26,
    "I64": 27,
    "F64": 28,
    "BF16": 30,
}

# The types of values.
U32: Final = 4
I32: Final = 5
F32: Final = 6
BOOL: Final = 7
TEXT: Final = 8
ARRAY: Final = 9
U64: Final = 10
I64: Final = 11
F64: Final = 12

# Types of one size -> how `struct` names them.
NUMBERS: Final[Mapping[int, str]] = dict(
    zip((0, 1, 2, 3, U32, I32, F32, BOOL, U64, I64, F64), "BbHhIif?Qqd", strict=True)
)
INTEGERS: Final = frozenset(NUMBERS) - {F32, F64, BOOL}

# Of an array, as a vocabulary may have hundreds of thousands of words:
_MOST_SHOWN: Final = 32  # elements that are told
_MOST_CHECKED: Final = 2**12  # texts of which it is seen whether they are UTF-8

_LENGTH: Final = struct.Struct("<Q")
_ARRAY: Final = struct.Struct("<IQ")


@dataclass(frozen=True, slots=True)
class Typed:
    """A value of the metadata with its type, as a file has it: what goes from file to file unchanged."""

    type: int
    raw: bytes

    @property
    def value(self) -> Json:
        """The value itself. Bytes of a text that are not UTF-8 are escaped."""
        return list(self._elements()) if self.type == ARRAY else next(_values(self.raw, self.type, 0))

    @property
    def integers(self) -> tuple[int, ...] | None:
        """The value as whole numbers, be it one or an array of them; None if it is anything else."""
        of, start = (_ARRAY.unpack_from(self.raw)[0], _ARRAY.size) if self.type == ARRAY else (self.type, 0)
        if of not in INTEGERS:
            return None
        size = struct.calcsize(NUMBERS[of])
        return struct.unpack_from(f"<{(len(self.raw) - start) // size}{NUMBERS[of]}", self.raw, start)

    @property
    def told(self) -> str:
        """The value for a person, or a table of texts: a text as it is, others as JSON, of a long array its start."""
        if self.type != ARRAY:
            return as_text(self.value)
        _, count = _ARRAY.unpack_from(self.raw)
        more = [f"… {count - _MOST_SHOWN:,} more"] if count > _MOST_SHOWN else []
        return as_text([*islice(self._elements(), _MOST_SHOWN), *more])

    @property
    def is_utf8(self) -> bool:
        """Whether a text is; of a long array the start is looked at."""
        try:
            if self.type == TEXT:
                self.raw[_LENGTH.size :].decode()
            elif self.type == ARRAY and _ARRAY.unpack_from(self.raw)[0] == TEXT:
                for each in islice(_texts(self.raw, _ARRAY.size), _MOST_CHECKED):
                    each.decode()
        except UnicodeDecodeError:
            return False
        return True

    def _elements(self) -> Iterator[Json]:
        of, count = _ARRAY.unpack_from(self.raw)
        return _values(self.raw, of, _ARRAY.size) if count else iter(())

    @classmethod
    def of(cls, value: Json) -> Typed:
        """A value as GGUF has it: numbers in 32 bits where they fit, and as JSON what it has no form for."""
        if isinstance(value, str):
            return cls(TEXT, text(value))
        if isinstance(value, list):
            if all(isinstance(each, str) for each in value):
                return cls(ARRAY, _ARRAY.pack(TEXT, len(value)) + b"".join(text(str(each)) for each in value))
            if (of := _fitting(value, (I32, I64, U64))) is not None:
                return cls(ARRAY, _ARRAY.pack(of, len(value)) + struct.pack(f"<{len(value)}{NUMBERS[of]}", *value))
        elif (of := _fitting([value], (U32, I32, I64, U64))) is not None:
            return cls(of, struct.pack(f"<{NUMBERS[of]}", value))
        return cls(TEXT, text(json.dumps(value)))


Metadata: TypeAlias = "Mapping[str, Json | Typed]"
"""What a file is to say of itself, by key."""


def as_text(value: Json | Typed) -> str:
    """A value where metadata are texts: a text as it is, others as JSON."""
    if isinstance(value, Typed):
        value = value.value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _values(raw: bytes, of: int, start: int) -> Iterator[Json]:
    if of == TEXT:
        return (each.decode(errors="backslashreplace") for each in _texts(raw, start))
    return (value for (value,) in struct.iter_unpack(f"<{NUMBERS[of]}", memoryview(raw)[start:]))


def _texts(raw: bytes, at: int) -> Iterator[bytes]:
    while at < len(raw):
        (length,) = _LENGTH.unpack_from(raw, at)
        yield raw[at + _LENGTH.size : (at := at + _LENGTH.size + length)]


def text(value: str) -> bytes:
    """A text as a file has it."""
    content = value.encode(errors="backslashreplace")  # half of a surrogate pair is no UTF-8
    return _LENGTH.pack(len(content)) + content


def _fitting(values: Sequence[Json], integers: Sequence[int]) -> int | None:
    """The type that has all of some numbers, that of whole ones out of some; None if there is none."""
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return BOOL
    for of in integers if kinds == {int} else (F32, F64) if kinds == {float} else ():
        try:
            struct.pack(f"<{len(values)}{NUMBERS[of]}", *values)
        except (struct.error, OverflowError):
            continue
        return of
    return None
