"""A node of a type that is not known.

The server refuses the whole prompt, whether or not an output needs the node. Either the name is wrong, or the node
comes from a custom node pack that the catalogue does not have: give `--custom-nodes` with the folder of the pack, or
`--object-info` with the address of a server that has it, or with its saved answer, and the node is judged like any
other.

Without one, a node that may come from a custom pack is a warning; a name close to one of ComfyUI's own is an error in
what people write by hand. All nodes of one type, and of one pack by their own word, are one finding.

A type of a shipped pack may be known in other versions only than the one that a node was saved with: most of its
values, or all of its outputs, are others than any of them declares. That is a warning: lint has not much to say of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.errors import MAX_SHOWN, listed, shown
from wftools.graph.authored.editor_types import EDITOR_TYPES
from wftools.graph.authored.group_nodes import COMPONENT
from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, Found, Severity, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.graph import Node
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "missing_node_type"

_TO_GIVE: Final = "give the pack's folder with --custom-nodes, or --object-info"
MAX_NAMED: Final = 10  # nodes in a message; a report for machines has all


def check(subject: Subject) -> Iterator[Found]:
    groups: dict[tuple[str, str, Severity], dict[str, Node]] = {}
    for node in subject.flat.nodes.values():
        is_unknown = bool(node.type) and not subject.catalogue.variants(node.type)
        if is_unknown or subject.is_unlike(node):
            pack = "" if node.claimed.is_of_core else node.claimed.cnr_id or node.claimed.aux_id
            severity = _severity(subject, node) if is_unknown else WARNING
            group = groups.setdefault((node.type, pack, severity), {})
            group.setdefault(node.pointer, node)  # a subgraph may be used twice
    for (node_type, pack, severity), nodes in groups.items():
        one, (first, *others) = next(iter(nodes.values())), [_spot(subject, node) for node in nodes.values()]
        count = f"; {len(nodes)} nodes are of it: {_named(nodes.values())}" if others else ""
        known = "is not known" if one.signature is None else "is not known in the version that was saved"
        hint = _hint(subject, node_type, pack) if one.signature is None else subject.hinted(_TO_GIVE, one)
        yield Found(first, f"node type {shown(node_type)} {known}{count}", hint, severity, also=tuple(others))


def _spot(subject: Subject, node: Node) -> Spot:
    return Spot(node.pointer + ("/class_type" if subject.document.form == "api" else "/type"), node.path)


def _named(nodes: Iterable[Node]) -> str:
    """The first of some nodes by their ids, with the titles that people gave them."""
    return listed([str(node.path) + _title(node) for node in nodes], MAX_NAMED)


def _title(node: Node) -> str:
    return f' "{node.title[:MAX_SHOWN]}"' if node.title and node.title != node.type else ""


def _severity(subject: Subject, node: Node) -> Severity:
    """A near name is a slip of the pen only in what was written by hand: the editor writes the names that it was given,
    and packs call their nodes much as the core calls its own.
    """
    if subject.catalogue.is_whole or (node.ui is not None and node.claimed.is_of_core):
        return ERROR
    is_handwritten = node.ui is None and subject.document.source.container is None
    return ERROR if is_handwritten and subject.catalogue.near(node.type) else WARNING


def _hint(subject: Subject, node_type: str, pack: str) -> str:
    if node_type in EDITOR_TYPES and not EDITOR_TYPES[node_type].is_declared:
        return "it exists in the editor only: `wftools convert` resolves it in a workflow, and a prompt never has it"
    if node_type.startswith(COMPONENT):
        return "it is a component of ComfyUI-Manager, whose definition is not in the file: unpack it in the editor"
    near = subject.catalogue.near(node_type)
    if near and not pack:
        return f"did you mean {near!r}?"
    if subject.catalogue.is_whole:
        return f"install {pack or 'the custom node pack that has it'}, or take the node out"
    return (
        f"it is of the custom node pack {pack}: {_TO_GIVE}" if pack else f"if it comes from a custom pack, {_TO_GIVE}"
    )


BAD = [
    bad(picture(n3=api_node("SaveImagge", images=["1", 0])), "/3/class_type"),
    bad(picture(n3=api_node("SomebodysNode")), "/3/class_type"),
    bad(picture(n3=api_node("SetNode", IMAGE=["1", 0])), "/3/class_type"),
    bad(ui([ui_node(1, "## make-basic_pipe [2c8c61]")], []), "/nodes/0/type"),
    bad(ui([ui_node(1, "EmtyImage")], []), "/nodes/0/type"),
    bad(ui([ui_node(id_, "SomebodysNode") for id_ in (1, 2, 3)], []), "/nodes/0/type"),
]
GOOD = [
    good(picture()),
    good(ui_picture()),
    good(ui([ui_node(1, "Note", values=["x"]), ui_node(2, "Reroute", mode=4)], [])),
]
