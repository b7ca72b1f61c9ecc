"""ONNX: a graph of operators in protobuf, with the weights in it or in a file beside it.

The tensors are the graph's initialisers, by the names that the file has for them. Exporters change many: a matrix that
is multiplied from the right stands transposed as `onnx::MatMul_123`, and equal ones are stored once.

Why not the package onnx: it reads a file into memory before anything can be said about it, and a file from a stranger
is to be judged first (`weights.onnx.judging`): operators that run programs, data outside of the folder, constants that
unfold to more memory than there is. Whatever is given to onnxruntime was opened here before.
"""

from __future__ import annotations

import math
import mmap
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, Place, shown
from wftools.weights.faults import ModelFileError
from wftools.weights.mapped import DTYPES, Mapped
from wftools.weights.onnx import messages
from wftools.weights.onnx.wire import VARINT, Wire
from wftools.weights.tensorfile import TensorFile, TensorInfo

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from wftools.weights.onnx.judging import Facts, Judged
    from wftools.weights.onnx.tensors import Stored

SUFFIXES: Final = (".onnx",)

_FIRST: Final = 0x08  # the version, which all writers put first


def sniff(head: bytes) -> bool:
    """Whether a model's fields stand one after another, the version of its format first."""
    if len(head) < 2 or head[0] != _FIRST:
        return False
    wire, at, count = Wire(head), 0, 0
    while at < len(head):
        try:
            tag, after = wire.varint(at, len(head))
            value, after = wire.varint(after, len(head))
        except ModelFileError:  # cut off
            return count > 0
        kind = messages.MODEL_FIELDS.get(tag >> 3)
        if kind != tag & 7:
            return False
        count += 1
        at = after if kind == VARINT else after + value
    return count > 1


def open_file(path: Path) -> TensorFile:
    """Read and judge the graph; no tensor is read. Raises ModelFileError, with a code and the offset."""
    wire, judged = _judged(path)
    tensors = {name: _info(stored, path) for name, stored in judged.tensors.items()}
    files = {stored.file or path for stored in judged.tensors.values()}
    mapped = {file: Mapped(file) for file in files}

    def read(name: str) -> Tensor:
        stored, info = judged.tensors[name], tensors[name]
        if not info.is_plain:
            return _numbers(stored, wire, info).reshape(info.shape)
        numbers = mapped[stored.file or path].numbers(name, info.dtype, math.prod(info.shape), info.start)
        return numbers.reshape(info.shape)

    return TensorFile(path, "onnx", tensors, judged.facts.metadata, read, doubts=judged.doubts)


def graph_facts(path: Path) -> Facts:
    """The versions, inputs, outputs and operators of a model. Raises ModelFileError as `open_file` does."""
    return _judged(path)[1].facts


def _judged(path: Path) -> tuple[Wire, Judged]:
    from wftools.weights.onnx.judging import judge  # start-up: every file is sniffed here, and few are ONNX

    place = Place(str(path))
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError as error:
        raise ModelFileError("EMPTY", "the file is empty", offset=0, place=place) from error
    except OSError as error:
        raise ModelFileError("UNREADABLE", f"cannot be read: {error.strerror}", place=place) from error
    wire = Wire(data)
    try:
        return wire, judge(wire, path.parent)
    except ModelFileError as error:
        error.place = error.place or place
        raise


def _info(stored: Stored, path: Path) -> TensorInfo:
    dtype = stored.element.stored
    if dtype is None:
        raise ModelFileError(
            "ONNX_DTYPE",
            f"tensor {shown(stored.name)} has the type {stored.element.name}, which is not read",
            offset=stored.at,
            place=Place(str(path)),
        )
    return TensorInfo(dtype, stored.shape, stored.start, stored.stop, stored.file, stored.is_plain)


def _numbers(stored: Stored, wire: Wire, info: TensorInfo) -> Tensor:
    """Numbers that stand as varints, or one by one, as a tensor (elements,)."""
    import torch

    if stored.field in {"float_data", "double_data"}:
        rows = b"".join(wire.data[slice(*span)] for span in stored.message.spans(stored.field))
        return torch.frombuffer(bytearray(rows), dtype=getattr(torch, DTYPES[info.dtype][1]))
    size, name = DTYPES[info.dtype]
    numbers = torch.tensor(stored.message.numbers(stored.field, stored.elements), dtype=torch.int64)
    if len(numbers) != stored.elements:
        raise InputError(f"tensor {shown(stored.name)} has changed since its header was read")
    # Little-endian: the first bytes of each number are the element, be it a whole number or a half.
    content = numbers.view(torch.uint8).reshape(-1, 8)[:, :size].contiguous()
    return content.reshape(-1).view(getattr(torch, name))
