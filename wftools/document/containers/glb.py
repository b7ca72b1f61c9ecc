"""GLB, the binary form of glTF: `asset.extras` in the JSON chunk.

    "glTF", version: u32, size of the file: u32, then chunks: size: u32, type: u32, data; the first one is JSON

glTF 2.0, 4.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers._json import member_texts, members_of, with_member_texts
from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._texts import decoded
from wftools.document.containers._window import Window
from wftools.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIXES: Final = (".glb",)
_SIGNATURE: Final = b"glTF"
_HEAD: Final = struct.Struct("<4sII")
_CHUNK: Final = struct.Struct("<I4s")
_PLACE: Final = ("asset", "extras")


def sniff(head: bytes) -> bool:
    """Whether a file starts as a GLB does."""
    return head.startswith(_SIGNATURE)


def read(stream: BinaryIO) -> dict[str, str]:
    """The members of `asset.extras`: ComfyUI writes strings, other tools write objects."""
    chunk = _json(Window.of(stream))
    text = decoded(chunk.content())
    try:
        for key in _PLACE:
            text = next((text[m.start : m.end] for m in members_of(text) if m.key == key), "{}")
        return member_texts(text) if text.startswith("{") else {}
    except ValueError as error:
        raise chunk.error(0, f"expected a glTF document: {error}") from error


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy a GLB with texts set, as strings, in `asset.extras`."""
    file = Window.of(stream)
    chunk = _json(file)
    values = {key: json.dumps(text) if text else "" for key, text in texts.items()}
    try:
        new = with_member_texts(decoded(chunk.content()).rstrip(" "), _PLACE, values).encode()
    except ValueError as error:
        raise chunk.error(0, f"expected a glTF document: {error}") from error
    new += b" " * (-len(new) % 4)
    size = file.size - chunk.size + len(new)
    if size >= 2**32:
        raise LimitError("a GLB file has at most 4 GB")
    edits = [Splice(8, 12, struct.pack("<I", size)), Splice(12, chunk.end, _CHUNK.pack(len(new), b"JSON") + new)]
    splice(stream, edits, out)


def _json(file: Window) -> Window:
    """The JSON chunk."""
    _, version, _ = file.unpack(_HEAD, 0, "the GLB header")
    if version != 2:
        raise file.error(4, f"expected version 2 of glTF, found {version}")
    size, kind = file.unpack(_CHUNK, _HEAD.size, "the JSON chunk")
    if kind != b"JSON":
        raise file.error(_HEAD.size + 4, f"expected a chunk of type JSON, found {kind!r}")
    return file.part(_HEAD.size + _CHUNK.size, size, "the JSON chunk")
