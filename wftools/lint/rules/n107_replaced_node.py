"""A node of a type that is gone, in the place of which the server puts another.

The server has a table of such types. It gives the new node the inputs that the table maps, which for most types are
none, and then refuses it; and it fails on a node without `_meta`. Only where all inputs are mapped does the workflow
run as it is. Where no target is named, and a known version still has the type, it is a warning in any case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document.edit import Insert, Remove, Set
from wftools.document.pointer import pointer
from wftools.errors import shown
from wftools.graph.replacing import replaced, replacement_of
from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node
from wftools.lint.finding import ERROR, WARNING, Found, Severity, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.replacements import Replacement
    from wftools.document.edit import Edit
    from wftools.graph import Node
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT


def check(subject: Subject) -> Iterator[Found]:
    for node in subject.flat.nodes.values():
        replacement = replacement_of(node.type, subject.catalogue)
        if replacement is None:
            continue
        trouble = _trouble(subject, node, replacement)
        yield Found(
            Spot(node.pointer + ("/class_type" if node.ui is None else "/type"), node.path),
            f"node type {shown(node.type)} is gone, and the server puts {replacement.type} in its place{trouble}",
            f"make it a {replacement.type}",
            _severity(subject, node, trouble),
            _fix(node, replacement),
        )


def _trouble(subject: Subject, node: Node, replacement: Replacement) -> str:
    """What goes wrong then; nothing if the new node has all that it needs."""
    has_meta = node.ui is not None or "_meta" in subject.tree[node.path]
    absent = [old for old in replacement.inputs.values() if old not in node.given]
    if not has_meta:
        return ", but fails on it, since it has no _meta"
    if absent:
        return f", but fails on it, since it lacks {', '.join(absent)}"
    new = replaced(node, replacement, subject.catalogue)
    required = new.signature.required if new.signature is not None else ()
    return "" if all(each.name in new.given for each in required) else ", but without its inputs"


def _severity(subject: Subject, node: Node, trouble: str) -> Severity:
    is_known_elsewhere = subject.catalogue.target is None and any(
        not each.is_replaced for each in subject.catalogue.variants(node.type)
    )
    return ERROR if trouble and not is_known_elsewhere else WARNING


def _fix(node: Node, replacement: Replacement) -> tuple[Edit, ...]:
    """The new type, with all that the old one was given; none where values would have to find other places."""
    if replacement.values or any("." in name for name in replacement.inputs):
        return ()
    if node.ui is None:
        renamed = [(old, new) for new, old in replacement.inputs.items() if old in node.given]
        inputs = node.pointer + "/inputs"
        return (
            Set(node.pointer + "/class_type", replacement.type),
            *(Remove(inputs + pointer(old)) for old, _ in renamed),
            *(Insert(inputs + pointer(new), node.given[old].value) for old, new in renamed),
        )
    names = {old: new for new, old in replacement.inputs.items()}
    edits: list[Edit] = [Set(node.pointer + "/type", replacement.type)]
    for index, slot in enumerate(node.ui.inputs or ()):
        if slot.name in names:
            edits.append(Set(f"{node.pointer}/inputs/{index}/name", names[slot.name]))
            if slot.widget is not None and slot.widget.name == slot.name:
                edits.append(Set(f"{node.pointer}/inputs/{index}/widget/name", names[slot.name]))
    return tuple(edits)


_META = {"_meta": {"title": "Average"}}
_AVERAGE = {"conditioning_to": ["4", 0], "conditioning_from": ["4", 0], "conditioning_to_strength": 0.5}
BAD = [
    bad(picture(n3=api_node("T2IAdapterLoader", t2i_adapter_name="a.safetensors") | _META), "/3/class_type"),
    bad(picture(n3=api_node("T2IAdapterLoader", t2i_adapter_name="a.safetensors")), "/3/class_type"),
    bad(picture(n3=api_node("ConditioningAverage ", **_AVERAGE) | _META), "/3/class_type"),
    bad(
        ui([ui_node(1, "T2IAdapterLoader", outputs=[("CONTROL_NET", [])], values=["a.safetensors"])], []),
        "/nodes/0/type",
    ),
]
GOOD = [
    good(picture(n3=api_node("ControlNetLoader", control_net_name="a.safetensors"))),
    good(picture(n3=api_node("ImageScaleBy", image=["1", 0], upscale_method="lanczos", scale_by=2.0))),
]
