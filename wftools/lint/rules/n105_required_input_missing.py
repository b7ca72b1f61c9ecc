"""A required input is given nothing: no link and no value.

The server drops every output that depends on the node, and refuses the prompt if no output is left. In a UI workflow
an input loses its link where the source is muted, or bypassed without an input of the same type; there it is a warning,
unless a target version or a server is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, Found, Severity, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph import Node
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "required_input_missing"


def check(subject: Subject) -> Iterator[Found]:
    for node in subject.flat.nodes.values():
        for name, declared in subject.declared(node).items():
            if declared.required and name not in node.given:
                yield Found(
                    Spot(_slot(node, name), node.path, key=True),
                    f"{node.type} needs its input {name!r} ({declared.type})",
                    "connect it" if declared.default is None else f"its default is {declared.default!r}",
                    _severity(subject, node),
                )


def _severity(subject: Subject, node: Node) -> Severity:
    """A UI workflow may be meant for another version, or be a template that is still to be connected."""
    return subject.gated(node) if node.ui is None or subject.catalogue.is_exact else WARNING


def _slot(node: Node, name: str) -> str:
    """The slot of the input in a UI workflow, if it was saved; else the node, or its inputs."""
    if node.ui is None:
        return f"{node.pointer}/inputs"
    index = next((i for i, slot in enumerate(node.ui.inputs or ()) if slot.name == name), None)
    return node.pointer if index is None else f"{node.pointer}/inputs/{index}"


BAD = [
    bad(picture(n2=api_node("SaveImage", filename_prefix="a")), "/2/inputs"),
    bad(picture(n1=api_node("EmptyImage", width=64, batch_size=1, color=0)), "/1/inputs"),
    bad(ui([ui_node(2, "SaveImage", [("images", "IMAGE", None)], values=["a"])], []), "/nodes/0/inputs/0"),
    bad(ui([ui_node(2, "SaveImage", values=["a"])], []), "/nodes/0"),
]
GOOD = [
    good(picture()),
    good(ui_picture()),
]
