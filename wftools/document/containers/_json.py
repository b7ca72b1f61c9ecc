"""Members of a JSON object as stretches of its text: one is read or replaced, and the others keep their spelling.

Why not parse and write anew: that changes the spelling of numbers, and numbers of geometry are what a GLB consists of.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: its key, and where its value stands in the text."""

    key: str
    value: Any
    start: int
    end: int


def members_of(text: str) -> list[Member]:
    """The members of the object that a JSON text consists of, in order.

    Raises ValueError for what is not one, and for what is nested too deeply.
    """
    found: list[Member] = []
    at = _skip(text, 0, "{")
    while not text.startswith("}", at):
        if found:
            at = _skip(text, at, ",")
        key, at = _value(text, at)
        if not isinstance(key, str):
            raise ValueError(f"expected a key before character {at}")
        start = _skip(text, at, ":")
        value, end = _value(text, start)
        found.append(Member(key, value, start, end))
        at = _space(text, end)
    if _space(text, at + 1) != len(text):
        raise ValueError(f"expected the end at character {at + 1}")
    return found


def member_texts(text: str) -> dict[str, str]:
    """The values of an object by key in lower case: a string as it reads, anything else as its JSON text."""
    return {
        member.key.lower(): member.value if isinstance(member.value, str) else text[member.start : member.end]
        for member in members_of(text)
    }


def with_member_texts(text: str, path: Sequence[str], new: Mapping[str, str]) -> str:
    """The text with members of the object at `path` set to JSON texts; objects that are not there are made.

    Members are the same if their keys differ in case only. An empty text removes a member. Raises ValueError for what
    is not an object.
    """
    found = members_of(text)
    if not path:
        return _with_members(text, found, new)
    inner = next((member for member in reversed(found) if member.key == path[0]), None)
    if inner is None:
        value = with_member_texts("{}", path[1:], new)
        return _with_members(text, found, {path[0]: value}) if value != "{}" else text
    return text[: inner.start] + with_member_texts(text[inner.start : inner.end], path[1:], new) + text[inner.end :]


def _with_members(text: str, found: list[Member], new: Mapping[str, str]) -> str:
    """All members as they are spelled, without those of the new keys, and the new ones after them."""
    kept = [
        f"{json.dumps(m.key, ensure_ascii=False)}:{text[m.start : m.end]}" for m in found if m.key.lower() not in new
    ]
    if len(kept) == len(found) and not any(new.values()):
        return text
    added = [f"{json.dumps(key)}:{value}" for key, value in new.items() if value]
    return "{" + ",".join(kept + added) + "}"


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _skip(text: str, at: int, sign: str) -> int:
    at = _space(text, at)
    if not text.startswith(sign, at):
        raise ValueError(f"expected {sign!r} at character {at}")
    return _space(text, at + 1)


def _space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()
