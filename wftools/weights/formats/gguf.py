"""GGUF, versions 2 and 3: typed metadata, then a table of tensors, then their data. `weights.gguf` has the layout.

Written for files from strangers: nothing is believed to be there before the file's size says so, arrays of hundreds of
thousands of texts are passed over, and tensors neither overlap nor reach beyond the end.

A tensor has the shape that `comfy.gguf.orig_shape.NAME` gives it, where there is one: rows that are no whole blocks are
stored as others that are. A model in several files, NAME-00001-of-00003.gguf, is read as one.
"""

from __future__ import annotations

import math
import mmap
import re
import struct
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

from wftools.errors import InputError, Place, shown
from wftools.weights.faults import Doubt, ModelFileError
from wftools.weights.gguf import (
    ALIGNMENT,
    ALIGNMENT_KEY,
    ARCHITECTURE,
    ARRAY,
    BOOL,
    MAGIC,
    MAX_DIMENSIONS,
    NUMBERS,
    OF_ONE_FILE,
    ORIGINAL_SHAPE,
    PLAIN,
    SCALARS,
    SPLIT_COUNT,
    TEXT,
    U32,
    VERSION,
    Typed,
)
from wftools.weights.mapped import Mapped
from wftools.weights.quant.blocks import BLOCKS, stored_bytes
from wftools.weights.source import Blocks
from wftools.weights.tensorfile import Shape, TensorFile, TensorInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from wftools.values import Json

SUFFIXES: Final = (".gguf",)

MAX_HEADER_BYTES: Final = 100 * 10**6  # the largest vocabularies take 10
MAX_TEXT_BYTES: Final = 2**24
MAX_ENTRIES: Final = 2**18  # tensors, and values: the largest models have some thousand of each
MAX_SIZE: Final = 2**63  # elements; what counts them has 63 bits

_NAMES: Final = {number: name for name, number in PLAIN.items()} | {block.id: block.name for block in BLOCKS.values()}
_SMALLEST_VALUE: Final = 8 + 4 + 1  # bytes: no key, and one byte
_SMALLEST_TENSOR: Final = 8 + 4 + 4 + 8  # no name, no dimensions
_PART: Final = re.compile(r"(.*)-(\d{5})-of-(\d{5})", re.DOTALL)
_AGAIN: Final = "download or save the file again"

_U32: Final = struct.Struct("<I")
_U64: Final = struct.Struct("<Q")


def sniff(head: bytes) -> bool:
    """Whether a file starts with GGUF's four letters."""
    return head.startswith(MAGIC)


def open_file(path: Path) -> TensorFile:
    """Read the header, and those of a model's other files. Raises InputError with the offset."""
    parts = _parts(path)
    tensors: dict[str, TensorInfo] = {}
    for part in parts:
        for name, info in part.tensors.items():
            if name in tensors:
                message = f"tensor {shown(name)} is in two files"
                raise ModelFileError("GGUF_DUPLICATE", message, place=Place(str(part.path)))
            tensors[name] = info if len(parts) == 1 else replace(info, file=part.path)
    mapped = {part.path: Mapped(part.path) for part in parts}

    def read(name: str) -> Tensor:
        info = tensors[name]
        numbers = mapped[info.file or path].numbers
        if info.dtype in BLOCKS:
            return numbers(name, "U8", info.stop - info.start, info.start).reshape(-1, BLOCKS[info.dtype].bytes)
        return numbers(name, info.dtype, math.prod(info.shape), info.start).reshape(info.shape)

    return TensorFile(
        path,
        "gguf",
        tensors,
        {key: typed.told for key, typed in parts[0].entries.items() if not key.startswith((ORIGINAL_SHAPE, SCALARS))},
        read,
        {
            name: Blocks(partial(read, name), info.dtype, info.shape)
            for name, info in tensors.items()
            if info.dtype in BLOCKS
        },
        tuple(doubt for part in parts for doubt in part.doubts),
    )


def entries(path: Path) -> dict[str, Typed]:
    """The metadata with their types, but for those that hold for this file only. Raises InputError with the offset."""
    return {key: typed for key, typed in _parts(path)[0].entries.items() if not key.startswith(OF_ONE_FILE)}


