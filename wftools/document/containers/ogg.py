"""Ogg with Opus, Vorbis, Theora, Speex or FLAC: Vorbis comments in the second packet of a stream.

    page: "OggS", 0, flags: u8, position: i64, stream: u32, number of the page in it: u32, CRC-32: u32,
          count: u8, count x size of a segment: u8, segments
    packet: segments up to the first that is shorter than 255, over as many pages as it takes

Longer comments may take more pages; then the pages after them are numbered anew. RFC 3533; RFC 7845; Vorbis I, 4.2.
"""

from __future__ import annotations

import struct
import sys
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._vorbis import Comments
from wftools.document.containers._window import Budget, Window
from wftools.errors import InputError, LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUFFIXES: Final = (".ogg", ".opus")
_SIGNATURE: Final = b"OggS"
_HEAD: Final = struct.Struct("<4sBBqIIIB")
_NUMBERS: Final = struct.Struct("<II")  # number of the page and CRC …
_NUMBERS_AT: Final = 18  # … and where they stand in it
_MAX_SEGMENTS: Final = 255

_CONTINUED: Final = 1  # flags of a page: it starts inside a packet,
_FIRST: Final = 2  # it is the first of its stream,
_LAST: Final = 4  # it is the last one
_NO_POSITION: Final = -1  # of a page in which no packet ends

_FLAC: Final = b"\x7fFLAC"
_MAX_FLAC: Final = 2**24 - 1
_CODECS: Final = {  # how the first packet starts, and what stands before the comments in the second one
    b"OpusHead": b"OpusTags",
    b"\x01vorbis": b"\x03vorbis",
    b"\x80theora": b"\x81theora",
    b"Speex   ": b"",
    _FLAC: b"",
}

_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def sniff(head: bytes) -> bool:
    """Whether a file starts as an Ogg does."""
    return head.startswith(_SIGNATURE)


