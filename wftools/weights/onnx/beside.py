"""Data in a file beside the model: it must be beside it."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from wftools.errors import shown
from wftools.weights.faults import ModelFileError
from wftools.weights.onnx.messages import ENTRY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wftools.weights.onnx.wire import Message

KEYS: Final = frozenset({"location", "offset", "length", "checksum"})  # what exporters write

# What no plain name of a file has on every system: control characters, Windows' separators and streams, and the stars
# by which onnxruntime marks data that is in its own memory.
_ODD: Final = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')
_MAX_DIGITS: Final = 19


@dataclass(frozen=True, slots=True)
class Beside:
    """Some bytes of another file."""

    file: Path
    start: int
    stop: int


def find_beside(entries: list[Message], folder: Path, needed: int) -> Beside:
    """Where the data of a tensor is that needs so many bytes. Raises ModelFileError if it is not beside the model."""
    at = entries[0].start if entries else None
    said: dict[str, str] = {}
    for entry in entries:
        key = entry.text("key")
        if key not in KEYS or key in said:
            problem = "twice" if key in said else "which no exporter writes"
            raise ModelFileError(
                "ONNX_EXT_KEY", f"external data has the key {shown(key)} {problem}", offset=entry.start
            )
        said[key] = entry.text("value")
    file = _plain_file(said.get("location", ""), folder, at)
    size = file.stat().st_size
    start = _count(said, "offset", 0, at)
    length = _count(said, "length", needed, at)
    if start + length > size:
        raise ModelFileError(
            "ONNX_EXT_BOUNDS",
            f"external data of {length:,} bytes from byte {start:,} on reaches beyond the end of {shown(file.name)}, "
            f"which has {size:,}",
            offset=at,
            hint="download both files again",
        )
    if length != needed:
        message = f"external data has {length:,} bytes, the tensor's shape needs {needed:,}"
        raise ModelFileError("ONNX_SIZE", message, offset=at)
    return Beside(file, start, start + length)


def _plain_file(location: str, folder: Path, at: int | None) -> Path:
    """A file in the folder or below it. Raises ModelFileError for any other."""

    def refuse(why: str) -> NoReturn:
        message = f"external data is to be read from {shown(location)}, {why}"
        raise ModelFileError("ONNX_EXT_PATH", message, offset=at, hint="keep the data beside the model")

    parts = location.split("/")
    if not location or _ODD.search(location) or location.startswith("/") or os.path.isabs(location):  # noqa: PTH117
        refuse("which is not a plain name beside the model")
    if ".." in parts:
        refuse("which leads upwards")
    path = folder / location
    try:
        if folder.resolve() not in path.resolve().parents:
            refuse("which is not a file in the model's folder")
        kind = path.stat().st_mode
    except FileNotFoundError as error:
        message = f"the file {shown(location)} with external data is not there"
        raise ModelFileError("ONNX_EXT_MISSING", message, offset=at, hint="put it beside the model") from error
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links; a name that is too long
        refuse(f"which cannot be read: {getattr(error, 'strerror', None) or error}")
    if not stat.S_ISREG(kind):
        refuse("which is no file")
    return path


def _count(said: Mapping[str, str], key: str, otherwise: int, at: int | None) -> int:
    text = said.get(key)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        message = f"the {key} of external data is {shown(text)}, expected a whole number from 0"
        raise ModelFileError("ONNX_EXT_BOUNDS", message, offset=at)
    return int(text)


def entries_of(tensor: Message) -> list[Message]:
    """What a tensor says of its external data."""
    return list(tensor.messages("external_data", ENTRY))
