"""A link connects two slots whose types, as the file states them, do not go together.

This needs no knowledge of the node types, so it is found in custom nodes too; where both ends are known, type-mismatch
judges the link by their declarations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.catalog.signature import COMBO
from wftools.catalog.sockets import connectable
from wftools.graph.authored.scopes import BYPASSED, MUTED
from wftools.lint.examples import bad, good, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, Found
from wftools.lint.rule import AUTHORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph.authored.scopes import AuthoredNode
    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = AUTHORED


def check(subject: Subject) -> Iterator[Found]:
    for scope in subject.authored.scopes:
        for target in scope.nodes:
            for index, link in scope.incoming(target).items():
                source = scope.by_id.get(link.source)
                outputs = (source.ui.outputs or ()) if source is not None else ()
                if (
                    source is None
                    or not 0 <= link.row.origin_slot < len(outputs)
                    or _is_judged(subject, source, target)
                ):
                    continue
                given, wanted = outputs[link.row.origin_slot].type, target.inputs[index].type
                if not connectable(_named(given), _named(wanted)):
                    off = {source.mode, target.mode} & {MUTED, BYPASSED}
                    yield Found(
                        subject.saved(scope, target, "inputs", index),
                        f"{target.inputs[index].name} takes {wanted}, but output {link.row.origin_slot} of node "
                        f"{source} is {given}",
                        severity=WARNING if off else None,
                    )


def _named(kind: object) -> object:
    """The name of a slot's type: older editors wrote the choices of a combo there."""
    return COMBO if isinstance(kind, list) else kind


def _is_judged(subject: Subject, source: AuthoredNode, target: AuthoredNode) -> bool:
    """Whether both ends are known and run, so that type-mismatch sees the link."""
    known = subject.authored.signature(source) is not None and subject.authored.signature(target) is not None
    return known and source.mode not in (MUTED, BYPASSED) and target.mode not in (MUTED, BYPASSED)


BAD = [
    bad(
        ui(
            [
                ui_node(1, "SomebodysNode", outputs=[("LATENT", [1])]),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "LATENT"]],
        ),
        "/nodes/1/inputs/0",
    ),
]
GOOD = [
    good(ui_picture()),
    good(
        ui(
            [
                ui_node(1, "PrimitiveNode", outputs=[("COMBO", [1])], values=["rle"]),
                ui_node(2, "SomebodysNode", inputs=[("codec", ["raw", "rle"], 1)]),
            ],
            [[1, 1, 0, 2, 0, "COMBO"]],
        )
    ),
    good(
        ui(
            [
                ui_node(1, "SomebodysNode", outputs=[("*", [1])]),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
            ],
            [[1, 1, 0, 2, 0, "*"]],
        )
    ),
]
