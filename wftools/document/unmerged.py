"""Where a merged file keeps the record of its open conflicts.

A UI workflow has it in `extra.wftools.conflicts`: ComfyUI keeps what it does not know under `extra`. An API prompt is
nothing but nodes, and the server takes every key of it for one, so there the record stands in the `_meta` of a node:
ComfyUI reads a title from `_meta` and passes over the rest, and so does whatever else reads prompts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.document.pointer import pointer

if TYPE_CHECKING:
    from wftools.document.document import Document
    from wftools.values import Json

OURS: Final = "wftools"  # the key that is ours, under `extra` or `_meta`
CONFLICTS: Final = "conflicts"
MARKS: Final = "marks"  # what shows the conflicts in the graph
_EXTRA: Final = "extra"
_META: Final = "_meta"


def home(document: Document) -> str | None:
    """The pointer of the object under which our key stands, or is to stand if there is none; None if nothing can have
    it.
    """
    if document.form == "ui":
        return pointer(_EXTRA)
    nodes = [key for key, node in document.tree.items() if isinstance(node, dict)]
    having = [
        key for key in nodes if isinstance(_in(document.tree[key], _META), dict) and OURS in document.tree[key][_META]
    ]
    return next((pointer(key, _META) for key in (*having, *nodes)), None)


def open_conflicts(document: Document) -> tuple[str, list[Json]] | None:
    """The pointer of the record of open conflicts, and what it says; None where nothing is open."""
    at = home(document)
    if at is None:
        return None
    found: Any = document.tree
    for key in (*at.split("/")[1:], OURS, CONFLICTS):
        found = _in(found, key.replace("~1", "/").replace("~0", "~"))
    return (at + pointer(OURS, CONFLICTS), found) if isinstance(found, list) and found else None


def _in(tree: Any, key: str) -> Any:
    return tree.get(key) if isinstance(tree, dict) else None
