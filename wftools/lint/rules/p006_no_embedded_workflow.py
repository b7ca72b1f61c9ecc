"""A picture, video or sound holds no workflow, or one that is not what made it.

ComfyUI embeds the workflow and the prompt unless it is told not to, and many sites remove them. Where both are there
they should agree: the editor opens the workflow, but the prompt is what ran.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document import NothingEmbeddedError
from wftools.graph import build
from wftools.lint.examples import bad, good, picture, ui_picture
from wftools.lint.finding import ERROR, WARNING, WHOLE, Found
from wftools.lint.rule import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph import View
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
    different = _node_types(subject.flat).items() ^ _node_types(companion.flat).items()
    if different:
        nodes = ", ".join(sorted({path for path, _ in different})[:5])
        yield Found(
            WHOLE,
            f"the workflow and the prompt in this file do not agree on the nodes {nodes}",
            "the prompt is what ran; the workflow is what the editor opens",
            WARNING,
        )


def _node_types(view: View) -> dict[str, str]:
    return {path: node.type for path, node in view.nodes.items()}


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
GOOD = [good({"prompt": picture(), "extra_data": {"extra_pnginfo": {"workflow": ui_picture()}}})]
