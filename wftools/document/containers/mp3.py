"""MP3: TXXX frames of an ID3v2 tag at the start of the file.

    "ID3", version: u8, revision: u8, flags: u8, size of what follows: 4 x 7 bits, frames, zeros
    frame: id: 4 letters, size: u32 (2.3) or 4 x 7 bits (2.4), flags: u16, data; in 2.2: 3 letters, size: u24, data
    TXXX:  encoding: u8, key, NUL, text

Unsynchronisation put a zero behind each 0xff, for players that take that for the start of sound.
ID3 tag version 2.2.0, 2.3.0 and 2.4.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._texts import decoded, inflated
from wftools.document.containers._window import Window
from wftools.errors import InputError, LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUFFIXES: Final = (".mp3",)
_HEAD: Final = 10  # bytes, of a tag and of a frame

# Flags of a tag.
_UNSYNCHRONISED: Final = 0x80
_EXTENDED: Final = 0x40
_FOOTER: Final = 0x10

# Flags of a frame, and how many bytes stand in front of its data for each, in their order.
_UNSYNCHRONISED_FRAME: Final = 0x02  # of 2.4
_COMPRESSED: Final = {3: 0x80, 4: 0x08}
_ENCRYPTED: Final = {3: 0x40, 4: 0x04}
_EXTRA: Final = {3: ((0x80, 4), (0x20, 1)), 4: ((0x40, 1), (0x01, 4))}

_LATIN1, _UTF16, _UTF16_BE, _UTF8 = range(4)
_FRAME_ID: Final = re.compile(rb"[A-Z0-9]{3,4}")

# MPEG-1, 2 or 2.5, layer III, of a bit rate and a sampling rate that exist.
_SOUND: Final = re.compile(rb"\xff[\xfa\xfb\xf2\xf3\xe2\xe3][\x00-\xef]", re.DOTALL)


def sniff(head: bytes) -> bool:
    """Whether a file starts with an ID3v2 tag, or with sound of MPEG layer III."""
    return head.startswith(b"ID3") or _SOUND.match(head) is not None


def read(stream: BinaryIO) -> dict[str, str]:
    """The texts of the TXXX frames by key in lower case; of two with the same key the last one counts."""
    tag = _Tag.of(Window.of(stream))
    pairs = [_pair(frame) for frame in tag.frames] if tag else []
    return dict(pair for pair in pairs if pair)


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy an MP3 with texts set; the tag stays one of its version, or is one of 2.4 if there was none."""
    tag = _Tag.of(Window.of(stream)) or _Tag(4, 0, ())
    if tag.version == 2:
        raise InputError("the MP3 has a tag of ID3 2.2, which is not written", hint="convert the tag to ID3 2.4 first")
    kept = [frame for frame in tag.frames if (pair := _pair(frame)) is None or pair[0] not in texts]
    new = [_text_frame(tag.version, key, text) for key, text in texts.items() if text]
    data = b"".join([*(frame.whole for frame in kept), *new])
    head = b"ID3" + bytes([tag.version, 0, 0]) + _seven_bits(len(data))
    splice(stream, [Splice(0, tag.end, head + data)], out)


@dataclass(frozen=True, slots=True)
class _Frame:
    """One frame, without unsynchronisation of the whole tag."""

    version: int
    id: bytes
    flags: int
    data: bytes
    tag: Window  # where it stands, for errors and the budget

    @property
    def whole(self) -> bytes:
        """The frame as a tag of its version has it."""
        size = _seven_bits(len(self.data)) if self.version == 4 else len(self.data).to_bytes(4, "big")
        return self.id + size + self.flags.to_bytes(2, "big") + self.data


@dataclass(frozen=True, slots=True)
class _Tag:
    version: int  # 2, 3 or 4
    end: int  # in the file
    frames: tuple[_Frame, ...]

    @classmethod
    def of(cls, file: Window) -> _Tag | None:
        """The tag at the start of a file, if there is one."""
        head = file.read(0, min(_HEAD, file.size), "an ID3 tag")
        if not head.startswith(b"ID3"):
            return None
        if len(head) < _HEAD or head[3] not in {2, 3, 4}:
            raise file.error(3, f"expected a tag of ID3 2.2, 2.3 or 2.4, found {head[3:4]!r}")
        version, flags = head[3], head[5]
        window = file.part(_HEAD, _number(file, 6, head[6:]), "the ID3 tag")
        data = window.content()
        if flags & _UNSYNCHRONISED and version < 4:
            data = data.replace(b"\xff\0", b"\xff")
        end = min(window.end + (_HEAD if version == 4 and flags & _FOOTER else 0), file.end)
        return cls(version, end, tuple(_frames(window, data, version, flags)))


