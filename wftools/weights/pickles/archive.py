"""ZIP archives as torch writes them: where each member stands, found without reading what is in it.

    members    a local header (signature, flags, sizes, name), then the bytes
    directory  for each member its flags, checksum, sizes, name, and where its local header stands
    end        how many entries the directory has, and where it stands; twice, if the archive is large (ZIP64)

Why not `zipfile`: it forgives what other readers do not (bytes before the archive, sizes or counts that differ),
unpacks what is compressed, reads a directory of any length, and does not say at which byte something is wrong.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from wftools.errors import shown
from wftools.weights.faults import ModelFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

LOCAL: Final = b"PK\x03\x04"  # what an archive starts with

MAX_MEMBERS: Final = 2**17  # checkpoints have some thousands
PIECE: Final = 2**20  # bytes that are read at once for a checksum

_ENTRY: Final = struct.Struct("<4s6H3I5H2I")
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_END: Final = struct.Struct("<4s4H2IH")
_END64: Final = struct.Struct("<4sQ2H2I4Q")
_LOCATOR: Final = struct.Struct("<4sIQI")
_MAX_COMMENT: Final = 2**16 - 1
_OF_ENTRY, _OF_END, _OF_END64, _OF_LOCATOR = b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_ELSEWHERE_16: Final = 2**16 - 1  # a number that stands in the part for large archives
_ELSEWHERE: Final = 2**32 - 1
_ENCRYPTED: Final = 1 | 1 << 6 | 1 << 13  # flags: encrypted, strongly, and the directory, too
_SIZES_FOLLOW: Final = 1 << 3
_ZIP64_EXTRA: Final = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A member as the directory describes it."""

    name: str
    raw_name: bytes
    flags: int
    method: int  # of compression; 0 is none
    checksum: int  # CRC-32; torch leaves it 0 if it is told not to compute any
    stored: int  # bytes
    size: int  # bytes once unpacked
    header: int  # where its local header stands
    at: int  # where this entry stands


@dataclass(frozen=True, slots=True)
class Member:
    """A member whose bytes are stored as they are."""

    name: str
    start: int
    stop: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Directory:
    """The entries, and where they stand."""

    entries: tuple[Entry, ...]
    start: int


def _refuse(code: str, message: str, offset: int) -> NoReturn:
    raise ModelFileError(code, message, offset=offset, hint="download or save the file again")


def directory(file: BinaryIO, size: int) -> Directory:
    """What the end of an archive says of its members. Raises ModelFileError where readers could disagree."""
    count, length, start = _end(file, size)
    if count > MAX_MEMBERS:
        _refuse("TOO_LARGE", f"the archive has {count:,} members; at most {MAX_MEMBERS:,} are read", start)
    file.seek(start)
    data = file.read(length)
    entries: dict[str, Entry] = {}
    at = 0
    for _ in range(count):
        entry, after = _entry(data, at, start)
        # Torch's own reader does not tell small letters from capitals.
        if entries.setdefault(entry.name.lower(), entry) is not entry:
            _refuse("ZIP_NAME", f"the archive has two members {shown(entry.name)}", start + at)
        at = after
    if at != length:
        _refuse("ZIP_SYNTAX", "the archive's directory has more in it than its entries", start + at)
    return Directory(tuple(entries.values()), start)


