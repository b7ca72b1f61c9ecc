"""A required input is given nothing: no link and no value.

The server drops every output that depends on the node, and refuses the prompt if no output is left. In a UI workflow
it is a warning where something else may be the reason: a source that is muted, or bypassed without an input of the same
type; a version that does not ask for the input; a node of an unknown type, since some feed others without a link. If a
target version or a server is named, it is an error there as well.

Of a node of a shipped pack, whose version is not known, nothing is said where the file has no slot for the input: the
pack had no such input then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.catalog.expand import expand
from wftools.errors import shown
from wftools.graph.authored.editor_types import Does, editor_type
from wftools.graph.authored.scopes import MUTED
from wftools.graph.widget_values import is_widget
from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, Found, Severity, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.signature import Input
    from wftools.document.ui import UiNode
    from wftools.graph import Node
    from wftools.graph.authored.scopes import AuthoredNode
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "required_input_missing"


def check(subject: Subject) -> Iterator[Found]:
    for node in subject.flat.nodes.values():
        if node.signature is not None and node.signature.is_older:
            continue  # what is required in the end is known of today's version only
        for name, declared in subject.declared(node).items():
            if declared.required and name not in node.given and not _came_later(subject, node, name):
                yield Found(
                    Spot(_slot(node, name), node.path, key=True),
                    f"{node.type} needs its input {name!r} ({declared.type})",
                    subject.hinted(_hint(subject, node, declared), node),
                    _severity(subject, node, declared),
                )


def _came_later(subject: Subject, node: Node, name: str) -> bool:
    """Whether the pack had no such input when the node was saved: the editor saves the slots of all sockets."""
    is_of_pack = node.signature is not None and node.signature.origin is not None
    return is_of_pack and node.ui is not None and not subject.is_sure(node) and _index(node.ui, name) is None


def _hint(subject: Subject, node: Node, declared: Input) -> str:
    source = node.lost.get(declared.name)
    if source is not None and source.is_off:
        return f"node {source} feeds it and is {'muted' if source.mode == MUTED else 'bypassed'}"
    if source is not None and (name := subject.authored.name(source, Does.GET)):
        return f"node {source} feeds it, and nothing sets {shown(name)}"
    broadcasts = subject.graph.broadcasts
    for unclear in broadcasts.unclear if broadcasts is not None else ():
        of = unclear.receiver.node
        if of is not None and of.pointer == node.pointer and unclear.receiver.name == declared.name:
            return f"connect it: {unclear}"
    if declared.default is not None:
        return f"its default is {shown(declared.default)}"
    letters = declared.options.get("default_omitted")
    return f"its default is a text of {letters} characters" if letters else "connect it"


def _severity(subject: Subject, node: Node, declared: Input) -> Severity:
    """A UI workflow may be meant for another version, have nodes that are off, or some that feed others in their way.

    Where none of that can be the reason, no server takes it.
    """
    signature = node.signature
    if node.ui is None or (signature is not None and subject.catalogue.is_exact(signature)):
        return subject.judged(node)
    source = node.lost.get(declared.name)
    if (source is not None and not _is_open(subject, source)) or is_widget(declared) or subject.may_feed_unseen:
        return WARNING
    others = () if signature is None or signature.origin is not None else subject.catalogue.variants(node.type)
    for variant in others:
        known = expand(variant, node.values, rows_required=False).get(declared.name)
        if known is None or not known.required:
            return WARNING
    return subject.judged(node)


def _is_open(subject: Subject, source: AuthoredNode) -> bool:
    """Whether a node that gives nothing is just not connected: it would pass on or name what it is given."""
    found = editor_type(source.type, subject.catalogue)
    return found is not None and found.does in (Does.PASS, Does.SET, Does.GET) and not source.is_off


def _slot(node: Node, name: str) -> str:
    """The slot of the input in a UI workflow, if it was saved; else the node, or its inputs."""
    if node.ui is None:
        return f"{node.pointer}/inputs"
    index = _index(node.ui, name)
    return node.pointer if index is None else f"{node.pointer}/inputs/{index}"


def _index(ui: UiNode, name: str) -> int | None:
    return next((index for index, slot in enumerate(ui.inputs or ()) if slot.name == name), None)


BAD = [
    bad(picture(n2=api_node("SaveImage", filename_prefix="a")), "/2/inputs"),
    bad(picture(n1=api_node("EmptyImage", width=64, batch_size=1, color=0)), "/1/inputs"),
    bad(ui([ui_node(2, "SaveImage", [("images", "IMAGE", None)], values=["a"])], []), "/nodes/0/inputs/0"),
    bad(ui([ui_node(2, "SaveImage", values=["a"])], []), "/nodes/0"),
    bad(
        ui(
            [
                ui_node(1, "GetNode", outputs=[("IMAGE", [1])], values=["blank"]),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"]],
        ),
        "/nodes/1/inputs/0",
    ),
]
GOOD = [
    good(picture()),
    good(ui_picture()),
    good(
        ui(
            [
                ui_node(1, "EmptyImage", outputs=[("IMAGE", [1])], values=[64, 64, 1, 0]),
                ui_node(2, "SetNode", [("IMAGE", "IMAGE", 1)], [("*", [])], ["blank"]),
                ui_node(3, "GetNode", outputs=[("IMAGE", [2])], values=["blank"]),
                ui_node(4, "SaveImage", [("images", "IMAGE", 2)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"], [2, 3, 0, 4, 0, "IMAGE"]],
        )
    ),
]
