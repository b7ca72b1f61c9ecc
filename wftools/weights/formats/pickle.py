"""Torch's own files (.ckpt, .pt, .pth, .bin), without running what is in them.

    archive   a ZIP whose members are stored as they are: NAME/data.pkl, a pickle of tables of tensors, and
              NAME/data/KEY, the numbers of each storage
    legacy    before torch 1.6: pickles in a row (a magic number, a version, a table about the machine, the tables of
              tensors, the keys of the storages), then for each storage how many numbers, and these

The pickles are read as symbols (`weights.symbols`). A tensor is a view of a storage: where it starts, and how far apart
its rows are; a view that reaches beyond its storage, or repeats numbers, is refused.

Names of tensors are the keys of the table `state_dict`, if there is one, or of the only table; else of all tables, with
dots between the keys. Plain values become metadata: texts as they are, others as JSON.
"""

from __future__ import annotations

import io
import json
import math
import operator
import os
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import InputError, LimitError, Place, shown
from wftools.weights import symbols
from wftools.weights.mapped import DTYPES, Mapped
from wftools.weights.symbols import Named, Rebuilt
from wftools.weights.tensorfile import TensorFile, TensorInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from torch import Tensor

SUFFIXES: Final = (".ckpt", ".pt", ".pth", ".bin", ".pkl")

ARCHIVE: Final = b"PK\x03\x04"
MAGIC: Final = 0x1950A86A20F9469CFC6C  # the first value of a legacy file
LEGACY_HEAD: Final = re.compile(rb"\x80.\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", re.DOTALL)
LEGACY_VERSION: Final = 1001

MAX_PICKLE_BYTES: Final = 64 * 2**20  # checkpoints have less than one
MAX_TABLES: Final = 2**18  # entries of all tables, each as often as it is named
MAX_DEPTH: Final = 32  # of tables in tables
MAX_DIMENSIONS: Final = 64

_OF_STORAGE: Final[Mapping[str, str]] = {
    "Float": "F32",
    "Half": "F16",
    "BFloat16": "BF16",
    "Double": "F64",
    "Long": "I64",
    "Int": "I32",
    "Short": "I16",
    "Char": "I8",
    "Byte": "U8",
    "Bool": "BOOL",
    "ComplexFloat": "C64",
}
_BY_TORCH: Final = {torch_name: name for name, (_, torch_name) in DTYPES.items()}
_LOCAL_HEADER: Final = 30  # bytes before the member's name


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor: some numbers of a storage."""

    key: str  # of the storage
    dtype: str
    length: int  # of the storage, in numbers of that type
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def reach(self) -> int:
        """How many numbers there are from the first to the last, both counted."""
        return 0 if 0 in self.shape else 1 + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))

    @property
    def is_in_order(self) -> bool:
        """Whether its numbers stand one after another, the last dimension's first."""
        steps = accumulate(reversed(self.shape), operator.mul, initial=1)
        moving = zip(reversed(self.shape), reversed(self.strides), steps, strict=False)
        return 0 in self.shape or all(size == 1 or stride == step for size, stride, step in moving)


def sniff(head: bytes) -> bool:
    """Whether a file starts as an archive or a legacy file does."""
    return head.startswith(ARCHIVE) or LEGACY_HEAD.match(head) is not None


def open_file(path: Path) -> TensorFile:
    """Read the tables only. Raises InputError for what is no file of weights, or would do more than hold them."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if file.read(len(ARCHIVE)) == ARCHIVE:
                root, starts = _archive(file, size)
            else:
                file.seek(0)
                root, starts = _legacy(file, size)
        return _tensor_file(path, root, starts)
    except InputError as error:
        error.place = error.place or Place(str(path))
        raise


def _archive(file: BinaryIO, size: int) -> tuple[Any, dict[str, tuple[int, int]]]:
    """The tables of an archive, and where each storage stands: key -> first byte, and the one behind the last."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError) as error:
        raise InputError("the archive is broken", hint="download or save the file again") from error
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if info.filename in members:
            raise InputError(f"the archive has two members {shown(info.filename)}")
        members[info.filename] = info
    tables = [name for name in members if re.fullmatch(r"[^/]*/data\.pkl", name)]
    if len(tables) != 1:
        raise InputError("the archive holds no weights as torch saves them: there is no NAME/data.pkl")
    prefix = tables[0].removesuffix("data.pkl")
    if any(name.startswith(f"{prefix}code/") for name in members):
        raise InputError("the file is a TorchScript archive, which holds a program", hint="take the weights alone")
    if (order := members.get(f"{prefix}byteorder")) is not None and _content(file, order, size) != b"little":
        raise InputError("the numbers in the file have their bytes in another order")
    info = members[tables[0]]
    if info.file_size > MAX_PICKLE_BYTES:
        raise LimitError(f"{shown(info.filename)} has {info.file_size:,} bytes; at most {MAX_PICKLE_BYTES:,} are read")
    starts = {}
    for name, member in members.items():
        if name.startswith(f"{prefix}data/"):
            starts[name.removeprefix(f"{prefix}data/")] = _place(file, member, size)
    content = _content(file, info, size)
    if zlib.crc32(content) != info.CRC:
        raise InputError(f"the checksum of {shown(info.filename)} is wrong", hint="download or save the file again")
    return symbols.read(io.BytesIO(content)), starts