def _frames(window: Window, data: bytes, version: int, flags: int) -> Iterator[_Frame]:
    """The frames up to the padding. A tag of 2.2 with the second flag is compressed, and nobody has said how."""
    tag = Window.of(b"" if version == 2 and flags & _EXTENDED else data, origin=window.position)
    at = _extended_size(tag, version) if version > 2 and flags & _EXTENDED else 0
    head_size, id_size = (6, 3) if version == 2 else (_HEAD, 4)
    while at + head_size <= tag.size and data[at]:
        head = tag.read(at, head_size, "a frame")
        frame_id, size_field, flag_field = head[:id_size], head[id_size : 2 * id_size], head[2 * id_size :]
        if not _FRAME_ID.fullmatch(frame_id):
            raise tag.error(at, f"expected the id of a frame, found {frame_id!r}")
        size = _number(tag, at + id_size, size_field) if version == 4 else int.from_bytes(size_field, "big")
        content = tag.read(at + head_size, size, f"the frame {frame_id!r}")
        is_spread = version == 4 and flags & _UNSYNCHRONISED
        frame_flags = int.from_bytes(flag_field, "big") | (_UNSYNCHRONISED_FRAME if is_spread else 0)
        yield _Frame(version, frame_id, frame_flags, content, window)
        at += head_size + size


def _extended_size(tag: Window, version: int) -> int:
    """How long the extended header is; 2.3 does not count the four bytes of its size."""
    size = tag.read(0, 4, "the extended header")
    return _number(tag, 0, size) if version == 4 else 4 + int.from_bytes(size, "big")


def _pair(frame: _Frame) -> tuple[str, str] | None:
    """Key and text of a TXXX frame; None for another frame, and for one that is encrypted."""
    if frame.id not in {b"TXXX", b"TXX"} or frame.flags & _ENCRYPTED.get(frame.version, 0):
        return None
    data = frame.data
    for flag, size in _EXTRA.get(frame.version, ()):
        data = data[size:] if frame.flags & flag else data
    if frame.version == 4 and frame.flags & _UNSYNCHRONISED_FRAME:
        data = data.replace(b"\xff\0", b"\xff")
    if frame.flags & _COMPRESSED.get(frame.version, 0):
        data = inflated(data, frame.tag.budget, frame.tag.position)
    key, text = _split(data[:1], data[1:])
    return key.lower(), text.rstrip("\0")


def _split(encoding: bytes, data: bytes) -> tuple[str, str]:
    """Key and text of the data of a TXXX frame."""
    if encoding not in {bytes([_UTF16]), bytes([_UTF16_BE])}:
        key, _, text = data.partition(b"\0")
        return decoded(key), decoded(text)
    end = data.find(b"\0\0")
    while end > 0 and end % 2:  # a NUL of two bytes stands at an even offset
        end = data.find(b"\0\0", end + 1)
    name = "utf-16" if encoding == bytes([_UTF16]) else "utf-16-be"
    return data[:end].decode(name, "replace"), data[end + 2 :].decode(name, "replace") if end >= 0 else ""


def _text_frame(version: int, key: str, text: str) -> bytes:
    """A TXXX frame. ComfyUI's web frontend wants a NUL behind the text, and one byte a character."""
    pair = f"{key}\0{text}\0"
    if version == 4:
        data = bytes([_UTF8]) + pair.encode()
    elif text.isascii():
        data = bytes([_LATIN1]) + pair.encode()
    else:  # 2.3 has no UTF-8; both parts start with a byte order mark
        data = bytes([_UTF16]) + "".join(f"\ufeff{part}\0" for part in (key, text)).encode("utf-16-le")
    if len(data) >= 2**28:
        raise LimitError(f"an ID3 frame has at most {2**28 - 1:,} bytes, {key} needs {len(data):,}")
    return _Frame(version, b"TXXX", 0, data, Window.of(b"")).whole


def _number(window: Window, at: int, data: bytes) -> int:
    """Four bytes of seven bits each."""
    if any(byte & 0x80 for byte in data):
        raise window.error(at, f"expected bytes below 0x80 as a size, found {data.hex(' ')}")
    return sum(byte << 7 * (3 - index) for index, byte in enumerate(data))


def _seven_bits(number: int) -> bytes:
    if number >= 2**28:
        raise LimitError(f"an ID3 tag has at most {2**28 - 1:,} bytes, these texts need {number:,}")
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
