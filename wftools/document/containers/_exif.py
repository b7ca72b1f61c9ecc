"""Texts in EXIF, as WebP, JPEG and AVIF carry it: a TIFF header, directories of tags, values.

    "Exif", NUL, NUL if the container or the writer wants it
    "II" or "MM", 42: u16, offset of IFD0: u32
    IFD: count: u16, count x (tag: u16, type: u16, count: u32, value or its offset: u32), offset of the next IFD: u32

ComfyUI writes `prompt:{…}` as tag 0x0110 (Model), `workflow:{…}` as 0x010F (Make) and further keys downwards. Other
savers take other tags, or write `Workflow:`, so that every ASCII value of the form `key:text` counts. A1111's
parameters are the UserComment of the Exif IFD. CIPA DC-008 (Exif 2.32); TIFF 6.0.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.document.containers._texts import decoded
from wftools.document.containers._window import Window
from wftools.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX: Final = b"Exif\0\0"

_ASCII: Final = 2
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}  # by type
_PLAIN: Final = frozenset({1, 2, 3, 5})  # BYTE, ASCII, SHORT, RATIONAL

_EXIF_IFD: Final = 0x8769
_USER_COMMENT: Final = 0x9286

# The tags for texts: where ComfyUI writes them, and further ones down to those that say how pixels are stored.
_MODEL, _MAKE = 0x0110, 0x010F
_USUAL: Final = {"prompt": _MODEL, "workflow": _MAKE}
_TAGS: Final[tuple[int, ...]] = (*range(0x010E, 0x0106, -1), _MAKE, _MODEL)

_KEY: Final = re.compile(rb"([A-Za-z][\w.-]{0,78}):")

_EMPTY: Final = b"MM\0*\0\0\0\0"  # a TIFF header, and no directory

# Before all that we appended to a block. A later embed cuts it off there, so that the block does not grow each time.
_MARK: Final = b"wftools\0"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One tag of a directory. `at` is where its value stands in the block; small ones stand in the directory itself."""

    tag: int
    type: int
    count: int
    at: int
    size: int
    field: bytes  # the four bytes of the directory: the value, or its offset

    @property
    def is_inside(self) -> bool:
        """Whether the value stands in the directory."""
        return self.size <= 4

    @property
    def is_plain(self) -> bool:
        """Whether the value is surely no offset of something."""
        return self.type in _PLAIN and self.tag != _EXIF_IFD


def read(block: Window) -> dict[str, str]:
    """The texts of an EXIF block by key. Raises InputError for a malformed one."""
    tiff = _Tiff.of(block)
    texts: dict[str, str] = {}
    for entry in tiff.ifd0():
        if entry.tag == _EXIF_IFD:
            comments = [inner for inner in tiff.entries(tiff.number(entry)) if inner.tag == _USER_COMMENT]
        else:
            comments = [entry] if entry.tag == _USER_COMMENT else []  # Pillow puts it into IFD0
        for comment in comments:
            texts.setdefault("parameters", _comment(tiff.value(comment)))
        key = tiff.key(entry)
        if key is not None:
            texts[key] = decoded(tiff.value(entry)[len(key) + 1 :].rstrip(b"\0"))
    return {key: text for key, text in texts.items() if text}


def with_texts(block: bytes, texts: Mapping[str, str]) -> bytes:
    """The block, of even length, with texts set; an empty text removes its key, an empty block is made.

    A new IFD0 is appended and everything else stays where it is, because maker notes hold offsets that only their
    makers know. Replaced values are overwritten with zeros, so that an old prompt does not travel along. Parameters
    become a text like any other: a UserComment would need a new Exif IFD as well.

    Raises LimitError if more keys are set than there are tags.
    """
    block = block or PREFIX + _EMPTY
    tiff = _Tiff.of(Window.of(block))
    old = tiff.ifd0()
    kept = [entry for entry in old if not tiff.is_text(entry, texts)]
    body = bytearray(block[tiff.block.start :])
    del body[_reusable(tiff, body, old, kept) :]
    for entry in _replaced(tiff, old, texts):
        if entry.at >= len(_EMPTY) and entry.at + entry.size <= len(body):
            body[entry.at : entry.at + entry.size] = bytes(entry.size)
    return block[: tiff.block.start] + _appended(body, tiff, kept, texts)


