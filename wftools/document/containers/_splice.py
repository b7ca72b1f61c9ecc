"""A copy of a file in which some stretches are replaced; all other bytes are copied as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers._window import DAMAGED
from wftools.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_PIECE: Final = 2**20


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """Bytes start:end of a file become `data`. With start == end something is inserted before `start`."""

    start: int
    end: int
    data: bytes

    @property
    def growth(self) -> int:
        """By how many bytes the file gets longer."""
        return len(self.data) - (self.end - self.start)


def splice(stream: BinaryIO, edits: Iterable[Splice], out: BinaryIO) -> None:
    """Copy `stream` to `out` with edits that stand in the order of the file and do not overlap.

    Edits may be found while the copy is made; the stream's position between two of them does not matter.
    """
    position = 0
    for edit in edits:
        assert edit.start >= position
        _copy(stream, position, edit.start, out)
        out.write(edit.data)
        position = edit.end
    _copy(stream, position, None, out)


def _copy(stream: BinaryIO, start: int, end: int | None, out: BinaryIO) -> None:
    """Copy start:end, or all from `start` on, in pieces."""
    stream.seek(start)
    while end is None or start < end:
        piece = stream.read(_PIECE if end is None else min(_PIECE, end - start))
        if not piece:
            break
        out.write(piece)
        start += len(piece)
    if end is not None and start < end:
        raise InputError(f"byte {start}: the file became shorter while it was copied", hint=DAMAGED)