def _end(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """How many entries the directory has, how many bytes, and where it starts."""
    tail_start = max(0, size - _END.size - _MAX_COMMENT)
    file.seek(tail_start)
    tail = file.read(size - tail_start)
    found = tail.rfind(_OF_END)
    if found < 0 or len(tail) - found < _END.size:
        _refuse("ZIP_SYNTAX", "the archive has no end, so it was cut off", size)
    at = tail_start + found
    _, disk, first_disk, here, *small, comment = _END.unpack_from(tail, found)
    if at + _END.size + comment != size or (disk, first_disk) not in {(0, 0), (_ELSEWHERE_16, _ELSEWHERE_16)}:
        _refuse("ZIP_SYNTAX", "the archive does not end where it says, or is one of several", at)
    numbers = [here, *small]
    directory_end = at
    file.seek(max(0, at - _LOCATOR.size))
    locator = file.read(_LOCATOR.size)
    if at >= _LOCATOR.size and locator.startswith(_OF_LOCATOR):
        _, _, directory_end, _ = _LOCATOR.unpack(locator)
        numbers = _large(file, directory_end, at - _LOCATOR.size, numbers)
    here, count, length, start = numbers
    if here != count or start + length != directory_end or count * _ENTRY.size > length:
        _refuse("ZIP_SYNTAX", f"the archive's directory of {count:,} entries is not where it is said to be", at)
    return count, length, start


def _large(file: BinaryIO, at: int, stop: int, small: Sequence[int]) -> list[int]:
    """The numbers of a large archive's end, which those of the small end must not contradict."""
    if at + _END64.size != stop:
        _refuse("ZIP_SYNTAX", "the large archive's end is not where it is said to be", stop)
    file.seek(at)
    signature, _, _, _, disk, first_disk, *large = _END64.unpack(file.read(_END64.size))
    agrees = all(
        told in (number, elsewhere)
        for told, number, elsewhere in zip(small, large, [_ELSEWHERE_16] * 2 + [_ELSEWHERE] * 2, strict=True)
    )
    if signature != _OF_END64 or disk or first_disk or not agrees:
        _refuse("ZIP_SYNTAX", "the archive has two ends that say different things", at)
    return large


def _entry(data: bytes, at: int, start: int) -> tuple[Entry, int]:
    """The entry at a byte of the directory, and where it ends."""
    if len(data) - at < _ENTRY.size or not data.startswith(_OF_ENTRY, at):
        _refuse("ZIP_SYNTAX", "the archive's directory has fewer entries than it says", start + at)
    _, _, _, flags, method, _, _, checksum, stored, size, of_name, of_extra, of_comment, disk, _, _, header = (
        _ENTRY.unpack_from(data, at)
    )
    name_start = at + _ENTRY.size
    extra_start = name_start + of_name
    after = extra_start + of_extra + of_comment
    if after > len(data):
        _refuse("ZIP_SYNTAX", "an entry of the archive's directory is longer than the directory", start + at)
    raw_name = data[name_start:extra_start]
    size, stored, header, disk = _with_large(data[extra_start : extra_start + of_extra], [size, stored, header], disk)
    if disk or _ELSEWHERE in (size, stored, header):
        _refuse("ZIP_SYNTAX", "a size of a member is nowhere in the archive", start + at)
    name = raw_name.decode("utf-8", "backslashreplace")
    return Entry(name, raw_name, flags, method, checksum, stored, size, header, start + at), after


def _with_large(extra: bytes, numbers: list[int], disk: int) -> list[int]:
    """The numbers of an entry, those that are too large for it from the field that has them instead."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        field = extra[at + 4 : at + 4 + length]
        if kind == _ZIP64_EXTRA:
            values = iter(struct.unpack_from(f"<{len(field) // 8}Q", field))
            numbers = [next(values, number) if number == _ELSEWHERE else number for number in numbers]
        at += 4 + length
    return [*numbers, disk if disk != _ELSEWHERE_16 else 0]


def members(file: BinaryIO, found: Directory) -> dict[str, Member]:
    """Where the bytes of all members stand.

    Raises ModelFileError if some are compressed, encrypted, elsewhere, or have more than one name or size.
    """
    placed = {entry.name: _placed(file, entry, found.start) for entry in found.entries}
    reached = 0
    for entry in sorted(found.entries, key=lambda entry: entry.header):
        if entry.header < reached or (reached == 0 and entry.header > 0):
            code, problem = ("ZIP_BOUNDS", "overlaps another") if reached else ("ZIP_SYNTAX", "has bytes before it")
            _refuse(code, f"member {shown(entry.name)} of the archive {problem}", entry.header)
        reached = placed[entry.name].stop
    return placed


def _placed(file: BinaryIO, entry: Entry, end: int) -> Member:
    name, at = shown(entry.name), entry.header
    file.seek(at)
    header = file.read(_LOCAL.size)
    if at + _LOCAL.size > end or not header.startswith(LOCAL):
        _refuse("ZIP_BOUNDS", f"member {name} of the archive is not where it is said to be", entry.at)
    _, _, flags, method, _, _, _, stored, size, of_name, of_extra = _LOCAL.unpack(header)
    if file.read(of_name) != entry.raw_name:
        _refuse("ZIP_NAME", f"member {name} of the archive has two names", at)
    if (flags | entry.flags) & _ENCRYPTED:
        _refuse("ZIP_ENCRYPTED", f"member {name} of the archive is encrypted, which torch's are not", at)
    if method or entry.method:
        _refuse("ZIP_COMPRESSED", f"member {name} of the archive is compressed, which torch's are not", at)
    start = at + _LOCAL.size + of_name + of_extra
    sizes = {entry.size, entry.stored} | (set() if flags & _SIZES_FOLLOW else {stored, size} - {_ELSEWHERE})
    if len(sizes) > 1 or start + entry.size > end:
        _refuse("ZIP_BOUNDS", f"member {name} of the archive has two sizes, or reaches beyond the archive's end", at)
    return Member(entry.name, start, start + entry.size, entry.checksum)


def check_sum(file: BinaryIO, member: Member) -> None:
    """Raise ModelFileError if a member's bytes are not those that were written, where a checksum was."""
    if member.checksum == 0:
        return
    found = 0
    file.seek(member.start)
    for start in range(member.start, member.stop, PIECE):
        found = zlib.crc32(file.read(min(PIECE, member.stop - start)), found)
    if found != member.checksum:
        _refuse("ZIP_CRC", f"the checksum of member {shown(member.name)} of the archive is wrong", member.start)


def check_sums(path: Path) -> None:
    """Raise ModelFileError if a member of an archive is not what was written; other files have no checksums."""
    with path.open("rb") as file:
        if file.read(len(LOCAL)) == LOCAL:
            for member in members(file, directory(file, os.fstat(file.fileno()).st_size)).values():
                check_sum(file, member)
