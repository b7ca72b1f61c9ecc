"""A node of an API prompt does not say what it is.

`class_type` is missing, blank or not a string. The server refuses the whole prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document.pointer import pointer
from wftools.errors import shown
from wftools.graph import NodePath
from wftools.lint.examples import api_node, bad, good, picture
from wftools.lint.finding import ERROR, Found, Spot
from wftools.lint.rule import API

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = API
MIRRORS = "missing_node_type"


def check(subject: Subject) -> Iterator[Found]:
    for key, entry in subject.tree.items():
        if not isinstance(entry, dict):
            continue
        kind = entry.get("class_type")
        if "class_type" not in entry:
            yield Found(Spot(pointer(key), NodePath(key), key=True), "the node has no class_type")
        elif not isinstance(kind, str) or not kind.strip():
            yield Found(
                Spot(pointer(key, "class_type"), NodePath(key)),
                f"class_type is {shown(kind)}, not the name of a node type",
            )


BAD = [
    bad(picture(n3={"inputs": {}}), "/3"),
    bad(picture(n3={"class_type": "", "inputs": {}}), "/3/class_type"),
    bad(picture(n3={"class_type": ["SaveImage"], "inputs": {}}), "/3/class_type"),
]
GOOD = [
    good(picture()),
    good(picture(n3=api_node("PreviewImage", images=["1", 0]))),
]
