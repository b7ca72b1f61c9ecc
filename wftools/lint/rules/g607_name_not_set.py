"""A value that goes by a name does not arrive: nothing sets the name, or another node does before.

SetNode and GetNode, and those of Easy-Use, stand for a link. The editor looks for the name in the graph of the node
that gets the value, where the first that sets it counts; GetNode also in the graphs around, where there must be no more
than one. Where it finds nothing, the input is as good as unconnected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.errors import shown
from wftools.graph.authored.editor_types import Does
from wftools.lint.examples import bad, good, ui, ui_node
from wftools.lint.finding import WARNING, Found
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph.authored.scopes import AuthoredNode
    from wftools.lint.subject import Subject

SEVERITY = WARNING
READS = FLAT


def check(subject: Subject) -> Iterator[Found]:
    if subject.document.form != "ui":
        return
    open_ends = {source for node in subject.flat.nodes.values() for source in node.lost.values() if source is not None}
    for scope, node in subject.authored_nodes():
        if node in open_ends and not node.is_off:
            message = _why(subject, node)
            if message is not None:
                yield Found(subject.saved(scope, node), message, "give both nodes the same name, or connect the input")
    for scope in subject.authored.scopes:
        for (_, name), (first, *others) in subject.authored.setters(scope).items():
            for node in others:
                yield Found(
                    subject.saved(scope, node),
                    f"node {node} sets {shown(name)}, which node {first} sets before: nothing gets this value",
                    "give it a name of its own",
                )


def _why(subject: Subject, node: AuthoredNode) -> str | None:
    editor_type = subject.authored.editor_type(node)
    does = editor_type.does if editor_type is not None else None
    if does is Does.SET:
        return f"node {node} sets {shown(subject.authored.name(node, Does.SET))}, and nothing is connected to it"
    if does is not Does.GET:
        return None
    name = subject.authored.name(node, Does.GET)
    return f"node {node} gets {shown(name)}, which nothing sets" if name else f"node {node} gets a value without a name"


_IMAGE = ui_node(1, "EmptyImage", outputs=[("IMAGE", [1])], values=[64, 64, 1, 0])
_SET = ui_node(2, "SetNode", [("IMAGE", "IMAGE", 1)], [("*", [])], ["blank"])
_SAVE = ui_node(4, "SaveImage", [("images", "IMAGE", 2)], values=["a"])
_LINKS = [[1, 1, 0, 2, 0, "IMAGE"], [2, 3, 0, 4, 0, "IMAGE"]]

BAD = [
    bad(
        ui([_IMAGE, _SET, ui_node(3, "GetNode", outputs=[("IMAGE", [2])], values=["Blank"]), _SAVE], _LINKS),
        "/nodes/2",
    ),
    bad(
        ui(
            [
                _IMAGE,
                _SET,
                ui_node(3, "GetNode", outputs=[("IMAGE", [2])], values=["blank"]),
                _SAVE,
                ui_node(5, "SetNode", [("IMAGE", "IMAGE", None)], [("*", [])], ["blank"]),
            ],
            _LINKS,
        ),
        "/nodes/4",
    ),
]
GOOD = [
    good(ui([_IMAGE, _SET, ui_node(3, "GetNode", outputs=[("IMAGE", [2])], values=["blank"]), _SAVE], _LINKS)),
    good(ui([ui_node(3, "GetNode", outputs=[("IMAGE", [])], values=["nobody asks"])], [])),
]
