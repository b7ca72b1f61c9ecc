"""Two links of one graph have the same id.

Slots refer to links by id, so one of the two is lost when the file is opened. The usual cause is a merge of two
versions that each added a link.
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
        seen: set[int] = set()
        for link in scope.links:
            if link.row.id in seen:
                yield Found(
                    subject.row(scope, link, link.target),
                    f"another link has the id {link.row.id}",
                    "give it the next free id, in the slots that it connects as well",
                    subject.row_severity(scope, link),
                    subject.row_fix(scope, link),
                )
            seen.add(link.row.id)


BAD = [
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", outputs=[("IMAGE", [1])], values=[64, 64, 1, 0]),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
                ui_node(3, "SaveImage", [("images", "IMAGE", 1)], values=["b"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"], [1, 1, 0, 3, 0, "IMAGE"]],
        ),
        "/links/1",
    ),
]
GOOD = [
    good(ui_picture()),
]
