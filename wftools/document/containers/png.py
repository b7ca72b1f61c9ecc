"""PNG and APNG: text chunks.

    signature, then chunks: length of the data: u32, type: 4 letters, data, CRC-32 of type and data: u32
    tEXt  keyword, NUL, text                        comf  the same, as SaveAnimatedPNG writes it, after the pixels
    zTXt  keyword, NUL, 0, zlib data
    iTXt  keyword, NUL, is compressed, 0, language, NUL, translated keyword, NUL, text

A wrong CRC is not looked at. PNG specification, third edition, 5 and 11.3.3.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._texts import decoded, inflated
from wftools.document.containers._window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUFFIXES: Final = (".png", ".apng")
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEAD: Final = struct.Struct(">I4s")
_TEXT_TYPES: Final = frozenset({b"tEXt", b"comf", b"zTXt", b"iTXt"})


def sniff(head: bytes) -> bool:
    """Whether a file starts as a PNG does."""
    return head.startswith(_SIGNATURE)


def read(stream: BinaryIO) -> dict[str, str]:
    """The texts of all text chunks by keyword; of two with the same keyword the last one counts."""
    texts: dict[str, str] = {}
    for chunk in _chunks(Window.of(stream)):
        if chunk.type in _TEXT_TYPES:
            keyword, text = _text(chunk)
            texts[keyword] = text
    return texts


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy a PNG with texts set, after IHDR where ComfyUI writes them: tEXt, or iTXt if there is more than ASCII."""
    chunks = _chunks(Window.of(stream))
    header = next(chunks)
    new = b"".join(_text_chunk(key, text) for key, text in texts.items() if text)
    removed = [Splice(chunk.start, chunk.end, b"") for chunk in chunks if _keyword(chunk) in texts]
    splice(stream, [Splice(header.end, header.end, new), *removed], out)


@dataclass(frozen=True, slots=True)
class _Chunk:
    type: bytes
    start: int  # of the whole chunk, in the file
    end: int
    data: Window


def _chunks(file: Window) -> Iterator[_Chunk]:
    """The chunks up to IEND; what follows it belongs to no picture. IHDR is the first."""
    at = len(_SIGNATURE)
    while True:
        length, kind = file.unpack(_HEAD, at, "a chunk")
        if not (kind.isascii() and kind.isalpha()):
            raise file.error(at + 4, f"expected a chunk type of four letters, found {kind!r}")
        if at == len(_SIGNATURE) and kind != b"IHDR":
            raise file.error(at + 4, f"expected an IHDR chunk, found {kind!r}")
        whole = file.part(at, 12 + length, f"a {kind.decode()} chunk")
        yield _Chunk(kind, whole.start, whole.end, whole.part(8, length, "its data"))
        if kind == b"IEND":
            return
        at += 12 + length


def _text(chunk: _Chunk) -> tuple[str, str]:
    """Keyword and text of a text chunk."""
    keyword, separator, rest = chunk.data.content().partition(b"\0")
    if not separator:
        raise chunk.data.error(0, f"expected a NUL after the keyword of a {chunk.type.decode()} chunk")
    if chunk.type == b"zTXt":
        rest = inflated(rest[1:], chunk.data.budget, chunk.data.position)
    elif chunk.type == b"iTXt":
        rest = _international(chunk, rest)
    return keyword.decode("latin-1").lower(), decoded(rest)


def _international(chunk: _Chunk, rest: bytes) -> bytes:
    parts = rest[2:].split(b"\0", 2)
    if len(parts) != 3:
        raise chunk.data.error(0, "expected flag, method, language and translated keyword in an iTXt chunk")
    return inflated(parts[2], chunk.data.budget, chunk.data.position) if rest[0] else parts[2]


def _keyword(chunk: _Chunk) -> str | None:
    """The keyword of a text chunk, without its text."""
    if chunk.type not in _TEXT_TYPES:
        return None
    start = chunk.data.read(0, min(chunk.data.size, 80), "a keyword")
    return start.partition(b"\0")[0].decode("latin-1").lower()


def _text_chunk(key: str, text: str) -> bytes:
    if text.isascii():
        return _chunk(b"tEXt", key.encode() + b"\0" + text.encode())
    return _chunk(b"iTXt", key.encode() + b"\0\0\0\0\0" + text.encode())


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
