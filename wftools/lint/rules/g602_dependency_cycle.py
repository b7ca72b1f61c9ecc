"""Nodes wait for each other.

The server refuses every output that depends on a cycle. A cycle that no output needs, or that goes through an input
which the node type does not declare, is a warning: the server does not see it, but a run may.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftools.graph.traverse import cycles
from wftools.lint.examples import api_node, bad, good, picture
from wftools.lint.finding import ERROR, WARNING, Found, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph import NodePath
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "dependency_cycle"


def check(subject: Subject) -> Iterator[Found]:
    for path, cycle in cycles(subject.flat).items():
        way = " → ".join(str(subject.flat.nodes[each]) for each in (*cycle, path))
        seen = all(_is_seen(subject, one, other) for one, other in pairwise((*cycle, path)))
        yield Found(
            Spot(subject.flat.nodes[path].pointer, path, key=True),
            f"nodes wait for each other: {way}",
            "remove one of these links",
            ERROR if seen and path in subject.reachable else WARNING,
        )


def _is_seen(subject: Subject, source: NodePath, target: NodePath) -> bool:
    """Whether the server follows a link between these two: it does, through declared inputs."""
    node = subject.flat.nodes[target]
    declared = subject.declared(node)
    return any(link.source == source for name, link in node.links if name in declared or node.signature is None)


BAD = [
    bad(picture(n1=api_node("ImageInvert", image=["3", 0]), n3=api_node("ImageInvert", image=["1", 0])), "/1", "/3"),
    bad(picture(n1=api_node("ImageInvert", image=["1", 0])), "/1"),
]
GOOD = [
    good(picture()),
]
