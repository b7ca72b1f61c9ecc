"""Two nodes of one graph have the same id.

Links find nodes by id, so those of one of the two are lost. The editor gives the second a new id. The usual cause is a
merge of two versions that each added a node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.examples import bad, good, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, Found
from wftools.lint.rule import AUTHORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = AUTHORED


def check(subject: Subject) -> Iterator[Found]:
    for scope in subject.authored.scopes:
        seen: dict[str, str] = {}
        for node in scope.nodes:
            if node.id in seen:
                yield Found(
                    subject.saved(scope, node, "id"),
                    f"node {node} has the id of a node of type {seen[node.id]}",
                    "give it the next free id, in the links that it has as well",
                )
            seen.setdefault(node.id, node.type)


BAD = [
    bad(
        ui([ui_node(1, "EmptyImage", values=[64, 64, 1, 0]), ui_node(1, "SaveImage", values=["a"])], []),
        "/nodes/1/id",
    ),
]
GOOD = [
    good(ui_picture()),
]
