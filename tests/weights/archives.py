"""Torch's archives and pickles, spelled out byte by byte, so that anything in them may be wrong."""

from __future__ import annotations

import pickle
import pickletools
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Part:
    """A member; what is None is as it must be."""

    name: str
    data: bytes = b""
    local_name: str | None = None
    checksum: int | None = None
    flags: int = 0
    local_flags: int | None = None
    method: int = 0
    local_method: int | None = None
    size: int | None = None
    stored: int | None = None
    local_size: int | None = None
    header: int | None = None
    extra: bytes = b""
    tail: bytes = b""


def archive(
    parts: Iterable[Part],
    *,
    before: bytes = b"",
    comment: bytes = b"",
    count: int | None = None,
    length: int | None = None,
    start: int | None = None,
    large: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """A ZIP archive with its directory and end."""
    parts = list(parts)
    body, entries = before, b""
    for part in parts:
        header = len(body) if part.header is None else part.header
        size = len(part.data) if part.size is None else part.size
        stored = size if part.stored is None else part.stored
        checksum = zlib.crc32(part.data) if part.checksum is None else part.checksum
        local_name = (part.name if part.local_name is None else part.local_name).encode()
        local_size = size if part.local_size is None else part.local_size
        local_flags = part.flags if part.local_flags is None else part.local_flags
        local_method = part.method if part.local_method is None else part.local_method
        body += struct.pack(
            "<4s5H3I2H",
            *(b"PK\3\4", 20, local_flags, local_method, 0, 0, checksum),
            *(local_size, local_size, len(local_name), 0),
        )
        body += local_name + part.data + part.tail
        name = part.name.encode()
        entries += struct.pack(
            "<4s6H3I5H2I",
            *(b"PK\1\2", 20, 20, part.flags, part.method, 0, 0, checksum, stored, size),
            *(len(name), len(part.extra), 0, 0, 0, 0, header),
        )
        entries += name + part.extra
    at = len(body) if start is None else start
    counted = len(parts) if count is None else count
    end = struct.pack(
        "<4s4H2IH",
        *(b"PK\5\6", 0, 0, counted, counted, len(entries) if length is None else length, at, len(comment)),
    )
    return body + entries + large + end + comment + after


def short(text: str) -> bytes:
    """A text as a step of a pickle."""
    raw = text.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def named(full: str) -> bytes:
    """A name to import, as a step of a pickle."""
    module, _, name = full.rpartition(".")
    return f"c{module}\n{name}\n".encode()


def plain(value: Any) -> bytes:
    """A plain value as steps of a pickle, which keep nothing in its memory."""
    return pickletools.optimize(pickle.dumps(value, 2))[2:-1]


def kept(key: str = "0", length: int = 4, kind: str = "torch.FloatStorage") -> bytes:
    """A storage as steps of a pickle."""
    return b"(" + short("storage") + named(kind) + short(key) + short("cpu") + plain(length) + b"tQ"


def rebuilt(
    storage: bytes | None = None,
    *,
    offset: int = 0,
    shape: tuple[Any, ...] = (4,),
    strides: tuple[Any, ...] = (1,),
    function: str = "torch._utils._rebuild_tensor_v2",
    more: bytes = b"",
) -> bytes:
    """A tensor as steps of a pickle."""
    view = plain(offset) + plain(shape) + plain(strides) + b"\x89"
    ordered = named("collections.OrderedDict") + b")R"
    return named(function) + b"(" + (kept() if storage is None else storage) + view + ordered + more + b"tR"


def table(**values: bytes) -> bytes:
    """A dictionary as a whole pickle."""
    return b"\x80\x02" + entries(**values) + b"."


def entries(**values: bytes) -> bytes:
    """A dictionary as steps of a pickle."""
    return b"}(" + b"".join(short(name) + steps for name, steps in values.items()) + b"u"


def parts(program: bytes, storage: bytes = bytes(16)) -> list[Part]:
    """What an archive of torch has in it."""
    return [Part("archive/data.pkl", program), Part("archive/data/0", storage), Part("archive/version", b"3\n")]


def legacy(program: bytes, keys: Any = ("0",), storages: bytes = struct.pack("<q", 4) + bytes(16)) -> bytes:
    """A file as torch before 1.6 wrote it."""
    head = (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}})
    listed = list(keys) if isinstance(keys, tuple) else keys
    return b"".join(pickle.dumps(each, 2) for each in head) + program + pickle.dumps(listed, 2) + storages
