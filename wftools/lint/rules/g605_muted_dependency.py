"""A node that runs is fed by a node that is muted.

A muted node gives nothing, so the input is as good as unconnected: the value of its widget comes back, or the input is
missing. Bypass the source instead if its input should pass through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.graph.authored.scopes import MUTED, PRIMITIVE, REROUTE
from wftools.lint.examples import bad, good, ui, ui_node, ui_picture
from wftools.lint.finding import WARNING, Found
from wftools.lint.rule import AUTHORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph.authored.scopes import AuthoredLink, AuthoredNode, Scope
    from wftools.lint.subject import Subject

SEVERITY = WARNING
READS = AUTHORED


def check(subject: Subject) -> Iterator[Found]:
    for scope, node in subject.authored_nodes():
        if node.is_off or node.is_virtual:
            continue
        for index, link in scope.incoming(node).items():
            muted = _origin(scope, link)
            if muted is not None and muted.mode == MUTED and muted.type != PRIMITIVE:
                yield Found(
                    subject.saved(scope, node, "inputs", index),
                    f"input {node.inputs[index].name!r} is fed by node {muted}, which is muted",
                    "bypass that node, or mute this one as well",
                )


def _origin(scope: Scope, link: AuthoredLink) -> AuthoredNode | None:
    """The node that a link comes from, through reroutes that are on; None if it does not come from a node."""
    seen: set[AuthoredLink] = set()
    following: AuthoredLink | None = link
    while following is not None and following not in seen:
        seen.add(following)
        source = scope.by_id.get(following.source)
        if source is None or source.type != REROUTE or source.is_off:
            return source
        following = scope.incoming(source).get(0)
    return None


BAD = [
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", values=[64, 64, 1, 0], outputs=[("IMAGE", [1])], mode=2),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"]],
        ),
        "/nodes/1/inputs/0",
    ),
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", values=[64, 64, 1, 0], outputs=[("IMAGE", [1])]),
                ui_node(2, "Reroute", [("", "*", 1)], [("IMAGE", [2])], mode=2),
                ui_node(3, "Reroute", [("", "*", 2)], [("IMAGE", [3])]),
                ui_node(4, "SaveImage", [("images", "IMAGE", 3)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"], [3, 3, 0, 4, 0, "IMAGE"]],
        ),
        "/nodes/3/inputs/0",
    ),
]
GOOD = [
    good(ui_picture()),
    good(
        ui(
            [
                ui_node(1, "EmptyImage", values=[64, 64, 1, 0], outputs=[("IMAGE", [1])], mode=2),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"], mode=2),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"]],
        )
    ),
]
