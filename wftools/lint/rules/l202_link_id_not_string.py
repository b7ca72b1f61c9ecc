"""A link names its source by a number.

Ids of nodes are the keys of a JSON object, and those are strings: the server does not find node 4 under the number 4.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wftools.document.edit import Set
from wftools.errors import shown
from wftools.graph.widget_values import is_widget
from wftools.lint.examples import api_node, bad, good, picture
from wftools.lint.finding import ERROR, Found, at
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT


def check(subject: Subject) -> Iterator[Found]:
    for node, declared, value in subject.lists():
        if len(value) != 2 or isinstance(value[0], str):
            continue
        source, link = str(value[0]), at(node, declared.name)
        if source in subject.flat.nodes or not is_widget(declared):
            is_there = source in subject.flat.nodes
            yield Found(
                link,
                f"the link names node {shown(value[0])}, which is not a string",
                f"write {json.dumps(source)}" if is_there else None,
                subject.gated(node),
                (Set(f"{link.pointer}/0", source),) if is_there else (),
            )


BAD = [
    bad(picture(n2=api_node("SaveImage", images=[1, 0], filename_prefix="a")), "/2/inputs/images"),
]
GOOD = [
    good(picture()),
    good(picture(n1=api_node("EmptyImage", width=[64, 64], height=64, batch_size=1, color=0))),
]
