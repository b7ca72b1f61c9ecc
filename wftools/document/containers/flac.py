"""FLAC: a block of Vorbis comments.

    "fLaC", then blocks: is it the last one: 1 bit, type: 7 bits, size: u24, data; then the samples

The first block is STREAMINFO. RFC 9639.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._vorbis import VENDOR, Comments
from wftools.document.containers._window import Window
from wftools.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUFFIXES: Final = (".flac",)
_SIGNATURE: Final = b"fLaC"
_STREAM_INFO: Final = 0
_COMMENTS: Final = 4
_LAST: Final = 0x80
_MAX_SIZE: Final = 2**24 - 1


def sniff(head: bytes) -> bool:
    """Whether a file starts as a FLAC does."""
    return head.startswith(_SIGNATURE)


def read(stream: BinaryIO) -> dict[str, str]:
    """The comments by name."""
    texts: dict[str, str] = {}
    for block in _blocks(Window.of(stream)):
        if block.type == _COMMENTS:
            texts |= Comments.of(block.data).texts
    return texts


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy a FLAC with comments set. Raises LimitError if the block has no room for them."""
    blocks = list(_blocks(Window.of(stream)))
    old = next((block for block in blocks if block.type == _COMMENTS), None)
    comments = Comments.of(old.data) if old else Comments(VENDOR, (), b"")
    data = comments.with_texts(texts)
    if len(data) > _MAX_SIZE:
        raise LimitError(f"the comments of a FLAC have at most {_MAX_SIZE:,} bytes, these need {len(data):,}")
    if old:
        edits = [Splice(old.start, old.data.end, _block(old.is_last, data))]
    else:
        first = blocks[0]
        edits = [
            Splice(first.start, first.start + 1, bytes([_STREAM_INFO])),  # no longer the last one
            Splice(first.data.end, first.data.end, _block(first.is_last, data)),
        ]
    splice(stream, edits, out)


@dataclass(frozen=True, slots=True)
class _Block:
    type: int
    is_last: bool
    start: int
    data: Window


def _blocks(file: Window) -> Iterator[_Block]:
    """The blocks before the samples."""
    at = len(_SIGNATURE)
    is_last = False
    while not is_last:
        head = file.read(at, 4, "a metadata block")
        kind, is_last, size = head[0] & 0x7F, bool(head[0] & _LAST), int.from_bytes(head[1:], "big")
        if at == len(_SIGNATURE) and kind != _STREAM_INFO:
            raise file.error(at, f"expected STREAMINFO, which is block type 0, found block type {kind}")
        data = file.part(at + 4, size, f"a metadata block of type {kind}")
        yield _Block(kind, is_last, file.start + at, data)
        at += 4 + size


def _block(is_last: bool, data: bytes) -> bytes:
    return bytes([_COMMENTS | (_LAST if is_last else 0)]) + len(data).to_bytes(3, "big") + data
