"""Torch's own files (.ckpt, .pt, .pth, .bin), without running what is in them.

    archive   a ZIP whose members are stored as they are: NAME/data.pkl, a pickle of tables of tensors, and
              NAME/data/KEY, the numbers of each storage
    legacy    before torch 1.6: pickles in a row (a magic number, a version, a table about the machine, the tables of
              tensors, the keys of the storages), then for each storage how many numbers, and these
    tar       before torch 0.1.10: recognised, and refused

The pickles are read as symbols (`weights.symbols`). A tensor is a view of a storage: where it starts, and how far apart
its rows are; a view that reaches beyond its storage, or repeats numbers, is refused.

Names of tensors are the keys of the table `state_dict`, if there is one, or of the only table; else of all tables, with
dots between the keys. Plain values become metadata: texts as they are, others as JSON.
"""

from __future__ import annotations

import io
import json
import math
import mmap
import operator
import os
import re
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import InputError, Place, shown
from wftools.weights import archive, symbols
from wftools.weights.faults import Doubt, ModelFileError
from wftools.weights.mapped import DTYPES, Mapped
from wftools.weights.symbols import FROM_TYPE, Kept, Named, Rebuilt, Said
from wftools.weights.tensorfile import TensorFile, TensorInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from torch import Tensor

    from wftools.weights.archive import Member

SUFFIXES: Final = (".ckpt", ".pt", ".pth", ".bin", ".pkl")

MAGIC: Final = 0x1950A86A20F9469CFC6C  # the first value of a legacy file
LEGACY_HEAD: Final = re.compile(rb"\x80.\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", re.DOTALL)
LEGACY_VERSION: Final = 1001
TAR: Final = (257, b"ustar")  # what stands where in a tar archive

MAX_PICKLE_BYTES: Final = 64 * 2**20  # checkpoints have less than one
MAX_TABLES: Final = 2**18  # entries of all tables, each as often as it is named
MAX_DEPTH: Final = 32  # of tables in tables
MAX_NAMES: Final = 2**25  # characters of all names
MAX_METADATA: Final = 2**20  # characters of all values that are made JSON
MAX_ROW: Final = 2**10  # items of a row of plain values that is metadata
MAX_ROW_TEXT: Final = 2**16  # characters of all texts in it
MAX_DIGITS: Final = 20  # of a key that is a number
MAX_DIMENSIONS: Final = 64
MAX_COUNT: Final = 2**63  # beyond what any file or memory has; also of a number that is metadata
MAX_SHARING: Final = 64  # times the size of the file that its tensors may have, as some are views of others' numbers
MAX_BROKEN_PICKLES: Final = 4  # that are looked into in a broken archive
MAX_WRAPPED: Final = 4  # a parameter is around a tensor, which may be around one without attributes

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
_COUNT_BYTES: Final = 8  # before the numbers of a storage in a legacy file
_PICKLES: Final = (".pkl", ".pickle")
_PICKLE_MEMBER: Final = re.compile(
    re.escape(archive.LOCAL) + rb".{22}..(?P<extra>..)[ -~]{0,200}?\.(?i:pkl|pickle)(?=[\x80(c}\]])", re.DOTALL
)
_PICKLE_HEAD: Final = re.compile(rb"\x80[\x02-\x05]")


@dataclass(frozen=True, slots=True)
class _Storage:
    """Numbers that tensors are views of."""

    key: str
    dtype: str | None  # None if they are bytes, of which the tensors know the type
    length: int  # in numbers, or in bytes

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.length * (DTYPES[self.dtype][0] if self.dtype else 1)


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor: some numbers of a storage."""

    key: str  # of the storage
    dtype: str
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
    """Whether a file starts as an archive, a legacy file or a tar does."""
    return head.startswith(archive.LOCAL) or LEGACY_HEAD.match(head) is not None or head.startswith(TAR[1], TAR[0])


def open_file(path: Path) -> TensorFile:
    """Read the tables only. Raises ModelFileError for what is no file of weights, or would do more than hold them."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(sum(map(len, TAR[1:])) + TAR[0])
            if head.startswith(archive.LOCAL):
                said, starts, doubts = _archive_or_program(file, size)
            elif LEGACY_HEAD.match(head):
                said, starts, doubts = _legacy(file, size)
            elif head.startswith(TAR[1], TAR[0]):
                hint = "open and save it with a torch from 0.1.10 to 1.5, or take the model as a .safetensors file"
                raise ModelFileError("LEGACY_TAR", "the file is a tar archive of torch before 0.1.10", hint=hint)
            else:
                raise ModelFileError("NOT_A_CHECKPOINT", "not a file of weights as torch saves them", offset=0)
        return replace(_tensor_file(path, size, said.value, starts), doubts=doubts)
    except InputError as error:
        error.place = error.place or Place(str(path))
        raise


