"""safetensors, and ComfyUI's `.latent` files, which are the same: `__metadata__` in the header.

    size of the header: u64, little-endian
    header: JSON {"__metadata__": {key: text …}, name: {"dtype": …, "shape": …, "data_offsets": …} …}, perhaps blanks
    tensors, at offsets from here

ComfyUI writes prompt and workflow into latents, checkpoints, LoRAs and VAEs that it saves.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, BinaryIO, Final

from wftools.document.containers._json import member_texts, members_of, with_member_texts
from wftools.document.containers._splice import Splice, splice
from wftools.document.containers._texts import decoded
from wftools.document.containers._window import MAX_BYTES, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of tensor files only latents: a workflow may be in any, but a folder of models is large.
SUFFIXES: Final = (".latent",)
_SIZE: Final = struct.Struct("<Q")
_METADATA: Final = "__metadata__"
_ALIGNMENT: Final = 8  # of the first tensor, in the file


def sniff(head: bytes) -> bool:
    """Whether a file starts with the size of a header, and that with a brace."""
    return head[8:9] == b"{" and 2 <= _SIZE.unpack_from(head)[0] <= MAX_BYTES


def read(stream: BinaryIO) -> dict[str, str]:
    """The texts of `__metadata__`."""
    header = _header(Window.of(stream))
    text = decoded(header.content())
    try:
        return next((member_texts(text[m.start : m.end]) for m in members_of(text) if m.key == _METADATA), {})
    except ValueError as error:
        raise header.error(0, f"expected a JSON header: {error}") from error


def embed(stream: BinaryIO, texts: Mapping[str, str], out: BinaryIO) -> None:
    """Copy a safetensors file with texts set in `__metadata__`."""
    header = _header(Window.of(stream))
    values = {key: json.dumps(text) if text else "" for key, text in texts.items()}
    try:
        new = with_member_texts(decoded(header.content()).rstrip(" "), [_METADATA], values).encode()
    except ValueError as error:
        raise header.error(0, f"expected a JSON header: {error}") from error
    new += b" " * (-len(new) % _ALIGNMENT)
    splice(stream, [Splice(0, header.end, _SIZE.pack(len(new)) + new)], out)


def _header(file: Window) -> Window:
    (size,) = file.unpack(_SIZE, 0, "the size of the header")
    return file.part(_SIZE.size, size, "the header")
