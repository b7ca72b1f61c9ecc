"""A field of a UI workflow is missing or has a value of the wrong type.

The editor refuses such a file, or repairs it in its own way. Other tools stumble over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.examples import bad, good, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, Found, Spot
from wftools.lint.rule import AUTHORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = AUTHORED


def check(subject: Subject) -> Iterator[Found]:
    for problem in subject.document.problems:
        yield Found(Spot(problem.pointer), problem.message)


BAD = [
    bad(ui([ui_node(1, "EmptyImage", mode=99)], []), "/nodes/0/mode"),
    bad(ui([ui_node(1, "EmptyImage")], [], version="0.4-beta"), "/version"),
    bad(ui([ui_node(1, "EmptyImage")], [], groups=[{"title": "g", "bounding": [0, 0, 10]}]), "/groups/0/bounding"),
    bad(ui([{"id": 1}], []), "/nodes/0/type"),
    bad(ui([ui_node(1, "EmptyImage"), 7], []), "/nodes/1"),
]
GOOD = [
    good(ui_picture()),
    good(ui([ui_node(1, "EmptyImage", size={"0": 1, "1": 2}, mode=None)], [], unknown={"key": 1})),
]