def _archive_or_program(file: BinaryIO, size: int) -> tuple[Said, dict[str, int], tuple[Doubt, ...]]:
    """As `_archive`, but a broken archive that would run something is refused for that: it may be broken on purpose."""
    try:
        return _archive(file, size)
    except ModelFileError as fault:
        if fault.code.startswith("ZIP_"):
            _refuse_programs(file, size)
        raise


def _refuse_programs(file: BinaryIO, size: int) -> None:
    """Raise ModelFileError if one of the first pickles in an archive, however broken, names what it would run."""
    with mmap.mmap(file.fileno(), min(size, MAX_PICKLE_BYTES), access=mmap.ACCESS_READ) as data:
        found = islice(_PICKLE_MEMBER.finditer(data), MAX_BROKEN_PICKLES)
        for start in [member.end() + int.from_bytes(member["extra"], "little") for member in found]:
            data.seek(min(start, len(data)))
            try:
                symbols.read(data, 0, len(data))
            except ModelFileError as error:
                if error.code == "PICKLE_GLOBAL":
                    raise


def _archive(file: BinaryIO, size: int) -> tuple[Said, dict[str, int], tuple[Doubt, ...]]:
    """What the pickle of an archive says, where each storage stands, and what is doubtful."""
    directory = archive.directory(file, size)
    names = [entry.name for entry in directory.entries]
    tables = [name for name in names if re.fullmatch(r"[^/]*/data\.pkl", name)]
    # As torch does it: the folder of the first member is the one that counts.
    table = next((name for name in tables if names[0].startswith(name.removesuffix("data.pkl"))), None)
    if table is None and len(tables) != 1:
        message = "the archive holds no weights as torch saves them: there is no NAME/data.pkl"
        raise ModelFileError("NOT_A_CHECKPOINT", message, offset=directory.start)
    table = table or tables[0]
    prefix = table.removesuffix("data.pkl")
    if any(name.startswith(f"{prefix}code/") for name in names):
        hint = "take the weights alone"
        raise ModelFileError("TORCHSCRIPT", "the file is a TorchScript archive, which holds a program", hint=hint)
    members = archive.members(file, directory)
    order = members.get(f"{prefix}byteorder")
    if order is not None and _content(file, order) != b"little":
        raise ModelFileError("BYTE_ORDER", "the numbers in the file have their bytes in another order")
    content = _content(file, members[table])
    said = symbols.read(io.BytesIO(content), members[table].start, len(content))
    starts = {}
    for storage in _storages(said):
        member = members.get(f"{prefix}data/{storage.key}")
        if member is None:
            raise ModelFileError("STORAGE_MISSING", f"the storage {shown(storage.key)} of a tensor is missing")
        if member.stop - member.start != storage.size:
            raise ModelFileError(
                "STORAGE_SIZE",
                f"the storage {shown(storage.key)} has {member.stop - member.start:,} bytes, expected {storage.size:,}",
                offset=member.start,
            )
        starts[storage.key] = member.start
    return said, starts, tuple(_more_pickles(file, said, members, prefix))


def _more_pickles(file: BinaryIO, said: Said, members: Mapping[str, Member], prefix: str) -> Iterator[Doubt]:
    """What others might unpickle, and is not read here."""
    table = members[f"{prefix}data.pkl"]
    if said.stop != table.stop:
        yield Doubt("EXTRA_PICKLE", f"{shown(table.name)} goes on behind its end, which is not read", said.stop)
    for name, member in members.items():
        if name == table.name or name.startswith(f"{prefix}data/"):
            continue
        file.seek(member.start)
        head = file.read(min(2, member.stop - member.start))
        if name.lower().endswith(_PICKLES) or _PICKLE_HEAD.match(head):
            yield Doubt("EXTRA_PICKLE", f"the archive has the pickle {shown(name)}, which is not read", member.start)


