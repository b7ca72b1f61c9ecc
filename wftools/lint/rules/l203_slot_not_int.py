"""A link names the output of its source by something else than a whole number.

The server uses it as an index; `"0"` and `0.0` are none, and `true` counts as 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.errors import shown
from wftools.graph import NodePath
from wftools.graph.widget_values import is_widget
from wftools.lint.examples import api_node, bad, good, picture
from wftools.lint.finding import ERROR, WARNING, Found, at
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT


def check(subject: Subject) -> Iterator[Found]:
    for node, declared, value in subject.lists():
        if len(value) != 2 or not isinstance(value[0], str):
            continue
        source, slot = value
        if is_widget(declared) and source not in subject.flat.nodes:
            continue  # a list that was meant as a value; list-literal says so
        yield Found(
            at(node, declared.name),
            f"output slot {shown(slot)} is not a whole number",
            hint="slots count from 0",
            severity=WARNING if _passes(subject, NodePath(source), slot) else subject.gated(node),
        )


def _passes(subject: Subject, source: NodePath, slot: object) -> bool:
    """Whether Python takes it for an index all the same: true for 1, false for 0."""
    node = subject.flat.nodes.get(source)
    signature = node.signature if node is not None else None
    return isinstance(slot, bool) and signature is not None and slot < len(signature.outputs)


BAD = [
    bad(picture(n2=api_node("SaveImage", images=["1", "0"], filename_prefix="a")), "/2/inputs/images"),
    bad(picture(n2=api_node("SaveImage", images=["1", 0.0], filename_prefix="a")), "/2/inputs/images"),
]
GOOD = [
    good(picture()),
]
