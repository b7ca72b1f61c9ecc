"""A picture, video or sound holds no workflow, or one that is not what made it.

ComfyUI embeds the workflow and the prompt unless it is told not to, and many sites remove them. Where both are there
they should agree: the editor opens the workflow, but the prompt is what ran.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document import NothingEmbeddedError
from wftools.graph import build
from wftools.lint.examples import api_node, bad, good, picture, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, WHOLE, Found
from wftools.lint.rule import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph import WorkflowGraph
    from wftools.lint.subject import Reading

SEVERITY = ERROR
READS = SOURCE


def check(reading: Reading) -> Iterator[Found]:
    if isinstance(reading.error, NothingEmbeddedError):
        yield Found(WHOLE, reading.error.message, reading.error.hint)
    subject = reading.subject
    if subject is None or subject.document.companion is None:
        return
    companion = build(subject.document.companion, subject.catalogue)
    different = _node_types(subject.graph) ^ _node_types(companion)
    if different and _node_types(subject.graph, is_former=True) != _node_types(companion, is_former=True):
        nodes = ", ".join(sorted({path for path, _ in different})[:5])
        yield Found(
            WHOLE,
            f"the workflow and the prompt in this file do not agree on the nodes {nodes}",
            "the prompt is what ran; the workflow is what the editor opens",
            WARNING,
        )


def _node_types(graph: WorkflowGraph, *, is_former: bool = False) -> set[tuple[str, str]]:
    """The nodes by path, those in group nodes by the paths of today's prompts or of former ones, and their types."""
    former = graph.authored.former if is_former and graph.authored is not None else {}
    return {(former.get(path, path), node.type) for path, node in graph.flat.nodes.items()}


_EMPTY_PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)

BAD = [
    bad(_EMPTY_PNG, ""),
    bad(
        {
            "prompt": picture(n3={"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}}),
            "extra_data": {"extra_pnginfo": {"workflow": ui_picture()}},
        },
        "",
    ),
]
_GROUPED = {
    "nodes": [
        ui_node(7, "workflow/Blank", outputs=[("IMAGE", [1])]),
        ui_node(2, "SaveImage", [("images", "IMAGE", 1)]),
    ],
    "links": [[1, 7, 0, 2, 0, "IMAGE"]],
    "extra": {"groupNodes": {"Blank": {"nodes": [ui_node(1, "EmptyImage", outputs=[("IMAGE", [])])], "links": []}}},
    "version": 0.4,
}
_FORMER = {"7:0": api_node("EmptyImage"), "2": api_node("SaveImage", images=["7:0", 0])}
GOOD = [
    good({"prompt": picture(), "extra_data": {"extra_pnginfo": {"workflow": ui_picture()}}}),
    good({"prompt": _FORMER, "extra_data": {"extra_pnginfo": {"workflow": _GROUPED}}}),
]
