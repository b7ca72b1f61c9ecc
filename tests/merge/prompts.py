"""What a merge of prompts is: each input by itself is that of the side that has changed it."""

from __future__ import annotations

from typing import Any

Prompt = dict[str, Any]
_ABSENT = object()


def three_way(base: Any, ours: Any, theirs: Any) -> Any:
    """The merge of three trees in which no two changes clash. Objects are merged key by key."""
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    assert all(isinstance(each, dict) for each in (base, ours, theirs)), f"{base} became both {ours} and {theirs}"
    keys = [*ours, *(key for key in theirs if key not in ours)]
    made = {key: three_way(*(each.get(key, _ABSENT) for each in (base, ours, theirs))) for key in keys}
    return {key: value for key, value in made.items() if value is not _ABSENT}
