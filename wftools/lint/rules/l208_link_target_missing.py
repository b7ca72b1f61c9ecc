"""A link ends at a node or an input slot that is not there.

The editor drops it. What the link was for is no longer connected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.graph.authored.scopes import OUTPUTS
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
        for link in scope.links:
            if link.target == OUTPUTS and scope.definition is not None:
                continue  # the business of subgraph-boundary
            node = scope.by_id.get(link.target)
            if node is None:
                yield Found(
                    subject.row(scope, link, link.source),
                    f"link {link.row.id} ends at node {link.target}, which does not exist",
                    "remove the link",
                    subject.row_severity(scope, link),
                    subject.row_fix(scope, link),
                )
            elif not 0 <= link.row.target_slot < len(node.inputs):
                yield Found(
                    subject.row(scope, link, node.id),
                    f"link {link.row.id} ends at input {link.row.target_slot} of node {node}, which has "
                    f"{len(node.inputs)}",
                    "connect it again",
                    subject.row_severity(scope, link),
                    subject.row_fix(scope, link),
                )


BAD = [
    bad(
        ui([ui_node(1, "EmptyImage", outputs=[("IMAGE", [1])], values=[64, 64, 1, 0])], [[1, 1, 0, 9, 0, "IMAGE"]]),
        "/links/0",
    ),
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", outputs=[("IMAGE", [1])], values=[64, 64, 1, 0]),
                ui_node(2, "SaveImage", [("images", "IMAGE", None)], values=["a"]),
            ],
            [[1, 1, 0, 2, 5, "IMAGE"]],
        ),
        "/links/0",
    ),
]
GOOD = [
    good(ui_picture()),
]
