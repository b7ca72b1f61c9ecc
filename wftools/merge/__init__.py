"""Three versions of a workflow -> one, with every decision that it took.

    merged = merge(read("base.json"), read("ours.json"), read("theirs.json"))
    merged.document         # always a workflow that loads, with a choice made where the two sides disagree
    merged.decisions        # what became of each fact that a side changed
    merged.conflicts        # the choices that somebody has to confirm; the document itself has them in its record

    resolved(merged.document, {"c1": Take("theirs")}).document

What the two sides changed is decided upon (`decide.py`), what is accepted of theirs is applied on ours, and the result
is checked. Conflicts are told in the words of the result: its ids and its names.

Each name is imported when it is asked for: the command line names choices without reading a workflow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wftools.merge.decisions import (
        CLEAN,
        CONFLICTS,
        Conflict,
        ConflictKind,
        Decision,
        Favor,
        Labels,
        Merged,
        SideName,
        Take,
    )
    from wftools.merge.merging import merge
    from wftools.merge.record import conflicts_of
    from wftools.merge.resolve import Resolved, resolved

__all__ = [
    "CLEAN",
    "CONFLICTS",
    "Conflict",
    "ConflictKind",
    "Decision",
    "Favor",
    "Labels",
    "Merged",
    "Resolved",
    "SideName",
    "Take",
    "conflicts_of",
    "merge",
    "resolved",
]

_HOMES: Final = {"merge": "merging", "conflicts_of": "record", "Resolved": "resolve", "resolved": "resolve"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'decisions')}"), name)
