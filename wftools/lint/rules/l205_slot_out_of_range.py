"""A link starts at an output that its source does not have.

The server fails on it; the editor may not even open the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.errors import counted
from wftools.graph.authored.editor_types import Does
from wftools.graph.authored.scopes import OUTPUTS
from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, Found, at
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "exception_during_inner_validation"


def check(subject: Subject) -> Iterator[Found]:
    if subject.document.form == "ui":
        yield from _rows(subject)
    for node in subject.flat.nodes.values():
        for name, link in node.links:
            source = subject.flat.nodes.get(link.source)
            signature = source.signature if source is not None else None
            if source is None or signature is None or node.ui is not None:
                continue
            count = len(signature.outputs)
            if signature.partly:
                continue
            if not -count <= link.slot < count:  # Python counts negative indices from the end
                is_declared = name in subject.declared(node) or node.signature is None
                yield Found(
                    at(node, name),
                    f"{source} has {counted(count, 'output')}, the link asks for output {link.slot}",
                    hint=subject.hinted("slots count from 0", source),
                    severity=subject.judged(node, source) if is_declared else WARNING,
                )


def _rows(subject: Subject) -> Iterator[Found]:
    for scope in subject.authored.scopes:
        for link in scope.links:
            node = scope.by_id.get(link.source)
            editor_type = subject.authored.editor_type(node) if node is not None else None
            is_passed = editor_type is not None and editor_type.does is Does.PASS
            if node is None or is_passed or not (link.target in scope.by_id or link.target == OUTPUTS):
                continue
            inside = subject.authored.definition(node)
            declared = subject.authored.signature(node)
            count = max(
                len(node.ui.outputs or ()),
                len((inside.definition and inside.definition.outputs) or ()) if inside is not None else 0,
                len(declared.outputs) if declared is not None else 0,
            )
            if not 0 <= link.row.origin_slot < count:
                yield Found(
                    subject.row(scope, link, node.id),
                    f"node {node} has {counted(count, 'output')}, "
                    f"link {link.row.id} starts at output {link.row.origin_slot}",
                    "connect it again",
                    subject.row_severity(scope, link),
                    subject.row_fix(scope, link),
                )


BAD = [
    bad(picture(n2=api_node("SaveImage", images=["1", 1], filename_prefix="a")), "/2/inputs/images"),
    bad(
        ui(
            [
                ui_node(1, "EmptyImage", outputs=[("IMAGE", [1])], values=[64, 64, 1, 0]),
                ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["a"]),
            ],
            [[1, 1, 7, 2, 0, "IMAGE"]],
        ),
        "/links/0",
    ),
]
GOOD = [
    good(picture()),
    good(picture(n2=api_node("SaveImage", images=["1", -1], filename_prefix="a"))),
    good(ui_picture()),
]
