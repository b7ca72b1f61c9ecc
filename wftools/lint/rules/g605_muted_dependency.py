"""A node that runs is fed by a node that is muted.

A muted node gives nothing, so the input is as good as unconnected: the value of its widget comes back, or the input is
missing. Bypass the source instead if its input should pass through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.graph.authored.editor_types import Does
from wftools.graph.authored.scopes import MUTED
from wftools.lint.examples import bad, good, ui, ui_node, ui_picture
from wftools.lint.finding import WARNING, Found
from wftools.lint.rule import AUTHORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredLink, AuthoredNode, Scope
    from wftools.lint.subject import Subject

SEVERITY = WARNING
READS = AUTHORED


def check(subject: Subject) -> Iterator[Found]:
    for scope, node in subject.authored_nodes():
        if node.is_off or subject.authored.editor_type(node) is not None:
            continue
        for index, link in scope.incoming(node).items():
            muted = _origin(subject.authored, scope, link)
            editor_type = subject.authored.editor_type(muted) if muted is not None else None
            gives_value = editor_type is not None and editor_type.does in (Does.GIVE, Does.CHOOSE)
            if muted is not None and muted.mode == MUTED and not gives_value:
                yield Found(
                    subject.saved(scope, node, "inputs", index),
                    f"input {node.inputs[index].name!r} is fed by node {muted}, which is muted",
                    "bypass that node, or mute this one as well",
                )


def _origin(authored: Authored, scope: Scope, link: AuthoredLink) -> AuthoredNode | None:
    """The node that a link comes from, through reroutes and names that are on; None if it does not come from a node."""
    seen: set[AuthoredLink] = set()
    following: AuthoredLink | None = link
    while following is not None and following not in seen:
        seen.add(following)
        source = scope.by_id.get(following.source)
        editor_type = authored.editor_type(source) if source is not None else None
        if source is None or editor_type is None or source.is_off:
            return source
        if editor_type.does is Does.GET:
            setters = authored.setters(scope).get((editor_type.setter, authored.name(source, Does.GET)))
            if not setters:
                return source
            source = setters[0]
        elif editor_type.does not in (Does.PASS, Does.SET):
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
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", values=[64, 64, 1, 0], outputs=[("IMAGE", [1])], mode=2),
                ui_node(2, "SetNode", [("IMAGE", "IMAGE", 1)], [("*", [])], ["blank"]),
                ui_node(3, "GetNode", outputs=[("IMAGE", [2])], values=["blank"]),
                ui_node(4, "SaveImage", [("images", "IMAGE", 2)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"], [2, 3, 0, 4, 0, "IMAGE"]],
        ),
        "/nodes/3/inputs/0",
    ),
]
GOOD = [
    good(ui_picture()),
    good(
        ui(
            [
                ui_node(1, "EmptyImage", values=[64, 64, 1, 0], outputs=[("IMAGE", [1])]),
                ui_node(2, "Mute / Bypass Repeater (rgthree)", [("", "*", 1)], [("OPT_CONNECTION", [])], mode=2),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"]],
        )
    ),
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
