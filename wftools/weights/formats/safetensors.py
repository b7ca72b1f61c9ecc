"""Safetensors: a length, a JSON header, then the bytes of all tensors without gaps.

    u64 little-endian   length of the header
    header              {"__metadata__": {str: str}, name: {"dtype": …, "shape": [...], "data_offsets": [from, to]}}
                        may be padded with spaces at its end; offsets count from the end of the header
    data                every byte belongs to exactly one tensor

Written for files from strangers, and stricter than the reference library where readers could disagree: no repeated
keys, no gaps, no overlaps, nothing after the last tensor.

Why not `safetensors.safe_open`: the header would be judged twice, by two sets of rules, and once only with torch.
"""

from __future__ import annotations

import json
import math
import os
from typing import TYPE_CHECKING, Any, Final, NoReturn

from wftools.errors import InputError, LimitError, Place, shown
from wftools.weights.mapped import DTYPES, Mapped
from wftools.weights.tensorfile import Shape, TensorFile, TensorInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

SUFFIXES: Final = (".safetensors", ".sft")

MAX_HEADER_BYTES: Final = 100 * 10**6  # the reference library's limit; headers of the largest models have 1 MB
MAX_DIMENSIONS: Final = 64  # numpy's limit; networks have five at most
MAX_COUNT: Final = 2**63  # beyond what any file or memory has; JSON allows thousands of digits

ALIGNMENT: Final = 8  # of the data of files that are written, which readers map into memory

_LENGTH_BYTES: Final = 8
_ENTRY_KEYS: Final = {"dtype", "shape", "data_offsets"}


def sniff(head: bytes) -> bool:
    """Whether a header length is followed by the start of a JSON object."""
    return head[_LENGTH_BYTES : _LENGTH_BYTES + 1] == b"{"


def open_file(path: Path) -> TensorFile:
    """Read and check the header. Raises InputError, with the offset, for any that readers could disagree about."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        length = _header_length(path, file.read(_LENGTH_BYTES), size)
        header = _parsed(path, file.read(length))
    data_start = _LENGTH_BYTES + length
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        _refuse(path, _LENGTH_BYTES, "__metadata__ must map texts to texts")
    tensors = {name: _checked(path, name, entry, data_start) for name, entry in header.items()}
    _check_layout(path, tensors, data_start, size)
    mapped = Mapped(path)

    def read(name: str) -> Tensor:
        info = tensors[name]
        return mapped.numbers(name, info.dtype, math.prod(info.shape), info.start).reshape(info.shape)

    return TensorFile(path, "safetensors", tensors, metadata, read)


def _refuse(path: Path, offset: int, message: str) -> NoReturn:
    raise InputError(
        f"not a safetensors file that can be trusted: {message} (at byte {offset:,})",
        place=Place(str(path)),
        hint="download or save the file again",
    )


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


def _header_length(path: Path, head: bytes, size: int) -> int:
    length = int.from_bytes(head, "little")
    if len(head) < _LENGTH_BYTES or length > size - _LENGTH_BYTES:
        _refuse(path, 0, f"the file has {size:,} bytes, which is less than its header needs")
    if length > MAX_HEADER_BYTES:
        raise LimitError(
            f"the header has {length:,} bytes; at most {MAX_HEADER_BYTES:,} are read", place=Place(str(path))
        )
    return length


def _parsed(path: Path, header: bytes) -> dict[str, Any]:
    if not header.startswith(b"{"):
        _refuse(path, _LENGTH_BYTES, "the header does not start with '{'")

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in items:
            if name in found:
                _refuse(path, _LENGTH_BYTES, f"the header has the key {shown(name)} twice")
            found[name] = value
        return found

    try:
        parsed: dict[str, Any] = json.loads(header.decode("utf-8"), object_pairs_hook=pairs)
    except UnicodeDecodeError as error:
        _refuse(path, _LENGTH_BYTES + error.start, "the header is not UTF-8")
    except json.JSONDecodeError as error:
        _refuse(path, _LENGTH_BYTES + error.pos, "the header is not JSON")
    except (RecursionError, ValueError):  # nested too deeply; an integer of thousands of digits
        _refuse(path, _LENGTH_BYTES, "the header is not a plain table of tensors")
    return parsed


def _checked(path: Path, name: str, entry: Any, data_start: int) -> TensorInfo:
    """One header entry. Its size must be what its shape and type need."""
    if not isinstance(entry, dict) or set(entry) != _ENTRY_KEYS:
        _refuse(path, _LENGTH_BYTES, f"tensor {shown(name)} is not described by dtype, shape and data_offsets")
    shape = _counts(path, name, "shape", entry["shape"])
    offsets = _counts(path, name, "data_offsets", entry["data_offsets"])
    dtype = entry["dtype"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        _refuse(path, _LENGTH_BYTES, f"tensor {shown(name)} has the unknown type {shown(dtype)}")
    if len(shape) > MAX_DIMENSIONS:
        _refuse(path, _LENGTH_BYTES, f"tensor {shown(name)} has {len(shape)} dimensions")
    needed = math.prod(shape) * DTYPES[dtype][0]
    if len(offsets) != 2 or offsets[1] - offsets[0] != needed:
        message = f"tensor {shown(name)} needs {shown(needed)} bytes, its data_offsets are {shown(list(offsets))}"
        _refuse(path, _LENGTH_BYTES, message)
    return TensorInfo(dtype, shape, data_start + offsets[0], data_start + offsets[1])


def _counts(path: Path, name: str, what: str, values: Any) -> Shape:
    if not isinstance(values, list) or not all(type(value) is int and 0 <= value < MAX_COUNT for value in values):
        _refuse(path, _LENGTH_BYTES, f"the {what} of tensor {shown(name)} must be a list of whole numbers from 0")
    return tuple(values)


def _check_layout(path: Path, tensors: Mapping[str, TensorInfo], data_start: int, size: int) -> None:
    """Every byte of the data belongs to exactly one tensor."""
    reached = data_start
    for name, info in sorted(tensors.items(), key=lambda item: (item[1].start, item[1].stop)):
        if info.start != reached:
            problem = "overlaps another" if info.start < reached else "leaves a gap before it"
            _refuse(path, info.start, f"tensor {shown(name)} {problem}")
        reached = info.stop
    if reached != size:
        _refuse(path, reached, f"the tensors end here, the file has {size:,} bytes")
