"""Nodes wait for each other.

The server refuses every output that depends on a cycle. A cycle that no output needs, or that goes through an input
which the node type does not declare, is a warning: the server does not see it, but a run may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.graph.traverse import knots, needs
from wftools.lint.examples import api_node, bad, good, picture
from wftools.lint.finding import ERROR, WARNING, Found, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "dependency_cycle"


def check(subject: Subject) -> Iterator[Found]:
    nodes = subject.flat.nodes
    for knot in knots(needs(subject.flat)):
        tied = dict.fromkeys((*knot.cycle, *knot.others))
        seen = knots({path: {source for source in subject.sources(nodes[path]) if source in tied} for path in tied})
        told = seen[0] if seen else knot
        is_error = any(path in subject.reachable for each in seen for path in each.cycle)
        yield Found(
            Spot(nodes[told.cycle[0]].pointer, told.cycle[0], key=True),
            told.described(subject.flat),
            "remove one of these links",
            ERROR if is_error else WARNING,
        )


BAD = [
    bad(picture(n1=api_node("ImageInvert", image=["3", 0]), n3=api_node("ImageInvert", image=["1", 0])), "/1"),
    bad(picture(n1=api_node("ImageInvert", image=["1", 0])), "/1"),
    bad(
        picture(
            n1=api_node("ImageInvert", image=["1", 0]),
            n3=api_node("ImageInvert", image=["4", 0]),
            n4=api_node("ImageInvert", image=["3", 0]),
        ),
        "/1",
        "/3",
    ),
]
GOOD = [
    good(picture()),
]
