"""An entry of an API prompt is not a node.

The server takes every top-level value for a node and fails on the whole prompt, comments included. Put remarks into a
node's `_meta`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document.pointer import pointer
from wftools.errors import shown
from wftools.graph import NodePath
from wftools.lint.examples import bad, good, picture
from wftools.lint.finding import ERROR, Found, Spot
from wftools.lint.rule import API

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
READS = API
MIRRORS = "invalid_prompt"


def check(subject: Subject) -> Iterator[Found]:
    for key, entry in subject.tree.items():
        if not isinstance(entry, dict):
            yield Found(
                Spot(pointer(key), NodePath(key), key=True), f"{shown(key)} is no node but {shown(entry)}", "remove it"
            )


BAD = [bad(picture(n_comment="made by hand"), "/_comment"), bad(picture(n3=None), "/3")]
GOOD = [good(picture())]