def read(stream: BinaryIO) -> dict[str, str]:
    """The comments of all streams by name."""
    texts: dict[str, str] = {}
    for packet in _comment_packets(Window.of(stream)):
        texts |= packet.comments()[1].texts
    return texts


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy an Ogg with comments set in its first stream that can have some."""
    packet = next(_comment_packets(Window.of(stream)), None)
    if packet is None:
        raise InputError("none of the streams in the Ogg file is Opus, Vorbis, Theora, Speex or FLAC")
    splice(stream, _edits(stream, packet, texts), out)


@dataclass(frozen=True, slots=True)
class _Page:
    flags: int
    position: int
    serial: int  # which stream
    number: int
    sizes: bytes  # of its segments
    start: int  # in the file
    data: Window

    @property
    def end(self) -> int:
        """In the file."""
        return self.data.end


@dataclass(slots=True)
class _Packet:
    """The second packet of a stream, as far as it has been read, and its pages."""

    codec: bytes
    pages: list[_Page] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)
    sizes_after: bytes = b""  # of what stands behind it in its last page
    after: bytes = b""
    is_whole: bool = False

    def add(self, page: _Page) -> None:
        """Take what belongs to the packet from the next page of its stream."""
        self.pages.append(page)
        count = next((index for index, size in enumerate(page.sizes, 1) if size < 255), None)
        length = sum(page.sizes[:count])
        data = page.data.content()
        self.data += data[:length]
        if count is not None:
            self.sizes_after, self.after, self.is_whole = page.sizes[count:], data[length:], True

    def comments(self) -> tuple[bytes, Comments]:
        """What stands before the comments, and these."""
        magic = bytes(self.data[:4]) if self.codec == _FLAC else _CODECS[self.codec]
        if not self.data.startswith(magic):
            raise self.pages[0].data.error(0, f"expected {magic!r} before comments, found {bytes(self.data[:8])!r}")
        origin = self.pages[0].data.position + len(magic)  # right for what stands in the first page
        return magic, Comments.of(Window.of(bytes(self.data[len(magic) :]), origin=origin))

    def with_texts(self, texts: Mapping[str, str]) -> bytes:
        """The packet with texts set."""
        magic, comments = self.comments()
        data = comments.with_texts(texts)
        if self.codec == _FLAC:  # a metadata block, with its size in front
            if len(data) > _MAX_FLAC:
                raise LimitError(f"the comments of a FLAC have at most {_MAX_FLAC:,} bytes, these need {len(data):,}")
            magic = magic[:1] + len(data).to_bytes(3, "big")
        return magic + data


def _pages(file: Window, at: int = 0) -> Iterator[_Page]:
    while at < file.size:
        signature, _, flags, position, serial, number, _, count = file.unpack(_HEAD, at, "a page")
        if signature != _SIGNATURE:
            raise file.error(at, f"expected a page, which starts with OggS, found {signature!r}")
        sizes = file.read(at + _HEAD.size, count, "the sizes of segments")
        data = file.part(at + _HEAD.size + count, sum(sizes), "the segments of a page")
        yield _Page(flags, position, serial, number, sizes, at, data)
        at = data.end


def _comment_packets(file: Window) -> Iterator[_Packet]:
    """The second packet of each stream that has comments. First come the first pages of all streams."""
    begun: dict[int, _Packet] = {}
    for page in _pages(file):
        if page.flags & _FIRST:
            first = page.data.read(0, min(page.data.size, 8), "the first packet")
            codec = next((codec for codec in _CODECS if first.startswith(codec)), None)
            if codec is not None:
                begun[page.serial] = _Packet(codec)
        elif page.serial in begun:
            begun[page.serial].add(page)
            if begun[page.serial].is_whole:
                yield begun.pop(page.serial)
        if not begun and not page.flags & _FIRST:
            return
    if begun:
        raise file.error(file.size, "expected the comments of a stream, found the end")


def _edits(stream: BinaryIO, packet: _Packet, texts: Mapping[str, str]) -> Iterator[Splice]:
    """The pages of the packet replaced, and those after them numbered anew if there are more or fewer now."""
    first, *others = packet.pages
    new = _paginated(packet, packet.with_texts(texts))
    yield Splice(first.start, first.end, b"".join(new))
    yield from (Splice(page.start, page.end, b"") for page in others)
    added = len(new) - len(packet.pages)
    if not added:
        return
    unlimited = Window.of(stream, Budget(sys.maxsize, sys.maxsize))  # each page is read once, as copying does
    for page in _pages(unlimited, packet.pages[-1].end):
        if page.serial == first.serial:
            whole = unlimited.read(page.start, page.end - page.start, "a page")
            start = page.start + _NUMBERS_AT
            yield Splice(start, start + _NUMBERS.size, _numbers(whole, (page.number + added) % 2**32))
            if page.flags & _LAST:
                return


def _paginated(packet: _Packet, data: bytes) -> list[bytes]:
    """Pages with a new packet and what stood behind the old one."""
    full, short = divmod(len(data), 255)
    sizes = b"\xff" * full + bytes([short]) + packet.sizes_after
    content = Window.of(data + packet.after, Budget(sys.maxsize, sys.maxsize))
    first, last = packet.pages[0], packet.pages[-1]
    pages: list[bytes] = []
    done = 0
    for at in range(0, len(sizes), _MAX_SEGMENTS):
        part = sizes[at : at + _MAX_SEGMENTS]
        is_last = at + len(part) == len(sizes)
        position = last.position if is_last else _NO_POSITION if part.count(255) == len(part) else first.position
        flags = (_CONTINUED if at and sizes[at - 1] == 255 else 0) | (last.flags & _LAST if is_last else 0)
        head = _HEAD.pack(_SIGNATURE, 0, flags, position, first.serial, 0, 0, len(part))
        page = head + part + content.read(done, sum(part), "a page")
        numbers = _numbers(page, (first.number + len(pages)) % 2**32)
        pages.append(page[:_NUMBERS_AT] + numbers + page[_NUMBERS_AT + _NUMBERS.size :])
        done += sum(part)
    return pages


def _numbers(page: bytes, number: int) -> bytes:
    """The two fields of a page that change when its number does."""
    end = _NUMBERS_AT + _NUMBERS.size
    return _NUMBERS.pack(number, _crc(page[:_NUMBERS_AT] + _NUMBERS.pack(number, 0) + page[end:]))


def _crc(page: bytes) -> int:
    """Ogg's CRC-32: the polynomial of zlib's, but from the highest bit of each byte, without inversion."""
    reflected = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{reflected:032b}"[::-1], 2)
