"""A file in bounded pieces: every length that the file states is checked before anything is read or allocated.

Whatever a stranger's file says, no more than MAX_BYTES are read from it in no more than MAX_READS pieces. Each turn of
each loop over a file's parts reads something, so that no loop outlasts the budget.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from wftools.errors import InputError, LimitError

if TYPE_CHECKING:
    from struct import Struct

# Workflows with pictures inside reach some tens of MB, headers of tensor files some MB.
MAX_BYTES: Final = 64 * 2**20

# A PNG of 100 megapixels has some 50,000 chunks, two hours of live WebM some 700,000 blocks.
MAX_READS: Final = 1_000_000

DAMAGED: Final = "the file is damaged, or it was cut off"


@dataclass(slots=True, eq=False)
class Budget:
    """How much may still be read from one file."""

    bytes_left: int = MAX_BYTES
    reads_left: int = MAX_READS

    def spend(self, count: int, position: int) -> None:
        """Account for one piece. Raises LimitError, with the position in the file, if it is too much."""
        self.bytes_left -= count
        self.reads_left -= 1
        if self.bytes_left < 0:
            raise LimitError(f"byte {position}: more than {MAX_BYTES // 2**20} MB of metadata")
        if self.reads_left < 0:
            raise LimitError(f"byte {position}: more than {MAX_READS:,} parts")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a file that cannot be read past its end.

    Offsets (`at`) count from the start of the window, `start` and `end` from that of the stream. Errors name the byte
    of the file; `origin` is where in it the stream starts, if that holds bytes that were taken out of the file.
    """

    stream: BinaryIO
    start: int
    end: int
    budget: Budget
    origin: int = 0

    @classmethod
    def of(cls, file: BinaryIO | bytes, budget: Budget | None = None, origin: int = 0) -> Window:
        """All of a seekable stream, or of some bytes."""
        stream = io.BytesIO(file) if isinstance(file, bytes) else file
        return cls(stream, 0, stream.seek(0, io.SEEK_END), budget or Budget(), origin)

    @property
    def position(self) -> int:
        """Of its first byte in the file."""
        return self.origin + self.start

    @property
    def size(self) -> int:
        """In bytes."""
        return self.end - self.start

    def part(self, at: int, count: int, what: str) -> Window:
        """A stretch of this one. Raises InputError if it does not fit."""
        left = self.size - at
        if count > left:
            raise self.error(at, f"{what} should have {count} bytes, but {max(left, 0)} are left")
        return replace(self, start=self.start + at, end=self.start + at + count)

    def rest(self, at: int, what: str) -> Window:
        """All from an offset to the end. Raises InputError for an offset past the end."""
        if at > self.size:
            raise self.error(self.size, f"expected {what}, found the end")
        return self.part(at, self.size - at, what)

    def read(self, at: int, count: int, what: str) -> bytes:
        """`count` bytes at an offset. Raises InputError if there are fewer."""
        return self.part(at, count, what).content()

    def unpack(self, fields: Struct, at: int, what: str) -> tuple[Any, ...]:
        """The numbers at an offset. Raises InputError if they do not fit."""
        return fields.unpack(self.read(at, fields.size, what))

    def content(self) -> bytes:
        """All of it. Raises LimitError if that is more than is read from one file."""
        self.budget.spend(self.size, self.position)
        self.stream.seek(self.start)
        data = self.stream.read(self.size)
        if len(data) != self.size:
            raise self.error(len(data), "the file became shorter while it was read")
        return data

    def error(self, at: int, message: str) -> InputError:
        """What is wrong at an offset."""
        return InputError(f"byte {self.position + at}: {message}", hint=DAMAGED)
