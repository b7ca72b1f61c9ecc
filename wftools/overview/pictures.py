"""How large a picture is, by the first bytes of its file: PNG, WebP, JPEG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.reading import opened

if TYPE_CHECKING:
    from typing import BinaryIO

_HEAD: Final = 32
MAX_SEGMENTS: Final = 1000  # of a JPEG before its frame; what ComfyUI embeds stands in some of them

_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # JPEG's markers of frames: ITU-T T.81, table B.1
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # and of segments without a length


def picture_size(path: str) -> tuple[int, int] | None:
    """Width and height; None for what is no such picture, or ends too early."""
    with opened(path) as stream:
        head = stream.read(_HEAD)
        if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
            return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and len(head) >= 30:
            return _webp(head)
        if head.startswith(b"\xff\xd8"):
            stream.seek(2)
            return _jpeg(stream)
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    """Google's "WebP Container Specification", and RFC 6386 and 9649 for the two kinds of data in it."""
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8 ":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _jpeg(stream: BinaryIO) -> tuple[int, int] | None:
    for _ in range(MAX_SEGMENTS):
        marker = stream.read(2)
        if len(marker) < 2 or marker[0] != 0xFF:
            return None
        if marker[1] in _ALONE:
            continue
        length = int.from_bytes(stream.read(2), "big")
        if marker[1] in _FRAMES:
            frame = stream.read(5)
            return (int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")) if len(frame) == 5 else None
        if length < 2:
            return None
        stream.seek(length - 2, 1)
    return None
