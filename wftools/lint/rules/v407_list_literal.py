"""A list stands where a value is wanted.

The server takes every list for a link. A value that is a list is written `{"__value__": [...]}`.
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
        if is_widget(declared) and not _may_be_link(subject, value):
            yield Found(
                at(node, declared.name),
                f"{declared.name} takes {declared.type}; the list {shown(value)} is read as a link",
                hint=subject.hinted('write a list as {"__value__": [...]}', node),
                severity=subject.judged(node),
            )


def _may_be_link(subject: Subject, value: list[object]) -> bool:
    """Whether it looks like a link that was meant as one; the rules of links say what is wrong with it."""
    return len(value) == 2 and str(value[0]) in subject.flat.nodes


BAD = [
    bad(picture(n1=api_node("EmptyImage", width=[512, 512], height=64, batch_size=1, color=0)), "/1/inputs/width"),
    bad(picture(n1=api_node("EmptyImage", width=[512], height=64, batch_size=1, color=0)), "/1/inputs/width"),
]
GOOD = [
    good(picture()),
    good(
        picture(
            n3=api_node("PrimitiveInt", value=64),
            n1=api_node("EmptyImage", width=["3", 0], height=64, batch_size=1, color=0),
        )
    ),
    good(picture(n1=api_node("EmptyImage", width={"__value__": 64}, height=64, batch_size=1, color=0))),
]
