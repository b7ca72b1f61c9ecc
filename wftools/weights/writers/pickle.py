"""Torch's own files, as `torch.load(weights_only=True)` reads them. No torch writes them, and nothing is pickled.

An archive of members that are stored as they are: a pickle that describes each tensor, and its numbers, which start at
multiples of 64 bytes so that readers can map them. Where there are metadata, the tensors are in a table `state_dict`
beside them, as Lightning has them; else the table of the tensors is all there is.
"""

from __future__ import annotations

import struct
import zipfile
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError
from wftools.weights.formats.pickle import SUFFIXES
from wftools.weights.gguf import as_text
from wftools.weights.mapped import DTYPES
from wftools.weights.pickles.views import MAX_DIMENSIONS
from wftools.weights.quant.blocks import stored_bytes
from wftools.weights.writers import by_name, put

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    from wftools.weights.gguf import Metadata
    from wftools.weights.tensorfile import Shape
    from wftools.weights.writers import Outgoing

__all__ = ["SUFFIXES", "holds", "write"]

ROOT: Final = "archive"
TENSORS: Final = "state_dict"  # the table of the tensors, where it is not the only one
ALIGNMENT: Final = 64

# Types with a class of storages of their own; torch describes the others by their name.
_STORAGES: Final[Mapping[str, str]] = {
    "F32": "FloatStorage",
    "F16": "HalfStorage",
    "BF16": "BFloat16Storage",
    "F64": "DoubleStorage",
    "I64": "LongStorage",
    "I32": "IntStorage",
    "I16": "ShortStorage",
    "I8": "CharStorage",
    "U8": "ByteStorage",
    "BOOL": "BoolStorage",
    "C64": "ComplexFloatStorage",
}

_LOCAL_HEADER: Final = 30  # bytes before a member's name
_FILLER: Final = 0x4246  # of the extra field that aligns what follows, as torch names it
_ZIP64_BYTES: Final = 20  # of the extra field for sizes of 64 bits
_IS_LARGE: Final = 2**30  # from here on, a member has that field


def holds(dtype: str, shape: Shape) -> bool:
    """Whether a tensor is of a plain type."""
    return dtype in DTYPES and len(shape) <= MAX_DIMENSIONS


def write(stream: BinaryIO, tensors: Sequence[Outgoing], metadata: Metadata) -> None:
    """Write a whole file, its tensors in the order given."""
    named = by_name(tensors)
    if TENSORS in metadata:
        raise InputError(f"metadata {TENSORS} cannot be kept: it is where a pickle has the tensors")
    with zipfile.ZipFile(stream, "w") as archive:
        _add(archive, "data.pkl", b"".join(_pickled([*named.values()], metadata)))
        _add(archive, "byteorder", b"little")
        for index, each in enumerate(named.values()):
            size = stored_bytes(each.dtype, each.shape)
            with archive.open(_member(archive, f"data/{index}", size), "w", force_zip64=size >= _IS_LARGE) as member:
                put(member, each)
        _add(archive, "version", b"3\n")


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    with archive.open(_member(archive, name, len(content)), "w") as member:
        member.write(content)


def _member(archive: zipfile.ZipFile, name: str, size: int) -> zipfile.ZipInfo:
    """The next member of an archive, whose content is going to start at a multiple of `ALIGNMENT`."""
    info = zipfile.ZipInfo(f"{ROOT}/{name}")  # of 1980, so that the same tensors give the same bytes
    info.create_system = 0  # else it is that of this machine
    info.file_size = size
    assert archive.fp is not None
    start = archive.fp.tell() + _LOCAL_HEADER + len(info.filename) + (_ZIP64_BYTES if size >= _IS_LARGE else 0)
    fill = -(start + 4) % ALIGNMENT
    info.extra = struct.pack("<HH", _FILLER, fill) + bytes(fill)
    return info


def _pickled(tensors: Sequence[Outgoing], metadata: Metadata) -> Iterator[bytes]:
    """A pickle of protocol 2, step by step."""
    yield b"\x80\x02}("  # a dictionary, and a mark: what follows are keys and values
    for key, value in metadata.items():
        yield _text(key) + _text(as_text(value))
    if metadata:
        yield _text(TENSORS) + b"}("
    for index, each in enumerate(tensors):
        yield _text(each.name) + _tensor(each, str(index))
    yield b"uu." if metadata else b"u."


def _tensor(each: Outgoing, key: str) -> bytes:
    """A call of torch's: storage, first number, shape, strides, whether it has gradients, and what hooks onto them."""
    steps = accumulate((max(size, 1) for size in each.shape[:0:-1]), mul, initial=1)
    strides = [*steps][::-1] if each.shape else []
    is_known = each.dtype in _STORAGES
    storage = ("torch", _STORAGES[each.dtype]) if is_known else ("torch.storage", "UntypedStorage")
    length = stored_bytes(each.dtype, each.shape) // (DTYPES[each.dtype][0] if is_known else 1)
    return b"".join(
        (
            _global("torch._utils", "_rebuild_tensor_v2" if is_known else "_rebuild_tensor_v3"),
            b"((" + _text("storage") + _global(*storage) + _text(key) + _text("cpu") + _integer(length) + b"tQ",
            _integer(0) + _integers(each.shape) + _integers(strides),
            b"\x89" + _global("collections", "OrderedDict") + b")R",
            b"" if is_known else _global("torch", DTYPES[each.dtype][1]),
            b"tR",
        )
    )


def _text(text: str) -> bytes:
    raw = text.encode(errors="surrogatepass")
    return b"X" + struct.pack("<I", len(raw)) + raw


def _global(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def _integers(values: Sequence[int]) -> bytes:
    return b"(" + b"".join(map(_integer, values)) + b"t"


def _integer(value: int) -> bytes:
    if value < 2**31:
        return b"J" + struct.pack("<i", value)
    return b"\x8a\x08" + struct.pack("<q", value)
