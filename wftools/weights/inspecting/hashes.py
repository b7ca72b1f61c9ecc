"""By what sites and programs know a model file: hashes of all of it, or of a part."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.errors import InputError, Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHUNK: Final = 2**20
_OLD_START: Final = 0x100000  # of the 64 KiB that AUTOMATIC1111's first hash was of
_OLD_LENGTH: Final = 0x10000


@dataclass(frozen=True, slots=True)
class Hashes:
    """The hashes of a file, as hexadecimal digits."""

    sha256: str
    autov1: str | None  # None for a file that is too short for one
    autov3: str | None  # of a safetensors file without its header: kohya's `sshs_model_hash`, shortened

    @property
    def autov2(self) -> str:
        """What Civitai and AUTOMATIC1111 call a file by."""
        return self.sha256[:10]


def hashes_of(path: Path, format_name: str, progress: Callable[[int], None] = lambda _: None) -> Hashes:
    """Read a file once; `progress` is told how many bytes were read since. Raises InputError."""
    whole, data = hashlib.sha256(), hashlib.sha256()
    old = b""
    try:
        with path.open("rb") as file:
            data_start = 8 + int.from_bytes(file.read(8), "little") if format_name == "safetensors" else None
            file.seek(0)
            at = 0
            while chunk := file.read(CHUNK):
                whole.update(chunk)
                if data_start is not None and at + len(chunk) > data_start:
                    data.update(memoryview(chunk)[max(0, data_start - at) :])
                if len(old) < _OLD_LENGTH and at + len(chunk) > _OLD_START:
                    old += chunk[max(0, _OLD_START - at) :][: _OLD_LENGTH - len(old)]
                at += len(chunk)
                progress(len(chunk))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=Place(str(path))) from error
    return Hashes(
        sha256=whole.hexdigest(),
        autov1=hashlib.sha256(old).hexdigest()[:8] if old else None,
        autov3=data.hexdigest()[:12] if data_start is not None else None,
    )