@dataclass(frozen=True, slots=True)
class _Tiff:
    """An EXIF block without its prefix."""

    block: Window
    order: str  # of bytes, as `struct` spells it
    first: int  # offset of IFD0; 0 if there is none

    @classmethod
    def of(cls, block: Window) -> _Tiff:
        while block.size >= 6 and block.read(0, 6, "the EXIF block") == PREFIX:  # some writers put it twice
            block = block.rest(6, "the EXIF block")
        head = block.read(0, 8, "the TIFF header")
        order = {b"II*\0": "<", b"MM\0*": ">"}.get(head[:4])
        if order is None:
            raise block.error(0, f"expected a TIFF header (II*\\0 or MM\\0*), found {head[:4]!r}")
        return cls(block, order, struct.unpack(order + "I", head[4:])[0])

    def ifd0(self) -> list[_Entry]:
        """The tags of the first directory."""
        return list(self.entries(self.first)) if self.first else []

    def entries(self, at: int) -> Iterator[_Entry]:
        """The tags of the directory at an offset."""
        (count,) = self.block.unpack(struct.Struct(self.order + "H"), at, "a directory of tags")
        fields = struct.Struct(self.order + "HHI4s")
        table = self.block.read(at + 2, 12 * count, f"a directory of {count} tags")
        for index, (tag, kind, values, field) in enumerate(fields.iter_unpack(table)):
            size = values * _SIZES.get(kind, 1)
            where = at + 10 + 12 * index if size <= 4 else struct.unpack(self.order + "I", field)[0]
            yield _Entry(tag, kind, values, where, size, field)

    def next(self, at: int) -> int:
        """The offset of the directory after the one at an offset: IFD1 is the thumbnail."""
        (count,) = self.block.unpack(struct.Struct(self.order + "H"), at, "a directory of tags")
        link = at + 2 + 12 * count
        if link + 4 > self.block.size:
            return 0  # some writers leave it out
        return int(self.block.unpack(struct.Struct(self.order + "I"), link, "a link")[0])

    def number(self, entry: _Entry) -> int:
        """The value of a tag that is one LONG."""
        return int(struct.unpack(self.order + "I", entry.field)[0])

    def value(self, entry: _Entry) -> bytes:
        """The bytes of a value."""
        return self.block.read(entry.at, entry.size, f"the value of EXIF tag 0x{entry.tag:04x}")

    def key(self, entry: _Entry) -> str | None:
        """The key of a value of the form `key:text`."""
        if entry.type != _ASCII:
            return None
        match = _KEY.match(self.block.read(entry.at, min(entry.size, 80), f"the value of EXIF tag 0x{entry.tag:04x}"))
        return match[1].decode().lower() if match else None

    def is_text(self, entry: _Entry, texts: Mapping[str, str]) -> bool:
        """Whether a tag is one of the given texts."""
        if entry.tag == _USER_COMMENT:
            return "parameters" in texts
        return self.key(entry) in texts


def _comment(value: bytes) -> str:
    """A UserComment: eight bytes that say the character set, and the text."""
    charset, text = value[:8], value[8:]
    if charset == b"UNICODE\0":
        # The byte order is that of the file, or of a mark, or big-endian, by writer. Zeros tell: English has many.
        big = text.startswith(b"\xfe\xff") or text[::2].count(0) > text[1::2].count(0)
        text = text[: len(text) & ~1]
        return text.decode("utf-16-be" if big else "utf-16-le", "replace").strip("\0\ufeff")
    if charset in {b"ASCII\0\0\0", bytes(8)}:
        return decoded(text.rstrip(b"\0"))
    return decoded(value.rstrip(b"\0"))  # savers that leave the character set out


def _replaced(tiff: _Tiff, old: list[_Entry], texts: Mapping[str, str]) -> Iterator[_Entry]:
    """The tags whose values are to be wiped, in IFD0 and in the Exif IFD."""
    for entry in old:
        inner = tiff.entries(tiff.number(entry)) if entry.tag == _EXIF_IFD else ()
        yield from (tag for tag in (entry, *inner) if tiff.is_text(tag, texts))


def _reusable(tiff: _Tiff, body: bytearray, old: list[_Entry], kept: list[_Entry]) -> int:
    """How much of a block stays: nothing but the header if IFD0 is all there is, else all that is not our own."""
    following = tiff.next(tiff.first) if tiff.first else 0
    if not following and all(entry.is_plain for entry in kept):
        return len(_EMPTY)
    mark = body.rfind(_MARK)
    is_last = tiff.first + 2 + 12 * len(old) + 4 == len(body)
    links = [following, *(tiff.number(entry) for entry in kept if not entry.is_plain)]
    return mark if is_last and len(_EMPTY) <= mark < tiff.first and max(links) < mark else len(body)


def _appended(body: bytearray, tiff: _Tiff, kept: list[_Entry], texts: Mapping[str, str]) -> bytes:
    """A body with a new IFD0 at its end: the kept tags, and the new texts in tags that are free."""
    following = tiff.next(tiff.first) if tiff.first else 0
    start = len(body)
    body += _MARK
    rows: dict[int, tuple[int, int, bytes]] = {}
    for entry in kept:
        field = entry.field
        if not entry.is_inside and entry.at >= start:  # it stands in what was cut off
            field = _put(body, tiff, tiff.value(entry))
        rows[entry.tag] = (entry.type, entry.count, field)
    for key, text in texts.items():
        if text:
            value = f"{key}:{text}".encode() + b"\0"
            field = _put(body, tiff, value) if len(value) > 4 else value.ljust(4, b"\0")
            rows[_free_tag(rows, key)] = (_ASCII, len(value), field)
    body += bytes(len(body) % 2)
    body[4:8] = struct.pack(tiff.order + "I", len(body))
    body += struct.pack(tiff.order + "H", len(rows))
    for tag in sorted(rows):
        body += struct.pack(tiff.order + "HHI4s", tag, *rows[tag])
    return bytes(body + struct.pack(tiff.order + "I", following))


def _put(body: bytearray, tiff: _Tiff, value: bytes) -> bytes:
    """Append a value; its offset, as a directory has it."""
    body += bytes(len(body) % 2)
    offset = struct.pack(tiff.order + "I", len(body))
    body += value
    return offset


def _free_tag(rows: Mapping[int, object], key: str) -> int:
    for tag in (_USUAL.get(key, _TAGS[0]), *_TAGS):
        if tag not in rows:
            return tag
    raise LimitError(f"EXIF has room for {len(_TAGS)} texts, those of a camera included")
