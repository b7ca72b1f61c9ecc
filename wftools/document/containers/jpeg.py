"""JPEG: EXIF data in an APP1 segment, and comments.

    FF D8, then segments: FF, kind: u8, size with these two bytes: u16, data; from FF DA (SOS) on stand the pixels

ComfyUI itself writes no JPEG. Savers that do, write EXIF as in WebP, and rarely a comment (COM). ITU-T T.81, B.1.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers import _exif as exif
from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._texts import decoded
from wftools.document.containers._window import Window
from wftools.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUFFIXES: Final = (".jpg", ".jpeg")
_APP0: Final = 0xE0
_APP1: Final = 0xE1
_COM: Final = 0xFE
_SOS: Final = 0xDA
_EOI: Final = 0xD9
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # kinds without size and data
_MAX_DATA: Final = 0xFFFF - 2


def sniff(head: bytes) -> bool:
    """Whether a file starts as a JPEG does."""
    return head.startswith(b"\xff\xd8\xff")


def read(stream: BinaryIO) -> dict[str, str]:
    """The texts in the EXIF data, and the comment as `comment`."""
    texts: dict[str, str] = {}
    for segment in _segments(Window.of(stream)):
        if segment.is_exif:
            texts |= exif.read(segment.data)
        elif segment.kind == _COM:
            texts["comment"] = decoded(segment.data.content().rstrip(b"\0"))
    return texts


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy a JPEG with texts set in its EXIF data. Raises LimitError if that has no room for them."""
    segments = list(_segments(Window.of(stream)))
    old = [segment for segment in segments if segment.is_exif]
    block = exif.with_texts(old[0].data.content() if old else b"", texts)
    if len(block) > _MAX_DATA:
        raise LimitError(
            f"the EXIF data of a JPEG has at most {_MAX_DATA:,} bytes, these texts need {len(block):,}",
            hint="a PNG or a WebP has room for them",
        )
    removed = old + [segment for segment in segments if segment.kind == _COM and "comment" in texts]
    edits = [Splice(segment.start, segment.end, b"") for segment in removed]
    # To the start, but for the APP0 segment of JFIF, which wants to be the first.
    start = segments[0].end if segments and segments[0].kind == _APP0 else 2
    edits.append(Splice(start, start, struct.pack(">BBH", 0xFF, _APP1, 2 + len(block)) + block))
    splice(stream, sorted(edits), out)


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: int
    start: int  # of the whole segment, in the file
    end: int
    data: Window

    @property
    def is_exif(self) -> bool:
        return self.kind == _APP1 and self.data.size >= 6 and self.data.read(0, 6, "the EXIF prefix") == exif.PREFIX


def _segments(file: Window) -> Iterator[_Segment]:
    """The segments before the pixels."""
    at = 2
    while True:
        sign, kind = file.read(at, 2, "a segment")
        if sign != 0xFF:
            raise file.error(at, f"expected a segment, which starts with 0xff, found 0x{sign:02x}")
        if kind in (_SOS, _EOI):
            return
        if kind == 0xFF:  # fill bytes may precede a segment
            at += 1
        elif kind in _ALONE:
            at += 2
        else:
            (size,) = file.unpack(struct.Struct(">H"), at + 2, "a segment")
            if size < 2:
                raise file.error(at + 2, f"expected a size of at least 2, found {size}")
            whole = file.part(at, 2 + size, f"a segment of kind 0x{kind:02x}")
            yield _Segment(kind, whole.start, whole.end, whole.rest(4, "its data"))
            at += whole.size