def _place(file: BinaryIO, info: zipfile.ZipInfo, size: int) -> tuple[int, int]:
    """Where a member's bytes stand. Raises InputError if they are compressed, encrypted, or elsewhere."""
    name = shown(info.filename)
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
        raise InputError(f"member {name} of the archive is compressed or encrypted, which torch's are not")
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or not header.startswith(ARCHIVE):
        raise InputError(f"member {name} of the archive is not where it should be")
    name_bytes, extra_bytes = struct.unpack_from("<HH", header, 26)
    if file.read(name_bytes) != info.orig_filename.encode("utf-8"):
        raise InputError(f"member {name} of the archive has two names")
    start = info.header_offset + _LOCAL_HEADER + name_bytes + extra_bytes
    if info.compress_size != info.file_size or start + info.file_size > size:
        raise InputError(f"member {name} of the archive reaches beyond the end of the file")
    return start, start + info.file_size


def _content(file: BinaryIO, info: zipfile.ZipInfo, size: int) -> bytes:
    start, stop = _place(file, info, size)
    file.seek(start)
    return file.read(min(stop - start, MAX_PICKLE_BYTES))


def _legacy(file: BinaryIO, size: int) -> tuple[Any, dict[str, tuple[int, int]]]:
    """The tables of a legacy file, and where each storage stands."""
    head = io.BytesIO(file.read(MAX_PICKLE_BYTES))
    if not LEGACY_HEAD.match(head.getbuffer()[:32]):
        raise InputError("not a file of weights as torch saves them")
    magic, version, machine = (symbols.read(head) for _ in range(3))
    if magic != MAGIC or version != LEGACY_VERSION:
        raise InputError(f"the file was saved in version {shown(version)} of torch's format, which is not known")
    if not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise InputError("the numbers in the file have their bytes in another order")
    root, keys = symbols.read(head), symbols.read(head)
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise InputError("the file has no list of its storages")
    sizes = {view.key: DTYPES[view.dtype][0] for view in _views(root)}
    starts: dict[str, tuple[int, int]] = {}
    at = head.tell()
    for key in keys:
        file.seek(at)
        count = int.from_bytes(file.read(8), "little")
        at += 8
        starts[key] = (at, at + count * sizes.get(key, 1))
        at = starts[key][1]
        if at > size:
            raise InputError("the file is shorter than its storages", hint="download or save the file again")
    return root, starts


def _views(value: Any) -> Iterator[_View]:
    return (view for _, view in _entries(value) if isinstance(view, _View))


