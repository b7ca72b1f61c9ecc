"""A node of a type that is not known.

The server refuses the whole prompt, whether or not an output needs the node. Either the name is wrong, or the node
comes from a custom node pack that the catalogue does not have: give `--object-info` with the address of a server that
has it, or with its saved answer, and the node is judged like any other.

Without one, a node that may come from a custom pack is a warning; a name close to one of ComfyUI's own is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.errors import shown
from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, Found, Severity, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph import Node
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "missing_node_type"


def check(subject: Subject) -> Iterator[Found]:
    for node in subject.flat.nodes.values():
        if not node.type or subject.catalogue.variants(node.type):
            continue
        near = subject.catalogue.near(node.type)
        yield Found(
            Spot(node.pointer + ("/class_type" if subject.document.form == "api" else "/type"), node.path),
            f"node type {shown(node.type)} is not known",
            _hint(subject, near),
            _severity(subject, node, near),
        )


def _severity(subject: Subject, node: Node, near: str | None) -> Severity:
    """A near name is a slip of the pen only in what was written by hand: the editor writes the names that it was given,
    and packs call their nodes much as the core calls its own.
    """
    is_handwritten = node.ui is None and subject.document.source.container is None
    is_core = node.ui is not None and (node.ui.properties or {}).get("cnr_id") == "comfy-core"
    return ERROR if subject.catalogue.is_whole or (near and is_handwritten) or is_core else WARNING


def _hint(subject: Subject, near: str | None) -> str:
    if near:
        return f"did you mean {near!r}?"
    if subject.catalogue.is_whole:
        return "install the custom node pack that has it, or take the node out"
    return "if it comes from a custom node pack, give --object-info so that it can be judged"


BAD = [
    bad(picture(n3=api_node("SaveImagge", images=["1", 0])), "/3/class_type"),
    bad(picture(n3=api_node("SomebodysNode")), "/3/class_type"),
    bad(ui([ui_node(1, "EmtyImage")], []), "/nodes/0/type"),
]
GOOD = [
    good(picture()),
    good(ui_picture()),
    good(ui([ui_node(1, "Note", values=["x"]), ui_node(2, "Reroute", mode=4)], [])),
]
