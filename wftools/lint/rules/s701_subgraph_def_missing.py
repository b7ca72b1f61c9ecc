"""A node is an instance of a subgraph that the file does not define.

Its type is the id of a definition, and there is none of that id in `definitions.subgraphs`. The editor shows an unknown
node. The usual cause is a node that was copied between files by hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wftools.lint.examples import bad, good, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, Found
from wftools.lint.rule import AUTHORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = AUTHORED


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Found]:
    for scope, node in subject.authored_nodes():
        if UUID.fullmatch(node.type) and subject.authored.definition(node) is None:
            yield Found(
                subject.saved(scope, node, "type"),
                f"node {node.id} is an instance of a subgraph that is not defined here",
                "copy the definition from the file that the node comes from",
            )


BAD = [
    bad(ui([ui_node(1, "11112222-3333-4444-5555-666677778888")], []), "/nodes/0/type"),
]
GOOD = [
    good(ui_picture()),
]
