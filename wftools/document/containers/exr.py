"""OpenEXR: string attributes of the header. It is read only: a longer header moves the pixels, which offsets say.

    magic, version and flags: u32, then attributes: name, NUL, type, NUL, size: u32, value; a NUL ends them

Of a file in several parts the first header counts. OpenEXR File Layout.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers._texts import decoded
from wftools.document.containers._window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES: Final = (".exr",)
_MAGIC: Final = b"\x76\x2f\x31\x01"
_SIZE: Final = struct.Struct("<I")
_MAX_NAME: Final = 255


def sniff(head: bytes) -> bool:
    """Whether a file starts as an OpenEXR file does."""
    return head.startswith(_MAGIC)


def read(stream: BinaryIO) -> dict[str, str]:
    """The attributes of type string by name."""
    return {
        name.lower(): decoded(value.content())
        for name, kind, value in _attributes(Window.of(stream))
        if kind == "string"
    }


def _attributes(file: Window) -> Iterator[tuple[str, str, Window]]:
    at = 8
    while file.read(at, 1, "an attribute") != b"\0":
        name, at = _word(file, at)
        kind, at = _word(file, at)
        (size,) = file.unpack(_SIZE, at, "the size of an attribute")
        yield name, kind, file.part(at + _SIZE.size, size, f"the attribute {name!r}")
        at += _SIZE.size + size


def _word(file: Window, at: int) -> tuple[str, int]:
    """A text that a NUL ends, and where what follows it starts."""
    data, end, _ = file.read(at, min(_MAX_NAME + 1, max(file.size - at, 1)), "a name").partition(b"\0")
    if not end:
        raise file.error(at, f"expected a name of at most {_MAX_NAME} bytes, and a NUL")
    return decoded(data), at + len(data) + 1
