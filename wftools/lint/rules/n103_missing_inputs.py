"""A node of an API prompt has no `inputs`, or `inputs` that are not an object.

A node without inputs still has an empty object there; the server fails on anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document.edit import Insert
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


def check(subject: Subject) -> Iterator[Found]:
    for key, entry in subject.tree.items():
        if not isinstance(entry, dict) or isinstance(entry.get("inputs"), dict):
            continue
        path = NodePath(key)
        severity = subject.gated(subject.flat.nodes[path])
        if "inputs" not in entry:
            yield Found(
                Spot(pointer(key), path, key=True),
                "the node has no inputs",
                'add "inputs": {}',
                severity,
                (Insert(pointer(key, "inputs"), {}),),
            )
        else:
            message = f"inputs are {shown(entry['inputs'])}, not an object"
            yield Found(Spot(pointer(key, "inputs"), path), message, severity=severity)


BAD = [
    bad(picture(n2={"class_type": "SaveImage"}), "/2"),
    bad(picture(n2={"class_type": "SaveImage", "inputs": []}), "/2/inputs"),
]
GOOD = [
    good(picture()),
    good(picture(n3=api_node("Note"))),
]