def _content(file: BinaryIO, member: Member) -> bytes:
    """The bytes of a member that is not a storage. Raises ModelFileError for too many, or others than were written."""
    if (size := member.stop - member.start) > MAX_PICKLE_BYTES:
        message = f"{shown(member.name)} has {size:,} bytes; at most {MAX_PICKLE_BYTES:,} are read"
        raise ModelFileError("PICKLE_SIZE", message, offset=member.start)
    archive.check_sum(file, member)
    file.seek(member.start)
    return file.read(size)


def _legacy(file: BinaryIO, size: int) -> tuple[Said, dict[str, int], tuple[Doubt, ...]]:
    """What the tables of a legacy file say, and where each storage stands."""
    with mmap.mmap(file.fileno(), min(size, MAX_PICKLE_BYTES), access=mmap.ACCESS_READ) as head:
        magic, version, machine, said, keys = (symbols.read(head, 0, len(head)) for _ in range(5))
    if magic.value != MAGIC or version.value != LEGACY_VERSION:
        message = "the file was saved in a version of torch's format that is not known"
        raise ModelFileError("NOT_A_CHECKPOINT", message, offset=magic.stop)
    if not isinstance(machine.value, dict) or machine.value.get("little_endian") is not True:
        message = "the numbers in the file have their bytes in another order"
        raise ModelFileError("BYTE_ORDER", message, offset=version.stop)
    if not isinstance(keys.value, list) or not all(isinstance(key, str) for key in keys.value):
        raise ModelFileError("PICKLE_SYNTAX", "the file has no list of its storages", offset=said.stop)
    storages: dict[str, _Storage] = {}
    for storage in _storages(said):
        if storages.setdefault(storage.key, storage) != storage:
            message = f"the storage {shown(storage.key)} has two lengths or types"
            raise ModelFileError("STORAGE_SIZE", message, offset=machine.stop)
    starts: dict[str, int] = {}
    at = keys.stop
    for key in keys.value:
        if key not in storages or key in starts:
            message = f"the storage {shown(key)} is no tensor's, or is there twice"
            raise ModelFileError("STORAGE_KEY", message, offset=said.stop)
        file.seek(at)
        length, expected = int.from_bytes(file.read(_COUNT_BYTES), "little"), storages[key].length
        if length != expected:
            message = f"the storage {shown(key)} has {length:,} numbers, expected {expected:,}"
            raise ModelFileError("STORAGE_SIZE", message, offset=at)
        starts[key] = at + _COUNT_BYTES
        if starts[key] + storages[key].size > size:
            hint = "download or save the file again"
            message = f"the file ends within the storage {shown(key)}"
            raise ModelFileError("STORAGE_SIZE", message, offset=at, hint=hint)
        at = starts[key] + storages[key].size
    if missing := sorted(storages.keys() - starts):
        raise ModelFileError("STORAGE_MISSING", f"the storage {shown(missing[0])} of a tensor is missing", offset=at)
    return said, starts, ()


def _storages(said: Said) -> Iterator[_Storage]:
    return (_storage(kept) for kept in said.kept)


def _storage(kept: Kept) -> _Storage:
    """What torch says of numbers that stand outside of the pickle. Raises ModelFileError if it would not say so."""
    parts = kept.id if isinstance(kept.id, tuple) and len(kept.id) in {5, 6} else (None,) * 5
    kind, named, key, _, length, *view = parts
    if kind != "storage" or not isinstance(named, Named) or not named.name.endswith("Storage") or any(view):
        raise ModelFileError("STORAGE_KEY", "the pickle in the file takes something that is no storage", offset=kept.at)
    if not isinstance(key, str) or not key or "/" in key or "\\" in key or key in {".", ".."}:
        message = f"a tensor in the file has a storage {shown(key) if isinstance(key, str) else 'without a name'}"
        raise ModelFileError("STORAGE_KEY", f"{message}, as torch would not have written", offset=kept.at)
    if not _is_count(length):
        raise ModelFileError("STORAGE_SIZE", f"the storage {shown(key)} has no length that can be", offset=kept.at)
    return _Storage(key, _OF_STORAGE.get(named.name.rpartition(".")[2].removesuffix("Storage")), length)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < MAX_COUNT


