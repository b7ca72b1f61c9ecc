"""Nothing in the workflow is an output: no picture is saved, no text shown.

The server runs only what an output needs, so there is nothing to run, and it refuses the prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.lint.examples import api_node, bad, good, picture, ui, ui_node, ui_picture
from wftools.lint.finding import ERROR, WARNING, WHOLE, Found
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = FLAT
MIRRORS = "prompt_no_outputs"


def check(subject: Subject) -> Iterator[Found]:
    nodes = subject.flat.nodes.values()
    if all(subject.is_output(node) is False for node in nodes):
        hint = subject.hinted("add SaveImage, PreviewImage or the like", *nodes)
        severity = ERROR if all(map(subject.is_sure, nodes)) else WARNING
        yield Found(WHOLE, "the workflow has no output node", hint=hint, severity=severity)


BAD = [
    bad({"1": api_node("EmptyImage", width=64, height=64, batch_size=1, color=0)}, ""),
    bad(ui([ui_node(1, "EmptyImage", values=[64, 64, 1, 0])], []), ""),
]
GOOD = [
    good(picture()),
    good(ui_picture()),
    good({"1": api_node("SomebodysOutput")}),
]
