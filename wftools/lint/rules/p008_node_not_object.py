"""An entry of an API prompt is not a node.

The server takes every top-level value for a node and fails on the whole prompt, comments included. Put remarks into a
node's `_meta`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document.pointer import pointer
from wftools.errors import shown
from wftools.lint.examples import bad, good, picture
from wftools.lint.finding import ERROR, Finding
from wftools.lint.rule import API

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.lint.subject import Subject

SEVERITY = ERROR
VIEW = API
MIRRORS = "invalid_prompt"


def check(subject: Subject) -> Iterator[Finding]:
    for key, entry in subject.tree.items():
        if not isinstance(entry, dict):
            yield Finding(pointer(key), f"{key!r} is no node but {shown(entry)}", key, hint="remove it", at_key=True)


BAD = [bad(picture(n_comment="made by hand"), "/_comment"), bad(picture(n3=None), "/3")]
GOOD = [good(picture())]