class _Tables:
    """Walks through tables, rows and tensors by the way to them. What is shared is looked through once."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._rows: dict[int, bool] = {}  # of each row, by its identity, whether it has a table or a tensor in it

    def entries(self, root: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
        """Everything in tables, and in rows of tables, by the keys to it. Raises ModelFileError for too much."""
        waiting: list[tuple[tuple[Any, ...], Any]] = [((), root)]
        for count in range(MAX_TABLES + 1):
            if not waiting:
                return
            way, value = waiting.pop()
            if count == MAX_TABLES or len(way) > MAX_DEPTH:
                message = f"the file has more than {MAX_TABLES:,} entries, or tables in tables {MAX_DEPTH} deep"
                raise ModelFileError("PICKLE_SIZE", message)
            if isinstance(value, dict):
                # Lightning has settings by classes: a table below what is no name is none of weights.
                waiting += reversed([((*way, key), each) for key, each in value.items() if _may_hold(key, each)])
            elif isinstance(value, (list, tuple)) and self._has_tables(value):
                waiting += reversed([((*way, str(index)), each) for index, each in enumerate(value)])
            else:
                yield way, value

    def _has_tables(self, row: list[Any] | tuple[Any, ...]) -> bool:
        """Whether a row has a table or a tensor in it, be it in a row of its own; others are plain values."""
        if id(row) not in self._rows:
            seen = {id(row)}
            waiting: list[Any] = [row]
            found = False
            while waiting and not found:
                for each in waiting.pop():
                    if isinstance(each, (list, tuple)):
                        found = self._rows.get(id(each), False)
                        if id(each) not in seen and id(each) not in self._rows:
                            seen.add(id(each))
                            waiting.append(each)
                    else:
                        found = isinstance(each, (dict, Rebuilt))
                    if found:
                        break
            self._rows |= dict.fromkeys({id(row)} if found else seen, found)
        return self._rows[id(row)]


def _may_hold(key: Any, value: Any) -> bool:
    return isinstance(key, (str, int)) or isinstance(value, Rebuilt)


def _name(way: tuple[Any, ...]) -> str:
    return ".".join(map(str, way))


def _view(value: Rebuilt) -> _View | None:
    """A tensor; None for a call that gives none. Raises ModelFileError for one that its description does not fit."""
    value = _unwrapped(value)
    if not value.name.startswith("torch._"):
        return None

    def refuse(code: str, problem: str) -> ModelFileError:
        return ModelFileError(code, f"a tensor in the file {problem}", offset=value.at)

    if not value.name.startswith("torch._utils._rebuild_tensor") or len(value.arguments) < 4:
        raise refuse("PICKLE_SYNTAX", "is not described as torch describes tensors")
    kept, offset, shape, strides, *rest = value.arguments
    shape, strides = _numbers(shape), _numbers(strides)
    if not isinstance(kept, Kept) or shape is None or strides is None:
        raise refuse("PICKLE_SYNTAX", "is not described as torch describes tensors")
    if len(shape) > MAX_DIMENSIONS:
        raise refuse("TENSOR_DIMS", f"has {len(shape):,} dimensions; at most {MAX_DIMENSIONS} are read")
    if not all(map(_is_count, (offset, *shape, *strides))) or len(shape) != len(strides):
        raise refuse("TENSOR_BOUNDS", "has a shape that no tensor has")
    storage = _storage(kept)
    dtype = storage.dtype or _told(rest)
    if dtype is None:
        raise refuse("PICKLE_SYNTAX", "has a type that is not read")
    length = storage.size // DTYPES[dtype][0]
    view = _View(storage.key, dtype, offset, shape, strides)
    said = f"of the shape {shown(list(shape))}"
    if offset + view.reach > length:
        raise refuse("TENSOR_BOUNDS", f"{said} reaches beyond its {length:,} numbers")
    if math.prod(shape) > length:
        raise refuse("TENSOR_EXPAND", f"{said} has only {length:,} numbers, which it repeats")
    return view


def _unwrapped(value: Rebuilt) -> Rebuilt:
    """The call that makes the tensor itself, below those that make it a parameter, or give it attributes."""
    for _ in range(MAX_WRAPPED):
        inner = _inner(value)
        if not isinstance(inner, Rebuilt):
            break
        value = inner
    return value


def _inner(value: Rebuilt) -> Any:
    if value.name.endswith(("_parameter", "_parameter_with_state")):
        return value.arguments[0] if value.arguments else None
    if value.name == FROM_TYPE and len(value.arguments) == len(("function", "type", "arguments", "attributes")):
        function, _, arguments, _ = value.arguments
        if isinstance(function, Named) and function.name.startswith("torch._") and isinstance(arguments, tuple):
            return Rebuilt(function.name, arguments, value.at)
    return None


def _numbers(shape: Any) -> tuple[Any, ...] | None:
    if isinstance(shape, Rebuilt) and shape.name == "torch.Size" and len(shape.arguments) == 1:
        shape = shape.arguments[0]
    return tuple(shape) if isinstance(shape, (tuple, list)) else None


def _told(rest: list[Any]) -> str | None:
    """The name, as in safetensors, of the type that is told beside a storage of bytes."""
    return next((_BY_TORCH.get(each.name.removeprefix("torch.")) for each in rest if isinstance(each, Named)), None)


def _tensor_file(path: Path, size: int, root: Any, starts: Mapping[str, int]) -> TensorFile:
    """What the tables say, as names with tensors, and as metadata."""
    if not any(isinstance(table, dict) for table in (root if isinstance(root, list) else [root])):
        raise ModelFileError("NOT_A_CHECKPOINT", "the file holds no table of tensors")
    tables = _Tables(root)
    views = _named_views(tables)
    if not views:
        raise ModelFileError("NOT_A_CHECKPOINT", "the file holds no tensors")
    tensors = {name: _info(view, starts[view.key]) for name, view in views.items()}
    together = sum(math.prod(info.shape) * DTYPES[info.dtype][0] for info in tensors.values())
    if together > MAX_SHARING * size:
        message = f"the tensors have {together:,} bytes together, in a file of {size:,}"
        raise ModelFileError("TENSOR_EXPAND", message)
    mapped = Mapped(path)

    def read(name: str) -> Tensor:
        view, start = views[name], tensors[name].start
        return mapped.numbers(name, view.dtype, view.reach, start).as_strided(view.shape, view.strides)

    return TensorFile(path, "pickle", tensors, _metadata(tables), read)


def _named_views(tables: _Tables) -> dict[str, _View]:
    """The tensors of the table of weights, by name."""
    views: dict[str, _View] = {}
    root = tables.root
    characters = 0
    for way, value in tables.entries(_weights(root) if isinstance(root, dict) else root):
        if not isinstance(value, Rebuilt) or (view := _view(value)) is None:
            continue
        if not isinstance(way[-1], str):
            message = "a tensor in the file has a number, or what else is no text, in place of a name"
            raise ModelFileError("NOT_A_CHECKPOINT", message, offset=value.at)
        characters += _length(way)
        if characters > MAX_NAMES:
            raise ModelFileError("PICKLE_SIZE", f"the names of all tensors have more than {MAX_NAMES:,} characters")
        name = _name(way)
        if name in views:
            raise ModelFileError("TENSOR_DUPLICATE", f"the file has two tensors {shown(name)}", offset=value.at)
        views[name] = view
    return views


def _weights(root: dict[Any, Any]) -> Any:
    """The table of the weights among what else a training saves."""
    inner = root.get("state_dict", next(iter(root.values())) if len(root) == 1 else None)
    return inner if isinstance(inner, dict) else root


def _metadata(tables: _Tables) -> dict[str, str]:
    """The plain values of all tables, as far as they are of a size that somebody reads."""
    found: dict[str, str] = {}
    left = MAX_METADATA
    for way, value in tables.entries(tables.root):
        text = value if isinstance(value, str) else _json(value)
        if text is not None:
            left -= _length(way) + (0 if text is value else len(text))
            if left < 0:
                break
            found[_name(way)] = text
    return found


def _length(way: tuple[Any, ...]) -> int:
    return sum(len(key) + 1 if isinstance(key, str) else MAX_DIGITS for key in way)


def _json(value: Any) -> str | None:
    """A plain value, or a row of them, as JSON; None for what is none, or too large."""
    if _is_plain(value):
        return json.dumps(value)
    if isinstance(value, (list, tuple)) and len(value) <= MAX_ROW:
        texts = [each for each in value if isinstance(each, str)]
        if sum(map(len, texts)) <= MAX_ROW_TEXT and len(texts) + sum(map(_is_plain, value)) == len(value):
            return json.dumps(value)
    return None


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, float) or (isinstance(value, int) and abs(value) < MAX_COUNT)


def _info(view: _View, storage_start: int) -> TensorInfo:
    size = DTYPES[view.dtype][0]
    first = storage_start + view.offset * size
    return TensorInfo(view.dtype, view.shape, first, first + view.reach * size, is_plain=view.is_in_order)
