"""A file's bytes as tensors that share its memory: what formats have in common that keep plain numbers."""

from __future__ import annotations

import mmap
from functools import cached_property
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, Place, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

# safetensors' name -> bytes an element, torch's name
DTYPES: Final[Mapping[str, tuple[int, str]]] = {
    "BOOL": (1, "bool"),
    "U8": (1, "uint8"),
    "I8": (1, "int8"),
    "F8_E4M3": (1, "float8_e4m3fn"),
    "F8_E5M2": (1, "float8_e5m2"),
    "F8_E8M0": (1, "float8_e8m0fnu"),
    "U16": (2, "uint16"),
    "I16": (2, "int16"),
    "F16": (2, "float16"),
    "BF16": (2, "bfloat16"),
    "U32": (4, "uint32"),
    "I32": (4, "int32"),
    "F32": (4, "float32"),
    "U64": (8, "uint64"),
    "I64": (8, "int64"),
    "F64": (8, "float64"),
    "C64": (8, "complex64"),
}


class Mapped:
    """Maps a file on first use; tensors share its memory, and keep it mapped as long as one of them lives."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _bytes(self) -> mmap.mmap:
        with self.path.open("rb") as file:
            # A private mapping that may be written to: torch has no read-only tensors. The file never changes.
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)

    def numbers(self, name: str, dtype: str, count: int, start: int) -> Tensor:
        """So many numbers in a row (count,) from a byte on. Raises InputError if they are not there (any more)."""
        import torch

        size, torch_name = DTYPES[dtype]
        made = getattr(torch, torch_name, None)
        if made is None:
            raise InputError(
                f"tensor {shown(name)} has the type {dtype}, which torch {torch.__version__} does not have",
                place=Place(str(self.path)),
            )
        if count == 0:
            return torch.empty(0, dtype=made)
        if start + count * size > len(self._bytes):
            raise InputError(
                f"the file has become shorter since its header was read: it has {len(self._bytes):,} bytes",
                place=Place(str(self.path)),
                hint="download or save the file again",
            )
        return torch.frombuffer(self._bytes, dtype=made, count=count, offset=start)
