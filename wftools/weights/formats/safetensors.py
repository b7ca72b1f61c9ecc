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

from wftools.errors import Place, shown
from wftools.weights.faults import ModelFileError
from wftools.weights.mapped import DTYPES, Mapped
from wftools.weights.tensorfile import Shape, TensorFile, TensorInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

SUFFIXES: Final = (".safetensors", ".sft")

MAX_HEADER_BYTES: Final = 100 * 10**6  # the reference library's limit; headers of the largest models have 1 MB
MAX_SIGNS: Final = 2**20  # that begin or part something in it; 10,000 tensors have 100,000, metadata may have more
MAX_DIMENSIONS: Final = 64  # numpy's limit; networks have five at most
MAX_COUNT: Final = 2**63  # beyond what any file or memory has; JSON allows thousands of digits

_LENGTH_BYTES: Final = 8
_ENTRY_KEYS: Final = {"dtype", "shape", "data_offsets"}


def sniff(head: bytes) -> bool:
    """Whether a header length is followed by the start of a JSON object."""
    return head[_LENGTH_BYTES : _LENGTH_BYTES + 1] == b"{"


def open_file(path: Path) -> TensorFile:
    """Read and check the header. Raises ModelFileError, with the offset, for any that readers could disagree about."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        length = _header_length(path, file.read(_LENGTH_BYTES), size)
        header = _Header(path, file.read(length))
    table = header.parsed()
    data_start = _LENGTH_BYTES + length
    metadata = table.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        header.refuse("ST_HEADER", "__metadata__ must map texts to texts", "__metadata__")
    tensors = {name: _checked(header, name, entry, data_start) for name, entry in table.items()}
    _check_layout(path, tensors, data_start, size)
    mapped = Mapped(path)

    def read(name: str) -> Tensor:
        info = tensors[name]
        return mapped.numbers(name, info.dtype, math.prod(info.shape), info.start).reshape(info.shape)

    return TensorFile(path, "safetensors", tensors, metadata, read)


def _refuse(path: Path, code: str, offset: int, message: str) -> NoReturn:
    raise ModelFileError(
        code,
        f"not a safetensors file that can be trusted: {message}",
        offset=offset,
        place=Place(str(path)),
        hint="download or save the file again",
    )


def _header_length(path: Path, head: bytes, size: int) -> int:
    length = int.from_bytes(head, "little")
    if len(head) < _LENGTH_BYTES or length > size - _LENGTH_BYTES:
        _refuse(path, "ST_HEADER", 0, f"the file has {size:,} bytes, which is less than its header needs")
    if length > MAX_HEADER_BYTES:
        _refuse(path, "ST_HEADER", 0, f"the header has {length:,} bytes; at most {MAX_HEADER_BYTES:,} are read")
    return length


class _Header:
    """The JSON text, and where in it something stands."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        self.data = data

    def refuse(self, code: str, message: str, name: str | None = None) -> NoReturn:
        """Raise an error that points at the entry of that name, as far as the text spells it as usual."""
        spelled = [json.dumps(name, ensure_ascii=is_ascii) for is_ascii in (True, False)] if name is not None else []
        at = max((self.data.find(each.encode(errors="replace")) for each in spelled), default=0)
        _refuse(self.path, code, _LENGTH_BYTES + max(0, at), message)

    def parsed(self) -> dict[str, Any]:
        """The table, no key of which is there twice."""
        if not self.data.startswith(b"{"):
            self.refuse("ST_HEADER", "the header does not start with '{'")
        # Before anything is made of it: what it becomes in memory can be twenty times as large as the text.
        if (signs := sum(map(self.data.count, (b"{", b"[", b",")))) > MAX_SIGNS:
            self.refuse("ST_HEADER", f"the header has {signs:,} parts; at most {MAX_SIGNS:,} are read")

        def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for name, value in items:
                if name in found:
                    self.refuse("ST_DUPLICATE", f"the header has the key {shown(name)} twice", name)
                if not _is_text(name) or (isinstance(value, str) and not _is_text(value)):
                    self.refuse("ST_HEADER", f"the header has half of a character at {shown(name)}")
                found[name] = value
            return found

        def no_number(text: str) -> NoReturn:
            self.refuse("ST_HEADER", f"the header has the number {shown(text)}, which is not whole")

        try:
            text = self.data.decode("utf-8")
            parsed: dict[str, Any] = json.loads(
                text, object_pairs_hook=pairs, parse_float=no_number, parse_constant=no_number
            )
        except UnicodeDecodeError as error:
            _refuse(self.path, "ST_HEADER", _LENGTH_BYTES + error.start, "the header is not UTF-8")
        except json.JSONDecodeError as error:
            at = len(text[: error.pos].encode())
            _refuse(self.path, "ST_HEADER", _LENGTH_BYTES + at, "the header is not JSON")
        except (RecursionError, ValueError):  # nested too deeply; an integer of thousands of digits
            self.refuse("ST_HEADER", "the header is not a plain table of tensors")
        return parsed


def _is_text(text: str) -> bool:
    """Whether UTF-8 has it: JSON can spell halves of characters, which other readers refuse."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _checked(header: _Header, name: str, entry: Any, data_start: int) -> TensorInfo:
    """One header entry. Its size must be what its shape and type need."""
    if not isinstance(entry, dict) or set(entry) != _ENTRY_KEYS:
        header.refuse("ST_HEADER", f"tensor {shown(name)} is not described by dtype, shape and data_offsets", name)
    shape = _counts(header, name, "shape", entry["shape"])
    offsets = _counts(header, name, "data_offsets", entry["data_offsets"])
    dtype = entry["dtype"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        header.refuse("ST_DTYPE", f"tensor {shown(name)} has the unknown type {shown(dtype)}", name)
    if len(shape) > MAX_DIMENSIONS:
        header.refuse("TENSOR_DIMS", f"tensor {shown(name)} has {len(shape)} dimensions", name)
    if len(offsets) != 2:
        header.refuse("ST_HEADER", f"tensor {shown(name)} has {len(offsets)} data_offsets, expected two", name)
    start, stop = offsets
    if stop < start:
        header.refuse("ST_LAYOUT", f"tensor {shown(name)} ends at {stop:,}, before it starts at {start:,}", name)
    needed = math.prod(shape) * DTYPES[dtype][0]
    if stop - start != needed:
        size = f"{needed:,}" if needed < MAX_COUNT else "more than all files have"
        header.refuse("ST_SIZE", f"tensor {shown(name)} needs {size} bytes, its data_offsets {stop - start:,}", name)
    return TensorInfo(dtype, shape, data_start + start, data_start + stop)


def _counts(header: _Header, name: str, what: str, values: Any) -> Shape:
    if not isinstance(values, list) or not all(type(value) is int and 0 <= value < MAX_COUNT for value in values):
        header.refuse("ST_HEADER", f"the {what} of tensor {shown(name)} must be a list of whole numbers from 0", name)
    return tuple(values)


def _check_layout(path: Path, tensors: Mapping[str, TensorInfo], data_start: int, size: int) -> None:
    """Every byte of the data belongs to exactly one tensor."""
    reached = data_start
    for name, info in sorted(tensors.items(), key=lambda item: (item[1].start, item[1].stop)):
        if info.start != reached:
            problem = "overlaps another" if info.start < reached else "leaves a gap before it"
            _refuse(path, "ST_LAYOUT", info.start, f"tensor {shown(name)} {problem}")
        reached = info.stop
    if reached != size:
        _refuse(path, "ST_LAYOUT", min(reached, size), f"the tensors end at byte {reached:,}, the file at {size:,}")
