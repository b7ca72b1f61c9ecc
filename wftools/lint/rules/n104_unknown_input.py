"""An input that the node type does not declare.

The server ignores the value, so a misspelled input has no effect, and the input that was meant is missing. A sub-input
that does not belong to the chosen option of a dynamic combo is one of these. A link is not ignored: the server accepts
it, and hands its value to the node, whose function does not take it and fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.graph.model import Linked
from wftools.lint.examples import api_node, bad, good, picture
from wftools.lint.finding import WARNING, Found, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = WARNING
READS = FLAT


_TAKES_ANYTHING = frozenset({"CustomCombo"})
# Values of buttons and previews, which the editor has put into prompts at one time or another.
_OF_THE_EDITOR = frozenset(
    {
        "upload",
        "choose file to upload",
        "audioUI",
        "preview",
        "preview_text",
        "preview_markdown",
        "previewMode",
        "video-preview",
        "compare_view",
        "image",
        "control_after_generate",
    }
)


def check(subject: Subject) -> Iterator[Found]:
    for node in subject.flat.nodes.values():
        signature = node.signature
        if signature is None or node.ui is not None or node.type in _TAKES_ANYTHING:
            continue
        declared = subject.declared(node)
        dynamic = {each.name for each in signature.inputs} - declared.keys()  # a combo without a known key
        for name, given in node.given.items():
            if name in declared or name in signature.hidden or name in dynamic or name in _OF_THE_EDITOR:
                continue
            from wftools.catalog.near import nearest  # few files have such an input

            near = nearest(name, tuple(each for each in declared if each not in node.given))
            is_link = isinstance(given, Linked)
            consequence = "what it is linked to makes the node fail" if is_link else "it is ignored"
            yield Found(
                Spot(given.pointer, node.path, key=True),
                f"{node.type} has no input {name!r}; {consequence}",
                f"did you mean {near!r}?" if near else "remove it",
            )


BAD = [
    bad(picture(n1=api_node("EmptyImage", widht=64, height=64, batch_size=1, color=0)), "/1/inputs/widht"),
    bad(picture(n2=api_node("SaveImage", images=["1", 0], filename_prefix="a", quality=90)), "/2/inputs/quality"),
    bad(picture(n2=api_node("SaveImage", images=["1", 0], filename_prefix="a", mask=["1", 0])), "/2/inputs/mask"),
]
GOOD = [
    good(picture()),
    good(picture(n3=api_node("LoadImage", image="a.png", upload="image"))),
]
