"""WebP: an EXIF chunk.

    "RIFF", size of what follows: u32, "WEBP", then chunks: type: 4 characters, size: u32, data, a byte if that is odd

A file with metadata starts with a VP8X chunk, whose first byte has a bit for each kind of it. What follows it says how
large the picture is, which a simple file leaves to the pixel data. WebP Container Specification (RFC 9649).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers import _exif as exif
from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._window import Window
from wftools.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUFFIXES: Final = (".webp",)
_HEAD: Final = struct.Struct("<4sI")
_HAS_EXIF: Final = 0x08
_HAS_ALPHA: Final = 0x10


def sniff(head: bytes) -> bool:
    """Whether a file starts as a WebP does."""
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def read(stream: BinaryIO) -> dict[str, str]:
    """The texts in the EXIF data."""
    texts: dict[str, str] = {}
    for chunk in _chunks(_riff(Window.of(stream))):
        if chunk.type == b"EXIF":
            texts |= exif.read(chunk.data)
    return texts


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy a WebP with texts set in its EXIF data; a simple file becomes an extended one."""
    riff = _riff(Window.of(stream))
    chunks = list(_chunks(riff))
    edits = [_extension(chunks[0]), *_exif_edits(chunks, texts)]
    size = riff.size - 8 + sum(edit.growth for edit in edits)
    if size >= 2**32:
        raise LimitError("a WebP file has at most 4 GB")
    splice(stream, [Splice(4, 8, struct.pack("<I", size)), *sorted(edits)], out)


@dataclass(frozen=True, slots=True)
class _Chunk:
    type: bytes
    start: int  # of the whole chunk, in the file
    end: int
    data: Window


def _riff(file: Window) -> Window:
    """The file without what stands after the picture."""
    _, size = file.unpack(_HEAD, 0, "the RIFF header")
    return file.part(0, 8 + size, "the RIFF file")


def _chunks(riff: Window) -> Iterator[_Chunk]:
    at = 12
    while at + 8 <= riff.size or at == 12:
        kind, size = riff.unpack(_HEAD, at, "a chunk")
        data = riff.part(at + 8, size, f"a chunk of type {kind!r}")
        at = min(at + 8 + size + size % 2, riff.size)  # some writers leave the last byte of padding out
        yield _Chunk(kind, data.start - 8, riff.start + at, data)


def _exif_edits(chunks: list[_Chunk], texts: Mapping[str, str]) -> list[Splice]:
    """The first EXIF chunk replaced and others removed, or one inserted before XMP, which comes last."""
    old = [chunk for chunk in chunks if chunk.type == b"EXIF"]
    block = exif.with_texts(old[0].data.content() if old else b"", texts)
    new = _HEAD.pack(b"EXIF", len(block)) + block
    if old:
        return [Splice(old[0].start, old[0].end, new), *(Splice(chunk.start, chunk.end, b"") for chunk in old[1:])]
    start = next((chunk.start for chunk in chunks if chunk.type == b"XMP "), chunks[-1].end)
    return [Splice(start, start, bytes(start % 2) + new)]


def _extension(first: _Chunk) -> Splice:
    """The VP8X chunk with the bit for EXIF, made if it is not there."""
    if first.type == b"VP8X":
        (flags,) = first.data.read(0, 1, "the flags")
        return Splice(first.data.start, first.data.start + 1, bytes([flags | _HAS_EXIF]))
    width, height, has_alpha = _picture_size(first)
    flags = _HAS_EXIF | (_HAS_ALPHA if has_alpha else 0)
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return Splice(first.start, first.start, _HEAD.pack(b"VP8X", 10) + bytes([flags, 0, 0, 0]) + canvas)


def _picture_size(first: _Chunk) -> tuple[int, int, bool]:
    """Width, height and whether there is alpha, as VP8 (RFC 6386, 9.1) and VP8L (RFC 9649, 3.4) data starts."""
    if first.type == b"VP8L":
        (bits,) = first.data.unpack(struct.Struct("<I"), 1, "the size of the picture")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    if first.type == b"VP8 ":
        width, height = first.data.unpack(struct.Struct("<HH"), 6, "the size of the picture")
        if 0 not in (width & 0x3FFF, height & 0x3FFF):
            return width & 0x3FFF, height & 0x3FFF, False
    raise first.data.error(0, f"expected the start of a picture (VP8X, VP8 or VP8L), found {first.type!r}")