@dataclass(frozen=True, slots=True)
class _Part:
    """One file: all of a model, or a part of it."""

    path: Path
    entries: dict[str, Typed]
    tensors: dict[str, TensorInfo]
    doubts: tuple[Doubt, ...]

    @property
    def count(self) -> int:
        """How many files the model has."""
        return _number(self.entries, SPLIT_COUNT, 1)


def _parts(path: Path) -> list[_Part]:
    """The files of a model, in order, by the name of one. Raises InputError if they are not there."""
    one = _read(path)
    if one.count == 1:
        return [one]
    named = _PART.fullmatch(one.path.stem)
    if named is None or int(named[3]) != one.count:
        message = f"the file is one of {one.count}, and its name does not say where the others are"
        raise ModelFileError(
            "INDEX_MISSING",
            message,
            place=Place(str(one.path)),
            hint=f"name the files NAME-00001-of-{one.count:05}.gguf and so on",
        )
    parts = []
    for number in range(1, one.count + 1):
        path = one.path.with_name(f"{named[1]}-{number:05}-of-{named[3]}{one.path.suffix}")
        if not path.is_file():
            message = f"{shown(path.name)}, another file of the model, is not there"
            raise ModelFileError("INDEX_MISSING", message, place=Place(str(one.path)))
        part = one if path == one.path else _read(path)
        if part.count != one.count:
            message = f"the file is said to be one of {part.count}, and {shown(one.path.name)} one of {one.count}"
            raise ModelFileError("GGUF_META", message, place=Place(str(path)))
        parts.append(part)
    return parts


def _read(path: Path) -> _Part:
    """The header of one file. Raises InputError."""
    try:
        with path.open("rb") as file:
            head = file.read(len(MAGIC))
            if not head:
                raise ModelFileError("EMPTY", "the file is empty", hint=_AGAIN)
            if not MAGIC.startswith(head):
                raise ModelFileError("GGUF_MAGIC", "the file does not start with GGUF", offset=0, hint=_AGAIN)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _parsed(path, data)
    except InputError as error:
        error.place = error.place or Place(str(path))
        raise
    except OSError as error:
        raise ModelFileError("UNREADABLE", f"cannot be read: {error.strerror}", place=Place(str(path))) from error


def _parsed(path: Path, data: mmap.mmap) -> _Part:
    header = _Header(data)
    _check_version(header.number(_U32))
    tensor_count = header.count(_SMALLEST_TENSOR, "tensors")
    entries, doubts = header.entries(header.count(_SMALLEST_VALUE, "values"))
    described = header.tensors(tensor_count)
    alignment = _number(entries, ALIGNMENT_KEY, ALIGNMENT)
    scalars = _scalars(entries)
    start = _aligned(header.at, alignment)
    tensors: dict[str, TensorInfo] = {}
    for name, each in described.items():
        info = _placed(name, each, start, alignment, len(data))
        tensors[name] = replace(info, shape=_original_shape(name, each, entries, scalars))
        if 0 in info.shape:
            doubts.append(Doubt("EMPTY_TENSOR", f"tensor {shown(name)} has no elements", each.at))
    doubts += _gaps(tensors, start, alignment, len(data))
    return _Part(path, entries, tensors, tuple(doubts))


@dataclass(frozen=True, slots=True)
class _Described:
    """A tensor as the header has it."""

    at: int  # where its entry starts
    dtype: str
    shape: Shape  # as stored, in torch's order
    offset: int


