"""An input slot and the table of links disagree about where a link ends.

The slot names a link whose row says that it ends elsewhere. The editor believes one of the two, and not always the
same: after it has opened and saved the file, something else may be connected.

A row that ends at a slot which names another link is a warning outside of subgraphs, where the editor drops it, and so
is one that ends at a slot which names none: the editor connects it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.examples import bad, good, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, Found
from wftools.lint.rule import AUTHORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph.authored.scopes import AuthoredNode, Scope
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = AUTHORED


def check(subject: Subject) -> Iterator[Found]:
    for scope, node in subject.authored_nodes():
        for index, slot in enumerate(node.inputs):
            link = scope.by_link.get(slot.link) if slot.link is not None else None
            if link is None:
                continue
            end = f"node {link.target}"
            if link.target == node.id:
                slots = range(len(node.inputs))
                if (
                    link.row.target_slot == index or link.row.target_slot not in slots
                ):  # the latter is link-target-missing
                    continue
                end = f"input {link.row.target_slot}"
            yield Found(
                subject.saved(scope, node, "inputs", index, "link"),
                f"input {index} ({slot.name}) names link {link.row.id}, which ends at {end}",
                "connect it again",
            )
        yield from _unnamed(subject, scope, node)


def _unnamed(subject: Subject, scope: Scope, node: AuthoredNode) -> Iterator[Found]:
    """Rows that end at a slot of the node, while the slot names another link or none."""
    named = {slot.link for slot in node.inputs}
    for link in scope.into.get(node.id, ()):
        if link.row.id in named or not 0 <= link.row.target_slot < len(node.inputs):
            continue
        slot = node.inputs[link.row.target_slot]
        what = f"link {slot.link}" if slot.link is not None else "no link"
        yield Found(
            subject.row(scope, link, node.id),
            f"link {link.row.id} ends at input {slot.name!r} of node {node}, which names {what}",
            "remove the link, or connect it again",
            subject.row_severity(scope, link) if slot.link is not None else WARNING,
            subject.row_fix(scope, link) if slot.link is not None else (),
        )


BAD = [
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", outputs=[("IMAGE", [1, 2])], values=[64, 64, 1, 0]),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"], [2, 1, 0, 2, 0, "IMAGE"]],
        ),
        "/links/1",
    ),
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", outputs=[("IMAGE", [1])], values=[64, 64, 1, 0]),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
                ui_node(3, "SaveImage", [("images", "IMAGE", 1)], values=["b"]),
            ],
            [[1, 1, 0, 2, 0, "IMAGE"]],
        ),
        "/nodes/2/inputs/0/link",
    ),
]
GOOD = [
    good(ui_picture()),
]
