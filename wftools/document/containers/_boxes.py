"""Boxes of the ISO base media file format, of which MP4, MOV and AVIF consist.

    size of the whole box: u32, type: 4 characters, [size: u64 if that was 1], data

ISO/IEC 14496-12, 4.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.document.containers._window import Window

_HEAD: Final = struct.Struct(">I4s")
_LONG_SIZE: Final = struct.Struct(">Q")
FULL: Final = 4  # bytes of version and flags, with which the data of a full box starts


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its type and where it stands in the file."""

    type: bytes
    start: int
    data: Window

    @property
    def end(self) -> int:
        """Of the box, in the file."""
        return self.data.end

    @property
    def whole(self) -> Window:
        """The box with its size and type."""
        return replace(self.data, start=self.start)

    def children(self) -> Iterator[Box]:
        """The boxes in it."""
        return boxes(self.data)

    def find(self, *path: bytes) -> Box | None:
        """The first box of a type in it, and in that one the first of the next type …"""
        found: Box | None = self
        for kind in path:
            found = next((box for box in found.children() if box.type == kind), None) if found else None
        return found


def boxes(data: Window, *, is_file: bool = False) -> Iterator[Box]:
    """The boxes that a file, or the data of a box, consists of. Fewer than eight bytes at the end are padding.

    In a file the last box may have size 0, which means all that is left; in a box zeros are padding.
    """
    at = 0
    while at + _HEAD.size <= data.size:
        size, kind = data.unpack(_HEAD, at, "a box")
        head = _HEAD.size
        if size == 1:
            (size,) = data.unpack(_LONG_SIZE, at + head, "the size of a box")
            head += _LONG_SIZE.size
        elif size == 0 and is_file:
            size = data.size - at
        elif size == 0:
            return
        if size < head:
            raise data.error(at, f"expected a box of at least {head} bytes, found {kind!r} with {size}")
        whole = data.part(at, size, f"a box of type {kind!r}")
        yield Box(kind, whole.start, whole.rest(head, "its data"))
        at += size


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of data."""
    data = b"".join(parts)
    return _HEAD.pack(_HEAD.size + len(data), kind) + data
