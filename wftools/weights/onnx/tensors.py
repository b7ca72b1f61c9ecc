"""Stored tensors: what they are called, their type and shape, and where their numbers are, as many as is said."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from wftools.errors import shown
from wftools.weights.faults import ModelFileError
from wftools.weights.onnx.beside import entries_of, find_beside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wftools.weights.onnx.wire import Message, Span, Wire

MAX_DIMENSIONS: Final = 8  # windows of attention have six; TensorRT stops at eight, too
MAX_NUMBERS: Final = 64  # of a tensor whose numbers may say how large another is

_EXTERNAL: Final = 1  # where the data is, in ONNX's numbers


class Element(NamedTuple):
    """A type of elements: the name that messages have for it, its bits, and the field of numbers that are not raw."""

    name: str
    bits: int
    field: str
    each: int = 1  # numbers of that field an element
    stored: str | None = None  # as in `TensorInfo`; None: torch has no such type


_I32: Final = "int32_data"

# ONNX's number -> type.
ELEMENTS: Final[Mapping[int, Element]] = {
    1: Element("FLOAT", 32, "float_data", stored="F32"),
    2: Element("UINT8", 8, _I32, stored="U8"),
    3: Element("INT8", 8, _I32, stored="I8"),
    4: Element("UINT16", 16, _I32, stored="U16"),
    5: Element("INT16", 16, _I32, stored="I16"),
    6: Element("INT32", 32, _I32, stored="I32"),
    7: Element("INT64", 64, "int64_data", stored="I64"),
    8: Element("STRING", 0, "string_data"),
    9: Element("BOOL", 8, _I32, stored="BOOL"),
    10: Element("FLOAT16", 16, _I32, stored="F16"),
    11: Element("DOUBLE", 64, "double_data", stored="F64"),
    12: Element("UINT32", 32, "uint64_data", stored="U32"),
    13: Element("UINT64", 64, "uint64_data", stored="U64"),
    14: Element("COMPLEX64", 64, "float_data", each=2, stored="C64"),
    15: Element("COMPLEX128", 128, "double_data", each=2),
    16: Element("BFLOAT16", 16, _I32, stored="BF16"),
    17: Element("FLOAT8E4M3FN", 8, _I32, stored="F8_E4M3"),
    18: Element("FLOAT8E4M3FNUZ", 8, _I32),
    19: Element("FLOAT8E5M2", 8, _I32, stored="F8_E5M2"),
    20: Element("FLOAT8E5M2FNUZ", 8, _I32),
    21: Element("UINT4", 4, _I32),
    22: Element("INT4", 4, _I32),
    23: Element("FLOAT4E2M1", 4, _I32),
    24: Element("FLOAT8E8M0", 8, _I32, stored="F8_E8M0"),
    25: Element("UINT2", 2, _I32),
    26: Element("INT2", 2, _I32),
    27: Element("FLOAT6E2M3", 6, _I32),
    28: Element("FLOAT6E3M2", 6, _I32),
}
STRING: Final = 8
FLOATING: Final = frozenset({1, 10, 11, 14, 15, 16, 17, 18, 19, 20, 23, 24, 27, 28})

# The bytes of a number in fields where all have as many; in the others they are varints.
_FIXED: Final = {"float_data": 4, "double_data": 8}
_FIELDS: Final = ("float_data", "int32_data", "string_data", "int64_data", "double_data", "uint64_data")
_LITTLE: Final = {
    1: "<f",
    2: "<B",
    3: "<b",
    4: "<H",
    5: "<h",
    6: "<i",
    7: "<q",
    9: "<?",
    10: "<e",
    11: "<d",
    12: "<I",
    13: "<Q",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """One tensor of a file."""

    name: str
    kind: int  # one of `ELEMENTS`
    shape: tuple[int, ...]
    start: int  # where its numbers stand
    stop: int
    file: Path | None  # beside the model; None: in it
    field: str  # what they stand in: "raw_data", "float_data" …
    is_plain: bool  # they are its numbers in order, as memory has them
    at: int  # where the tensor stands in the model
    message: Message

    @property
    def element(self) -> Element:
        """Its type."""
        return ELEMENTS[self.kind]

    @property
    def elements(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)


def read_tensor(message: Message, wire: Wire, folder: Path) -> Stored:
    """What is said of a tensor, checked. Raises ModelFileError if its numbers are not there, or not as many."""
    name, kind, at = message.text("name"), message.number("data_type"), message.start
    if kind not in ELEMENTS:
        raise ModelFileError("ONNX_DTYPE", f"tensor {shown(name)} has the unknown type {kind}", offset=at)
    shape = read_shape(message, name)
    element, elements = ELEMENTS[kind], math.prod(shape)
    needed = -(-elements * element.bits // 8)
    if message.has("segment"):
        raise ModelFileError(
            "ONNX_SYNTAX", f"tensor {shown(name)} is a segment of another, which is not read", offset=at
        )
    raw, told = message.span("raw_data"), [field for field in _FIELDS if message.has(field)]
    entries = entries_of(message)
    if entries or message.number("data_location") == _EXTERNAL:
        if message.number("data_location") != _EXTERNAL or raw is not None or told:
            problem = f"tensor {shown(name)} has its data both in the model and beside it"
            raise ModelFileError("ONNX_EXT_KEY", problem, offset=at)
        beside = find_beside(entries, folder, needed)
        return Stored(name, kind, shape, beside.start, beside.stop, beside.file, "raw_data", True, at, message)
    if raw is not None and not told and kind != STRING:
        _check_count(name, "bytes", raw[1] - raw[0], needed, at)
        return Stored(name, kind, shape, *raw, None, "raw_data", True, at, message)
    if raw is not None or any(field != element.field for field in told):
        problem = f"tensor {shown(name)} of type {element.name} has its numbers in {' and '.join(told) or 'raw_data'}"
        raise ModelFileError("ONNX_SIZE", f"{problem}, expected {element.field} or raw_data alone", offset=at)
    wanted = -(-elements * element.bits // 8) if 0 < element.bits < 8 else elements * element.each
    _check_count(name, "numbers", _count(message, element.field, wire), wanted, at)
    rows = message.spans(element.field)
    start, stop = (rows[0][0], rows[-1][1]) if rows else (at, at)
    is_plain = not elements or (len(rows) == 1 and element.field in _FIXED)
    return Stored(name, kind, shape, start, stop, None, element.field, is_plain, at, message)


def read_shape(message: Message, name: str) -> tuple[int, ...]:
    """The shape of a tensor. Raises ModelFileError for one that no tensor has."""
    dims = message.numbers("dims", 1000)
    if len(dims) > MAX_DIMENSIONS:
        raise ModelFileError("TENSOR_DIMS", f"tensor {shown(name)} has {len(dims)} dimensions", offset=message.start)
    if any(size < 0 for size in dims):
        problem = f"tensor {shown(name)} has the shape {shown(dims)}, expected sizes from 0"
        raise ModelFileError("ONNX_SIZE", problem, offset=message.start)
    return tuple(dims)


def _check_count(name: str, what: str, given: int, needed: int, at: int) -> None:
    if given != needed:
        raise ModelFileError(
            "ONNX_SIZE",
            f"tensor {shown(name)} has {given:,} {what}, its shape and type need {shown(needed)}",
            offset=at,
            hint="download or save the file again",
        )


def _count(message: Message, field: str, wire: Wire) -> int:
    """How many numbers a field has, one by one or in rows."""
    count = 0
    for value in message.values(field):
        if isinstance(value, int) or field == "string_data":
            count += 1
        elif field in _FIXED:
            size = value[1] - value[0]
            if size % _FIXED[field]:
                raise ModelFileError("ONNX_SYNTAX", f"{field} ends within a number", offset=value[0])
            count += size // _FIXED[field]
        else:
            count += wire.count_varints(value)
    return count


def few_numbers(stored: Stored, wire: Wire) -> tuple[float, ...] | None:
    """The numbers of a small tensor; None for a large one, or one of texts or of a rare type."""
    code = _LITTLE.get(stored.kind)
    if code is None or stored.elements > MAX_NUMBERS:
        return None
    if stored.field == "raw_data":
        size = struct.calcsize(code)
        content = _content(stored, wire)
        return tuple(struct.unpack_from(code, content, index * size)[0] for index in range(stored.elements))
    if stored.field in _FIXED:
        code, size = ("<f", 4) if _FIXED[stored.field] == 4 else ("<d", 8)
        content = b"".join(wire.data[slice(*value)] for value in _spans(stored))
        return tuple(struct.unpack_from(code, content, index * size)[0] for index in range(stored.elements))
    numbers = stored.message.numbers(stored.field, MAX_NUMBERS)
    if stored.element.name == "FLOAT16":
        return tuple(struct.unpack("<e", (number & 0xFFFF).to_bytes(2, "little"))[0] for number in numbers)
    return tuple(numbers)


def _content(stored: Stored, wire: Wire) -> bytes:
    if stored.file is None:
        return wire.data[stored.start : stored.stop]
    with stored.file.open("rb") as file:
        file.seek(stored.start)
        content = file.read(stored.stop - stored.start)
    return content.ljust(stored.stop - stored.start, b"\0")


def _spans(stored: Stored) -> list[Span]:
    return stored.message.spans(stored.field)
