"""A node that broadcasts cannot say who gets what it sends.

Nodes of cg-use-everywhere feed inputs without links. If two of them mean one input with equal priority, it gets
nothing. wftools does not search for patterns that look behind or refer back, which may take forever: of nodes with one
of these, nothing is broadcast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.errors import shown
from wftools.lint.examples import bad, good, ui, ui_node
from wftools.lint.finding import WARNING, Found, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = WARNING
READS = FLAT


def check(subject: Subject) -> Iterator[Found]:
    broadcasts = subject.graph.broadcasts
    if broadcasts is None:
        return
    for unclear in broadcasts.unclear:
        receiver = unclear.receiver
        path = subject.path(unclear.scope, receiver.node.id) if receiver.node is not None else None
        yield Found(
            Spot(receiver.pointer, path),
            f"{unclear}, so it gets nothing",
            "connect it, or give one of them a priority or a pattern",
        )
    for scope, refused in broadcasts.refused:
        yield Found(
            subject.saved(scope, refused.node),
            f"node {refused.node} broadcasts by the pattern {shown(refused.pattern)}, which is not searched for: "
            f"{refused.reason}",
            "connect the inputs that it feeds",
        )


def _both(*more: object) -> dict[str, object]:
    return ui(
        [
            ui_node(1, "EmptyImage", outputs=[("IMAGE", [1])], values=[64, 64, 1, 0]),
            ui_node(2, "EmptyImage", outputs=[("IMAGE", [2])], values=[32, 32, 1, 0]),
            ui_node(3, "Anything Everywhere", [("IMAGE", "IMAGE", 1)]),
            ui_node(4, "SaveImage", [("images", "IMAGE", None)], values=["a"]),
            *more,
        ],
        [[1, 1, 0, 3, 0, "IMAGE"], [2, 2, 0, 5, 0, "IMAGE"]],
    )


BAD = [
    bad(_both(ui_node(5, "Anything Everywhere", [("IMAGE", "IMAGE", 2)])), "/nodes/3/inputs/0"),
    bad(_both(ui_node(5, "Anything Everywhere?", [("IMAGE", "IMAGE", 2)], values=["(?<=a)b"])), "/nodes/4"),
]
GOOD = [good(_both(ui_node(5, "Anything Everywhere?", [("IMAGE", "IMAGE", 2)], values=["Save", ".*", ".*"])))]