def _entries(root: Any) -> Iterator[tuple[str, Any]]:
    """Everything in tables and lists, by the way to it; tensors as views."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), root)]
    for count in range(MAX_TABLES + 1):
        if not waiting:
            return
        way, value = waiting.pop()
        if count == MAX_TABLES or len(way) > MAX_DEPTH:
            raise LimitError(f"the file has more than {MAX_TABLES:,} entries, or tables in tables {MAX_DEPTH} deep")
        if isinstance(value, dict):
            if any(isinstance(key, int) and _view(each) for key, each in value.items()):
                raise InputError("a tensor in the file has a number in place of a name")
            waiting += reversed([((*way, str(key)), each) for key, each in value.items() if _is_key(key)])
        elif isinstance(value, (list, tuple)) and _has_tables(value, MAX_DEPTH):
            waiting += reversed([((*way, str(index)), each) for index, each in enumerate(value)])
        else:
            yield ".".join(way), _view(value) or value


def _has_tables(row: list[Any] | tuple[Any, ...], depth: int) -> bool:
    """Whether a list has a table or a tensor in it, be it in a list of its own; others are plain values."""
    rows = [each for each in row if isinstance(each, (list, tuple))] if depth else []
    return any(isinstance(each, (dict, Rebuilt)) for each in row) or any(_has_tables(each, depth - 1) for each in rows)


def _is_key(key: Any) -> bool:
    return isinstance(key, (str, int)) and not isinstance(key, bool)


def _view(value: Any) -> _View | None:
    """A tensor; None for anything else. Raises InputError for one that its own description does not fit."""
    while isinstance(value, Rebuilt) and value.name.endswith(("_parameter", "_parameter_with_state")):
        value = value.arguments[0] if value.arguments else None
    if not isinstance(value, Rebuilt) or not value.name.startswith("torch._utils._rebuild_tensor"):
        return None
    try:
        storage, offset, shape, strides, *rest = value.arguments
        kind, named, key, _, length, *legacy = storage.id
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError("a tensor in the file is not described as torch describes tensors") from error
    numbers = [offset, length, *_numbers(shape), *_numbers(strides)]
    if kind != "storage" or not isinstance(key, str) or "/" in key or "\\" in key or any(legacy):
        raise InputError("a tensor in the file has a storage that torch would not have written")
    if not all(type(number) is int and 0 <= number < 2**63 for number in numbers) or len(shape) != len(strides):
        raise InputError("a tensor in the file has a shape that no tensor has")
    dtype = _dtype(named, rest)
    if _is_untyped(named):
        length //= DTYPES[dtype][0]
    view = _View(key, dtype, length, offset, tuple(shape), tuple(strides))
    if len(shape) > MAX_DIMENSIONS or offset + view.reach > length or math.prod(shape) > length:
        raise InputError(f"a tensor of the shape {shown(list(shape))} reaches beyond its {length:,} numbers")
    return view


def _numbers(shape: Any) -> tuple[Any, ...]:
    if isinstance(shape, Rebuilt) and shape.name == "torch.Size" and len(shape.arguments) == 1:
        shape = shape.arguments[0]
    if not isinstance(shape, (tuple, list)):
        raise InputError("a tensor in the file has no shape")
    return tuple(shape)


def _is_untyped(named: Any) -> bool:
    return isinstance(named, Named) and named.name.endswith("UntypedStorage")


def _dtype(named: Any, rest: list[Any]) -> str:
    """The name, as in safetensors, of a tensor's type: that of its storage, or one that is told beside it."""
    told = next((each.name for each in rest if isinstance(each, Named)), "") if _is_untyped(named) else ""
    kind = named.name.removeprefix("torch.").removesuffix("Storage") if isinstance(named, Named) else ""
    dtype = _BY_TORCH.get(told.removeprefix("torch.")) if told else _OF_STORAGE.get(kind)
    if dtype is None:
        raise InputError(f"a tensor in the file has the type {shown(told or kind)}, which is not read")
    return dtype


def _tensor_file(path: Path, root: Any, starts: Mapping[str, tuple[int, int]]) -> TensorFile:
    """What the tables say, as names with tensors, and as metadata."""
    if not any(isinstance(table, dict) for table in (root if isinstance(root, list) else [root])):
        raise InputError("the file holds no table of tensors")
    views: dict[str, _View] = {}
    metadata = {name: text for name, value in _entries(root) if (text := _text(value)) is not None}
    for name, value in _entries(_weights(root) if isinstance(root, dict) else root):
        if isinstance(value, _View):
            if name in views:
                raise InputError(f"the file has two tensors {shown(name)}")
            views[name] = value
    if not views:
        raise InputError("the file holds no tensors")
    tensors = {name: _info(name, view, starts) for name, view in views.items()}
    mapped = Mapped(path)

    def read(name: str) -> Tensor:
        view = views[name]
        start = starts[view.key][0] + view.offset * DTYPES[view.dtype][0]
        return mapped.numbers(name, view.dtype, view.reach, start).as_strided(view.shape, view.strides)

    return TensorFile(path, "pickle", tensors, metadata, read)


def _weights(root: dict[Any, Any]) -> Any:
    """The table of the weights among what else a training saves."""
    inner = root.get("state_dict", next(iter(root.values())) if len(root) == 1 else None)
    return inner if isinstance(inner, dict) else root


def _text(value: Any) -> str | None:
    """A plain value as metadata; None for what is none."""
    if isinstance(value, str):
        return value
    plain = (bool, int, float, type(None))
    if isinstance(value, plain) or (
        isinstance(value, (list, tuple)) and all(isinstance(each, (str, *plain)) for each in islice(value, MAX_TABLES))
    ):
        return json.dumps(value)
    return None


def _info(name: str, view: _View, starts: Mapping[str, tuple[int, int]]) -> TensorInfo:
    if view.key not in starts:
        raise InputError(f"the storage of tensor {shown(name)} is missing")
    start, stop = starts[view.key]
    size = DTYPES[view.dtype][0]
    if stop - start != view.length * size:
        raise InputError(
            f"the storage of tensor {shown(name)} has {stop - start:,} bytes, expected {view.length * size:,}"
        )
    first = start + view.offset * size
    return TensorInfo(view.dtype, view.shape, first, first + view.reach * size, is_plain=view.is_in_order)
