"""Texts as containers hold them: bytes of unsure encoding, compressed, one packed into another."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Final

from wftools.document.containers._json import member_texts
from wftools.document.containers._window import DAMAGED
from wftools.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.document.containers._window import Budget

WORKFLOWS: Final = ("workflow", "prompt")

# VideoHelperSuite writes {"prompt": …, "workflow": …} as the comment of a video, which FFmpeg calls description in some
# containers; savers of JPEG and WebP write the same where A1111 has its parameters.
_PACKED: Final = ("comment", "description", "parameters")

_MAX_LAYERS: Final = 3  # of JSON text inside a JSON string; two are known


def decoded(data: bytes) -> str:
    """UTF-8, or Latin-1 where it is not UTF-8: PNG text is Latin-1 by the book, and UTF-8 from many programs."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def inflated(data: bytes, budget: Budget, position: int) -> bytes:
    """What zlib compressed, unpacked within the budget of the file. `position` is where it stands, for errors."""
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(data, budget.bytes_left + 1)
    except zlib.error as error:
        raise InputError(f"byte {position}: expected zlib data: {error}", hint=DAMAGED) from error
    budget.spend(len(text), position)
    if not inflate.eof:
        raise InputError(f"byte {position}: the zlib data has no end", hint=DAMAGED)
    return text


def unpacked(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of a file, with workflow and prompt also where a tool packed them into another text.

    A text that stands by itself counts more than a packed one. JSON inside a JSON string is taken out of it.
    """
    found = dict(texts)
    for key in _PACKED:
        for name, text in _members(found.get(key, "")).items():
            found.setdefault(name, text)
    for name in WORKFLOWS:
        if name in found:
            found[name] = _unquoted(found[name])
    return found


def repacked(texts: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """What to set in a file of certain texts so that `new` counts: no packed text may go on saying something else.

    A text that packs one of the new keys is removed, and its other members stand by themselves.
    """
    wanted: dict[str, str] = {}
    for key in _PACKED:
        packed = _members(texts.get(key, ""))
        if not packed.keys().isdisjoint(new):
            wanted |= {name: text for name, text in packed.items() if name not in texts} | {key: ""}
    return wanted | dict(new)


def _members(text: str) -> dict[str, str]:
    """The members of a packed text; none if it is an ordinary one."""
    if not text.lstrip().startswith("{"):
        return {}
    try:
        packed = member_texts(text.strip())
    except ValueError:
        return {}
    return {} if packed.keys().isdisjoint(WORKFLOWS) else packed


def _unquoted(text: str) -> str:
    for _ in range(_MAX_LAYERS):
        if not text.lstrip().startswith('"'):
            break
        try:
            inner = json.loads(text)
        except ValueError:
            break
        text = inner if isinstance(inner, str) else text
    return text
