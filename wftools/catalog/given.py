"""object_info that the user gives: a file, or the address of a server that is asked for it."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.object_info import signature
from wftools.errors import InputError, LimitError, Place, shown
from wftools.reading import opened, read_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.catalog.signature import NodeSignature

# A server with many custom nodes answers with some tens of MB, most of it lists of files.
MAX_BYTES: Final = 128 * 2**20
MAX_MEMORY: Final = 900 * 2**20  # for a text and what it holds

_CORE: Final = frozenset({"CheckpointLoaderSimple", "CLIPTextEncode", "KSampler", "SaveImage", "VAEDecode"})


@dataclass(frozen=True)
class ObjectInfo:
    """One object_info that the user gave. An entry is checked when its node type is asked for."""

    name: str  # a path or an address
    entries: Mapping[str, Any]

    @property
    def is_whole(self) -> bool:
        """Whether it is a whole server's: then a type that it lacks does not exist there."""
        return self.entries.keys() >= _CORE

    def signature(self, node_type: str) -> NodeSignature:
        """What it says of a node type. Raises InputError, which names it, if that is malformed."""
        return signature(node_type, self.entries[node_type], self.name)


def load_object_info(source: str) -> ObjectInfo:
    """An object_info from a file or from a server: `http://127.0.0.1:8188` or any address that answers with one.

    Raises InputError, which names the file or the address, for anything else.
    """
    if re.match(r"https?://", source, re.IGNORECASE):
        from wftools.catalog.server import ask

        name, data = ask(source, MAX_BYTES)
    else:
        with opened(source) as file:
            name, data = source, read_whole(file, MAX_BYTES, source)
    entries = _parsed(data, Place(name))
    wrong = entries
    if isinstance(entries, dict):
        wrong = next((e for e in entries.values() if not isinstance(e, dict) or "input" not in e), None)
        if wrong is None:
            return ObjectInfo(name, entries)
    raise InputError(
        f"is not an object_info: {shown(wrong)} describes no node type",
        place=Place(name),
        hint="save the answer of a ComfyUI server to GET /object_info",
    )


def _parsed(data: bytes, place: Place) -> Any:
    try:
        text = data.decode(json.detect_encoding(data))
        _check_memory(data, text, place)
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON: {error}", place=place) from error


def _check_memory(data: bytes, text: str, place: Place) -> None:
    """Refuse a text whose values would need more memory than a text of that size ought to.

    A value needs 60 bytes beside its letters, an object 240, counted by commas and brackets: an empty list has two
    letters. Those in texts are counted as well, which does no harm.
    """
    values = 60 * (data.count(b",") + data.count(b"[")) + 240 * data.count(b"{")
    if sys.getsizeof(text) + len(data) + values > MAX_MEMORY:
        raise LimitError(f"holds more than fits into {MAX_MEMORY // 2**20} MB of memory", place=place)
