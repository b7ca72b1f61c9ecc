"""AVIF: EXIF data as an item of the file. It is read only: an item's place is told in offsets of several kinds.

    ftyp, meta { iinf: what items there are, iloc: where each stands, … }, mdat
    an Exif item: offset of the TIFF header after these four bytes: u32, EXIF data

ComfyUI itself writes no AVIF; its web frontend reads the EXIF data of others as it reads WebP.
ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, A.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers import _exif as exif
from wftools.document.containers._boxes import FULL, boxes
from wftools.document.containers._window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES: Final = (".avif",)
_BRANDS: Final = frozenset({b"avif", b"avis"})
_IN_FILE: Final = 0  # how an item is stored: at an offset of the file …
_IN_IDAT: Final = 1  # … or of the idat box
_SKIPPED: Final = struct.Struct(">I")  # bytes of an Exif item before the TIFF header, after these four


def sniff(head: bytes) -> bool:
    """Whether a file starts with a type box that says AVIF, as its major brand or among the compatible ones."""
    size = int.from_bytes(head[:4], "big")
    brands = head[8 : min(size, 256)]
    return head[4:8] == b"ftyp" and any(brands[at : at + 4] in _BRANDS for at in range(0, len(brands), 4))


def read(stream: BinaryIO) -> dict[str, str]:
    """The texts in the EXIF data."""
    file = Window.of(stream)
    meta = next((box for box in boxes(file, is_file=True) if box.type == b"meta"), None)
    if meta is None:
        return {}
    parts = {box.type: box.data for box in boxes(meta.data.rest(FULL, "the meta box"))}
    if b"iinf" not in parts or b"iloc" not in parts:
        return {}
    wanted = set(_exif_items(parts[b"iinf"]))
    sources = {_IN_FILE: file, _IN_IDAT: parts.get(b"idat")}
    texts: dict[str, str] = {}
    for place in _places(parts[b"iloc"]):
        source = sources.get(place.method)
        if place.item in wanted and place.extents and source is not None:
            item = b"".join(source.read(at, size, "the EXIF data") for at, size in place.extents)
            window = Window.of(item, origin=source.position + place.extents[0][0])
            (skipped,) = window.unpack(_SKIPPED, 0, "the EXIF item")
            texts |= exif.read(window.rest(_SKIPPED.size + skipped, "the EXIF data"))
    return texts


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the bytes of an item stand: offset and size of each piece."""

    item: int
    method: int
    extents: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Numbers:
    """Numbers of several widths, one after another."""

    data: Window
    at: int = 0

    def take(self, width: int) -> int:
        """The next number; 0 for one that has no bytes."""
        number = int.from_bytes(self.data.read(self.at, width, "a number"), "big")
        self.at += width
        return number


def _exif_items(iinf: Window) -> Iterator[int]:
    """The numbers of the items that are EXIF data."""
    (version,) = iinf.read(0, 1, "the iinf box")
    for entry in boxes(iinf.rest(FULL + (4 if version else 2), "the entries of the iinf box")):
        numbers = _Numbers(entry.data)
        width = {2: 2, 3: 4}.get(numbers.take(1))
        if entry.type != b"infe" or width is None:
            continue
        numbers.at = FULL
        item = numbers.take(width)
        numbers.at += 2  # how it is protected
        if entry.data.read(numbers.at, 4, "the type of an item") == b"Exif":
            yield item


def _places(iloc: Window) -> Iterator[_Place]:
    """Where each item stands, as the iloc box (8.11.3) says it."""
    numbers = _Numbers(iloc)
    version = numbers.take(1)
    numbers.at = FULL
    widths, base_widths = numbers.take(1), numbers.take(1)
    wide = 4 if version == 2 else 2
    for _ in range(numbers.take(wide)):
        item = numbers.take(wide)
        method = numbers.take(2) & 0xF if version else _IN_FILE
        numbers.at += 2  # in which file: this one
        base = numbers.take(base_widths >> 4)
        extents = []
        for _ in range(numbers.take(2)):
            numbers.at += base_widths & 0xF if version else 0
            extents.append((base + numbers.take(widths >> 4), numbers.take(widths & 0xF)))
        yield _Place(item, method, tuple(extents))
