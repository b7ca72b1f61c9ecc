"""A link is not a list of two: the id of a node, and the number of one of its outputs.

The server takes every list in the inputs of a node for a link.
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
MIRRORS = "bad_linked_input"


def check(subject: Subject) -> Iterator[Found]:
    for node, declared, value in subject.lists():
        if len(value) != 2 and not is_widget(declared):
            yield Found(
                at(node, declared.name),
                f"{shown(value)} is not a link",
                hint=subject.hinted('a link is [node id, output slot], as in ["4", 0]', node),
                severity=subject.judged(node),
            )


BAD = [
    bad(picture(n2=api_node("SaveImage", images=["1"], filename_prefix="a")), "/2/inputs/images"),
    bad(picture(n2=api_node("SaveImage", images=["1", 0, "IMAGE"], filename_prefix="a")), "/2/inputs/images"),
]
GOOD = [
    good(picture()),
]
