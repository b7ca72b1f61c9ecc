"""Vorbis comments, as FLAC and Ogg carry them.

    size: u32, vendor, count: u32, count x (size: u32, "NAME=value"); little-endian, UTF-8; the case of names is nothing

Xiph, Ogg Vorbis I format specification: comment field and header specification.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.document.containers._texts import decoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.document.containers._window import Window

_U32: Final = struct.Struct("<I")
VENDOR: Final = b"wftools"  # for a comment block that we make


@dataclass(frozen=True, slots=True)
class Comments:
    """A block of comments, each as the file has it, and what follows them: padding, or binary data in Opus."""

    vendor: bytes
    comments: tuple[bytes, ...]
    rest: bytes

    @classmethod
    def of(cls, block: Window) -> Comments:
        """Parse a block. Raises InputError for a malformed one."""
        vendor, at = _sized(block, 0, "the vendor")
        (count,) = block.unpack(_U32, at, "the number of comments")
        at += _U32.size
        comments = []
        for _ in range(count):
            comment, at = _sized(block, at, "a comment")
            comments.append(comment)
        return cls(vendor, tuple(comments), block.rest(at, "what follows comments").content())

    @property
    def texts(self) -> dict[str, str]:
        """The values by name in lower case; of two with the same name the last one counts."""
        pairs = (decoded(comment).partition("=") for comment in self.comments)
        return {name.lower(): value for name, separator, value in pairs if separator}

    def with_texts(self, texts: Mapping[str, str]) -> bytes:
        """The block with texts set; an empty text removes its name."""
        kept = [comment for comment in self.comments if decoded(comment.partition(b"=")[0]).lower() not in texts]
        new = [f"{key}={text}".encode() for key, text in texts.items() if text]
        parts = [self.vendor, *kept, *new]
        sized = [_U32.pack(len(part)) + part for part in parts]
        return sized[0] + _U32.pack(len(parts) - 1) + b"".join(sized[1:]) + self.rest


def _sized(block: Window, at: int, what: str) -> tuple[bytes, int]:
    """Bytes with their size in front, and where they end."""
    (size,) = block.unpack(_U32, at, f"the size of {what}")
    end = at + _U32.size + size
    return block.read(at + _U32.size, size, what), end
