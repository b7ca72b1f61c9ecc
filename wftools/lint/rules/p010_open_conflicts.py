"""A merge has left conflicts that nobody has resolved.

`wftools merge`, and git where wftools merges for it, choose for now where two sides want different things, and put
a record of it into the file. ComfyUI opens and runs such a file, with values that somebody may not have wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftools.document.unmerged import open_conflicts
from wftools.lint.examples import api_node, bad, good, picture, ui_picture
from wftools.lint.finding import ERROR, Found, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT


def check(subject: Subject) -> Iterator[Found]:
    found = open_conflicts(subject.document)
    if found is not None:
        at, conflicts = found
        count = "1 conflict of a merge is" if len(conflicts) == 1 else f"{len(conflicts)} conflicts of a merge are"
        yield Found(
            Spot(at, key=True), f"{count} open", "see them with `wftools conflicts`, end them with `wftools resolve`"
        )


_CONFLICT: dict[str, Any] = {"id": "c1", "kind": "title", "node": "1", "key": ["title"], "ours": "A", "theirs": "B"}

BAD = [
    bad(ui_picture() | {"extra": {"wftools": {"conflicts": [_CONFLICT]}}}, "/extra/wftools/conflicts"),
    bad(
        picture(n1=api_node("EmptyImage") | {"_meta": {"wftools": {"conflicts": [_CONFLICT]}}}),
        "/1/_meta/wftools/conflicts",
    ),
]
GOOD = [
    good(ui_picture()),
    good(picture()),
    good(ui_picture() | {"extra": {"wftools": {"conflicts": []}}}),
    good(ui_picture() | {"extra": {"wftools": "of somebody else"}}),
]
