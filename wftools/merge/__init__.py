"""Three versions of a workflow -> one, with every decision that it took.

    merged = merge(read("base.json"), read("ours.json"), read("theirs.json"))
    merged.document         # always a workflow that loads, with a choice made where the two sides disagree
    merged.decisions        # what became of each fact that a side changed
    merged.conflicts        # the choices that somebody has to confirm; the document itself has them in its record

What the two sides changed is decided upon (`decide.py`), what is accepted of theirs is applied on ours, and the result
is checked. Conflicts are told in the words of the result: its ids and its names.
"""

from wftools.merge.decisions import (
    Conflict,
    ConflictKind,
    Decision,
    Favor,
    Labels,
    Merged,
    Side,
)
from wftools.merge.merging import merge

__all__ = ["Conflict", "ConflictKind", "Decision", "Favor", "Labels", "Merged", "Side", "merge"]
