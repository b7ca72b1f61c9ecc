"""Torch's own files (.ckpt, .pt, .pth, .bin), without running what is in them.

    archive   a ZIP whose members are stored as they are: NAME/data.pkl, a pickle of tables of tensors, and
              NAME/data/KEY, the numbers of each storage
    legacy    before torch 1.6: pickles in a row (a magic number, a version, a table about the machine, the tables of
              tensors, the keys of the storages), then for each storage how many numbers, and these
    tar       before torch 0.1.10: recognised, and refused

The pickles are read as symbols: `weights.pickles` says what of them becomes tensors, and by which names.
"""

from __future__ import annotations

import io
import math
import mmap
import os
import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from wftools.errors import InputError, Place, shown
from wftools.weights.faults import Doubt, ModelFileError
from wftools.weights.mapped import DTYPES, Mapped
from wftools.weights.pickles import archive, symbols
from wftools.weights.pickles.tables import Tables, metadata, named_views
from wftools.weights.pickles.views import storage_of
from wftools.weights.tensorfile import TensorFile, TensorInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from torch import Tensor

    from wftools.weights.pickles.archive import Member
    from wftools.weights.pickles.symbols import Said
    from wftools.weights.pickles.views import Storage, View

SUFFIXES: Final = (".ckpt", ".pt", ".pth", ".bin", ".pkl")

MAGIC: Final = 0x1950A86A20F9469CFC6C  # the first value of a legacy file
LEGACY_HEAD: Final = re.compile(rb"\x80.\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", re.DOTALL)
LEGACY_VERSION: Final = 1001
TAR: Final = (257, b"ustar")  # what stands where in a tar archive

MAX_PICKLE_BYTES: Final = 64 * 2**20  # checkpoints have less than one
MAX_SHARING: Final = 64  # times the size of the file that its tensors may have, as some are views of others' numbers
MAX_BROKEN_PICKLES: Final = 4  # that are looked into in a broken archive

_COUNT_BYTES: Final = 8  # before the numbers of a storage in a legacy file
_PICKLES: Final = (".pkl", ".pickle")
_PICKLE_MEMBER: Final = re.compile(
    re.escape(archive.LOCAL) + rb".{22}..(?P<extra>..)[ -~]{0,200}?\.(?i:pkl|pickle)", re.DOTALL
)
_PICKLE_HEAD: Final = re.compile(rb"\x80[\x02-\x05]")


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file says of its tensors."""

    said: Said
    starts: dict[str, int]  # of each storage, the first byte
    doubts: tuple[Doubt, ...] = ()


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
                read = _archive_or_program(file, size)
            elif LEGACY_HEAD.match(head):
                read = _legacy(file, size)
            elif head.startswith(TAR[1], TAR[0]):
                hint = "open and save it with a torch from 0.1.10 to 1.5, or take the model as a .safetensors file"
                raise ModelFileError("LEGACY_TAR", "the file is a tar archive of torch before 0.1.10", hint=hint)
            else:
                raise ModelFileError("NOT_A_CHECKPOINT", "not a file of weights as torch saves them", offset=0)
        return replace(_tensor_file(path, size, read.said.value, read.starts), doubts=read.doubts)
    except InputError as error:
        error.place = error.place or Place(str(path))
        raise


def _archive_or_program(file: BinaryIO, size: int) -> _Read:
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


def _archive(file: BinaryIO, size: int) -> _Read:
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
    return _Read(said, starts, tuple(_more_pickles(file, said, members, prefix)))


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


def _legacy(file: BinaryIO, size: int) -> _Read:
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
    storages: dict[str, Storage] = {}
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
    return _Read(said, starts)


def _storages(said: Said) -> Iterator[Storage]:
    return (storage_of(kept) for kept in said.kept)


def _tensor_file(path: Path, size: int, root: Any, starts: Mapping[str, int]) -> TensorFile:
    """What the tables say, as names with tensors, and as metadata."""
    if not any(isinstance(table, dict) for table in (root if isinstance(root, list) else [root])):
        raise ModelFileError("NOT_A_CHECKPOINT", "the file holds no table of tensors")
    tables = Tables(root)
    views = named_views(tables)
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

    return TensorFile(path, "pickle", tensors, metadata(tables), read)


def _info(view: View, storage_start: int) -> TensorInfo:
    size = DTYPES[view.dtype][0]
    first = storage_start + view.offset * size
    return TensorInfo(view.dtype, view.shape, first, first + view.reach * size, is_plain=view.is_in_order)
