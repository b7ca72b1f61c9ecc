"""Whether a picture file stops before its end.

FFmpeg paints the rest of a JPEG, GIF or QOI picture in some colour and says nothing. It refuses a part of the others.
"""

from __future__ import annotations

import re
from typing import Final

JPEG: Final = b"\xff\xd8"
END_OF_IMAGE: Final = b"\xd9"
MARKER: Final = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")  # in a scan, FF before 00 or D0..D7 is none of these

QOI: Final = b"qoif"
END_OF_QOI: Final = bytes(7) + b"\1"

GIF: Final = (b"GIF87a", b"GIF89a")
HAS_COLOURS: Final = 0x80  # flag of a GIF screen or image descriptor: a table of 2 << (flags & 7) follows


def ends_early(data: bytes) -> bool:
    """Whether this is a JPEG or QOI picture without its end, or a GIF that stops inside a block."""
    if data.startswith(JPEG):
        return _jpeg_ends_early(data)
    if data.startswith(QOI):
        return END_OF_QOI not in data
    if data.startswith(GIF):
        return _gif_ends_early(data)
    return False


def _jpeg_ends_early(data: bytes) -> bool:
    """Walk the segments (ITU T.81, annex B). Neither a preview in one of them nor what follows the picture counts."""
    at = len(JPEG)
    while match := MARKER.search(data, at):
        if match[1] == END_OF_IMAGE:
            return False
        at = match.end() + int.from_bytes(data[match.end() : match.end() + 2])
    return True


def _gif_ends_early(data: bytes) -> bool:
    """Walk the blocks (GIF89a, appendix A). A missing trailer between blocks is common and does no harm."""
    try:
        at = 13 + _colours(data[10])
        while at < len(data):
            kind = data[at]
            if kind == 0x2C:  # image: descriptor, colours, LZW code size, sub-blocks
                at = _after_blocks(data, at + 11 + _colours(data[at + 9]))
            elif kind == 0x21:  # extension: label, sub-blocks
                at = _after_blocks(data, at + 2)
            else:  # the trailer, or something that no GIF has
                return False
    except IndexError:
        return True
    return at > len(data)


def _colours(flags: int) -> int:
    """The size of the colour table that a descriptor announces."""
    return 3 * (2 << (flags & 7)) if flags & HAS_COLOURS else 0


def _after_blocks(data: bytes, at: int) -> int:
    """The position after a chain of sub-blocks, each a length byte and that many bytes, ended by length 0."""
    while data[at]:
        at += 1 + data[at]
    return at + 1
