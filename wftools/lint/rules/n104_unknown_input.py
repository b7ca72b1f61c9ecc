"""An input that the node type does not declare.

The server ignores the value, so a misspelled input has no effect, and the input that was meant is missing. A sub-input
that does not belong to the chosen option of a dynamic combo is one of these. A link is not ignored: the server accepts
it, and hands its value to the node, whose function does not take it and fails.

Scripts of custom node packs put values into prompts that no server asks for, and let inputs grow: `input2` where
`input1` is declared. There, a value is told of only where its name is nearly that of a declared input.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wftools.graph.model import Linked
from wftools.lint.examples import api_node, bad, good, picture
from wftools.lint.finding import WARNING, Found, Spot
from wftools.lint.rule import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.lint.subject import Subject

SEVERITY = WARNING
READS = FLAT


_NUMBER: Final = re.compile(r"\d+")
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
        if signature.is_flexible or signature.is_older or signature.partly:
            continue
        is_of_pack = signature.pack is not None
        declared = subject.declared(node)
        dynamic = {each.name for each in signature.inputs} - declared.keys()  # a combo without a known key
        for name, given in node.given.items():
            if name in declared or name in signature.hidden or name in dynamic or name in _OF_THE_EDITOR:
                continue
            if is_of_pack and _is_grown(name, declared):
                continue
            from wftools.catalog.near import nearest  # few files have such an input

            near = nearest(name, tuple(each for each in declared if each not in node.given))
            is_link = isinstance(given, Linked)
            if is_of_pack and not is_link and near is None:
                continue
            consequence = "what it is linked to makes the node fail" if is_link else "it is ignored"
            yield Found(
                Spot(given.pointer, node.path, key=True),
                f"{node.type} has no input {name!r}; {consequence}",
                subject.hinted(f"did you mean {near!r}?" if near else "remove it", node),
            )


def _is_grown(name: str, declared: Iterable[str]) -> bool:
    """Whether it has the name of a declared input, with another number."""
    pattern = _NUMBER.sub("#", name)
    return pattern != name and any(pattern == _NUMBER.sub("#", each) for each in declared)


BAD = [
    bad(picture(n1=api_node("EmptyImage", widht=64, height=64, batch_size=1, color=0)), "/1/inputs/widht"),
    bad(picture(n2=api_node("SaveImage", images=["1", 0], filename_prefix="a", quality=90)), "/2/inputs/quality"),
    bad(picture(n2=api_node("SaveImage", images=["1", 0], filename_prefix="a", mask=["1", 0])), "/2/inputs/mask"),
]
GOOD = [
    good(picture()),
    good(picture(n3=api_node("LoadImage", image="a.png", upload="image"))),
]
