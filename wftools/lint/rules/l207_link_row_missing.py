"""An input slot names a link that is not in the table of links.

The editor opens the file with the input unconnected. The usual cause is a merge or an edit by hand that lost the row.
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
    for scope, node in subject.authored_nodes():
        for index, slot in enumerate(node.inputs):
            if slot.link is not None and slot.link not in scope.by_link:
                yield Found(
                    subject.saved(scope, node, "inputs", index, "link"),
                    f"input {slot.name!r} names link {slot.link}, which is not in the table of links",
                    "connect it again, or set it to null",
                )


BAD = [
    bad(
        ui([ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"])], []),
        "/nodes/0/inputs/0/link",
    ),
]
GOOD = [
    good(ui_picture()),
]
