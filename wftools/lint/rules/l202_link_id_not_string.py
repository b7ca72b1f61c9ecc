"""A link names its source by a number.

Ids of nodes are the keys of a JSON object, and those are strings: the server does not find node 4 under the number 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        source = str(value[0])
        if source in subject.flat.nodes or not is_widget(declared):
            yield Found(
                at(node, declared.name),
                f"the link names node {shown(value[0])}, which is not a string",
                hint=f'write "{source}"' if source in subject.flat.nodes else None,
                severity=subject.gated(node),
            )


BAD = [
    bad(picture(n2=api_node("SaveImage", images=[1, 0], filename_prefix="a")), "/2/inputs/images"),
]
GOOD = [
    good(picture()),
    good(picture(n1=api_node("EmptyImage", width=[64, 64], height=64, batch_size=1, color=0))),
]