class _Header:
    """A header from its start on; nothing is read that is not there."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.at = len(MAGIC)
        self.end = min(len(data), MAX_HEADER_BYTES)

    def need(self, count: int, size: int = 1) -> None:
        """Raise ModelFileError if there are not so many things of a size."""
        if count * size <= self.end - self.at:
            return
        if self.end < len(self.data):
            _refuse("TOO_LARGE", f"the header has more than {MAX_HEADER_BYTES:,} bytes", self.at)
        needed = f"{count:,} bytes" if size == 1 else f"{count:,} times {size} bytes or more"
        _refuse("GGUF_TRUNCATED", f"the file has {len(self.data):,} bytes; {needed} should follow", self.at)

    def number(self, of: struct.Struct) -> int:
        """The next whole number."""
        self.need(of.size)
        (number,) = of.unpack_from(self.data, self.at)
        self.at += of.size
        return int(number)

    def count(self, size: int, what: str) -> int:
        """How many entries of some bytes or more there are said to be."""
        count = self.number(_U64)
        if count > MAX_ENTRIES:
            code = "GGUF_COUNT" if count * size > len(self.data) - self.at else "TOO_LARGE"
            _refuse(code, f"the header says that it has {count:,} {what}", self.at - _U64.size)
        return count

    def text(self, what: str) -> str:
        """The next text, which must be UTF-8."""
        length = self.number(_U64)
        self.need(length)
        content = self.data[self.at : self.at + length]
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            _refuse("BAD_UTF8", f"{what} is not UTF-8", self.at + error.start)
        self.at += length
        return text

    def entries(self, count: int) -> tuple[dict[str, Typed], list[Doubt]]:
        """The next values by key."""
        entries: dict[str, Typed] = {}
        doubts: list[Doubt] = []
        for _ in range(count):
            at = self.at
            key = self.text("a key")
            if key in entries:
                _refuse("GGUF_DUPLICATE", f"the key {shown(key)} is there twice", at)
            entries[key] = self.typed(key)
            _check_known(key, entries[key], at)
            if not entries[key].is_utf8:
                doubts.append(Doubt("BAD_UTF8", f"the value of {shown(key)} is not UTF-8", at))
        return entries, doubts

    def typed(self, key: str) -> Typed:
        """The next value."""
        of = self.number(_U32)
        start = self.at
        if of == ARRAY:
            each = self.number(_U32)
            if each == ARRAY:
                _refuse("GGUF_DEPTH", f"the value of {shown(key)} has arrays in an array", start)
            self.pass_over(each, self.number(_U64), key)
        else:
            self.pass_over(of, 1, key)
        return Typed(of, self.data[start : self.at])

    def pass_over(self, of: int, count: int, key: str) -> None:
        """Go behind so many values of a type, which are checked, and not made."""
        start = self.at
        if of == TEXT:
            self.need(count, _U64.size)
            unpack, data, at = _U64.unpack_from, self.data, self.at
            try:
                for _ in range(count):
                    (length,) = unpack(data, at)
                    at += _U64.size + length
            except (struct.error, OverflowError, IndexError):  # the last length leads beyond the end
                at = self.end + 1
            self.need(at - start)
            if count == 1 and at - start > MAX_TEXT_BYTES:
                _refuse("TOO_LARGE", f"the value of {shown(key)} has more than {MAX_TEXT_BYTES:,} bytes", start)
            self.at = at
            return
        if of not in NUMBERS:
            _refuse("GGUF_SYNTAX", f"the value of {shown(key)} has the unknown type {of}", start)
        size = struct.calcsize(NUMBERS[of])
        self.need(count, size)
        self.at += count * size
        if of == BOOL and self.data[start : self.at].strip(b"\0\1"):
            _refuse("GGUF_SYNTAX", f"the value of {shown(key)} is neither true nor false", start)

    def tensors(self, count: int) -> dict[str, _Described]:
        """The next tensors by name."""
        tensors: dict[str, _Described] = {}
        for _ in range(count):
            at = self.at
            name = self.text("the name of a tensor")
            if name in tensors:
                _refuse("GGUF_DUPLICATE", f"two tensors have the name {shown(name)}", at)
            dimensions = self.number(_U32)
            if dimensions > MAX_DIMENSIONS:
                _refuse("TENSOR_DIMS", f"tensor {shown(name)} has {dimensions:,} dimensions", at)
            shape = tuple(self.number(_U64) for _ in range(dimensions))[::-1]
            if math.prod(filter(None, shape)) >= MAX_SIZE:
                _refuse("TENSOR_BOUNDS", f"tensor {shown(name)} has the shape {shown(list(shape))}", at)
            number = self.number(_U32)
            if number not in _NAMES:
                _refuse("GGUF_DTYPE", f"tensor {shown(name)} has the unknown type {number}", at)
            tensors[name] = _Described(at, _NAMES[number], shape, self.number(_U64))
        return tensors


def _refuse(code: str, message: str, offset: int) -> NoReturn:
    hint = _AGAIN if code in ("GGUF_TRUNCATED", "GGUF_SYNTAX", "GGUF_COUNT") else None
    raise ModelFileError(code, message, offset=offset, hint=hint)


def _check_version(version: int) -> None:
    if version in (2, VERSION):
        return
    at = len(MAGIC)
    if not version & 0xFFFF:
        _refuse("GGUF_VERSION", "the file is GGUF for machines with their bytes in another order (big-endian)", at)
    _refuse("GGUF_VERSION", f"the file is GGUF of version {version}; versions 2 and {VERSION} are read", at)


def _check_known(key: str, typed: Typed, at: int) -> None:
    """Raise ModelFileError for a value that readers go by, and cannot."""
    if key == ARCHITECTURE and typed.type != TEXT:
        _refuse("GGUF_META", f"{key} is {shown(typed.value)}, expected a text", at)
    if key == ALIGNMENT_KEY:
        alignment = typed.integers[0] if typed.type == U32 and typed.integers else 0
        if not alignment or alignment & (alignment - 1):
            _refuse("GGUF_META", f"{key} is {shown(typed.value)}, expected a power of two in 32 bits", at)
    if key == SPLIT_COUNT and (typed.type == ARRAY or not typed.integers or typed.integers[0] < 1):
        _refuse("GGUF_META", f"{key} is {shown(typed.value)}, expected a number of files", at)


def _placed(name: str, each: _Described, start: int, alignment: int, size: int) -> TensorInfo:
    """Where a tensor stands in the file. Raises ModelFileError if it cannot stand there."""
    block = BLOCKS.get(each.dtype)
    if block and (not each.shape or each.shape[-1] % block.elements):
        message = f"tensor {shown(name)} of the shape {list(each.shape)} has rows that are no blocks of {each.dtype}"
        _refuse("TENSOR_BOUNDS", message, each.at)
    if each.offset % alignment:
        message = f"the offset of tensor {shown(name)}, {each.offset:,}, is no multiple of {alignment:,}"
        _refuse("GGUF_LAYOUT", message, each.at)
    first = start + each.offset
    last = first + stored_bytes(each.dtype, each.shape)
    if last > size:
        message = f"tensor {shown(name)} ends at byte {last:,}, the file has {size:,}"
        _refuse("GGUF_TRUNCATED", message, each.at)
    return TensorInfo(each.dtype, each.shape, first, last)


def _original_shape(name: str, each: _Described, entries: Mapping[str, Typed], scalars: frozenset[Json]) -> Shape:
    """The shape that a tensor is to be given. Raises ModelFileError if it has another number of elements."""
    told = entries.get(ORIGINAL_SHAPE + name)
    if told is None:
        return () if each.shape == (1,) and name in scalars else each.shape
    shape = told.integers if told.type == ARRAY else None
    if shape is None or len(shape) > MAX_DIMENSIONS or min(shape, default=0) < 0:
        _refuse("ORIG_SHAPE", f"the original shape of tensor {shown(name)} is {shown(told.value)}", each.at)
    if math.prod(shape) != math.prod(each.shape):
        message = f"tensor {shown(name)} of the shape {list(each.shape)} cannot be given the shape {list(shape)}"
        _refuse("ORIG_SHAPE", message, each.at)
    return shape


def _scalars(entries: Mapping[str, Typed]) -> frozenset[Json]:
    """Names of tensors that are to have no dimension."""
    told = entries[SCALARS].value if SCALARS in entries else []
    return frozenset(name for name in told if isinstance(name, str)) if isinstance(told, list) else frozenset()


def _gaps(tensors: Mapping[str, TensorInfo], start: int, alignment: int, size: int) -> list[Doubt]:
    """A doubt where bytes of the data belong to no tensor. Raises ModelFileError if some belong to two."""
    reached, gaps = start, []
    for name, info in sorted(tensors.items(), key=lambda item: (item[1].start, item[1].stop)):
        if info.start < reached and info.stop > info.start:
            _refuse("GGUF_LAYOUT", f"tensor {shown(name)} overlaps another", info.start)
        if info.start > (expected := _aligned(reached, alignment)):
            gaps.append((expected, info.start))
        reached = max(reached, info.stop)
    if size > (expected := _aligned(reached, alignment)):
        gaps.append((expected, size))
    total = sum(last - first for first, last in gaps)
    return [Doubt("GGUF_GAP", f"{total:,} bytes belong to no tensor", gaps[0][0])] if gaps else []


def _number(entries: Mapping[str, Typed], key: str, default: int) -> int:
    numbers = entries[key].integers if key in entries else None
    return numbers[0] if numbers else default


def _aligned(offset: int, alignment: int) -> int:
    return -(-offset // alignment) * alignment
