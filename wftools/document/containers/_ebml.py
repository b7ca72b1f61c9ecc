"""Elements of EBML (RFC 8794), of which Matroska and WebM consist.

    id: 1 to 4 bytes, size: 1 to 8 bytes, data

The leading zero bits of the first byte of id and size say how many bytes it has. A size of ones only is an unknown one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.document.containers._window import Window

CRC: Final = 0xBF
VOID: Final = 0xEC

SEGMENT: Final = 0x18538067
CLUSTER: Final = 0x1F43B675
_MAY_BE_OPEN: Final = frozenset({SEGMENT, CLUSTER})  # RFC 9559, for files that are written while they are sent

_MAX_HEAD: Final = 4 + 8


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its id, with the bits that say its length, and where it stands in the file."""

    id: int
    start: int
    data: Window
    is_open: bool  # its size is not known: `data` goes to the end of what it is in

    @property
    def end(self) -> int:
        """Of the element, in the file."""
        return self.data.end

    @property
    def whole(self) -> Window:
        """The element with its id and size."""
        return replace(self.data, start=self.start)

    def children(self) -> Iterator[Element]:
        """The elements in it."""
        return elements(self.data)


def elements(data: Window) -> Iterator[Element]:
    """The elements that a stretch of a file consists of.

    An element of unknown size is followed by its own children. It ends where something begins that is no part of it;
    who looks for such a thing need not know more.
    """
    at = 0
    while at < data.size:
        head = data.read(at, min(_MAX_HEAD, data.size - at), "an element")
        id_length = 9 - head[0].bit_length()
        if id_length > 4:
            raise data.error(at, f"expected the id of an element, found 0x{head[0]:02x}")
        if len(head) <= id_length or not head[id_length]:
            raise data.error(at + id_length, "expected the size of an element of at most 8 bytes")
        size_length = 9 - head[id_length].bit_length()
        start = id_length + size_length
        if len(head) < start:
            raise data.error(at, "expected an element, found the end")
        ones = (1 << 7 * size_length) - 1
        size = int.from_bytes(head[id_length:start], "big") & ones
        number = int.from_bytes(head[:id_length], "big")
        is_open = size == ones
        what = f"element 0x{number:X}"
        if is_open and number not in _MAY_BE_OPEN:
            raise data.error(at, f"{what} should say its size; only a segment or a cluster need not")
        inner = data.rest(at + start, what) if is_open else data.part(at + start, size, what)
        yield Element(number, data.start + at, inner, is_open)
        at += start + (0 if is_open else size)


def element(number: int, *parts: bytes) -> bytes:
    """An element of data, with a size of eight bytes."""
    data = b"".join(parts)
    return id_bytes(number) + size_bytes(len(data)) + data


def id_bytes(number: int) -> bytes:
    """An id as the file has it."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def size_bytes(size: int) -> bytes:
    """A size in eight bytes, which is the longest form and always right."""
    return (size | 1 << 56).to_bytes(8, "big")
