"""Document -> canonical text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from wftools.document.pointer import with_value_at
from wftools.errors import InputError, Place
from wftools.fmt.arrange import arranged_api, arranged_ui
from wftools.fmt.spelling import spelled
from wftools.fmt.strip import stripped

if TYPE_CHECKING:
    from wftools.document import Document
    from wftools.document.document import Tree
    from wftools.values import Json

_EXACT: Final = 2**53  # up to there, floating point holds all integers


def formatted(document: Document, *, strip: bool = False) -> str:
    """The canonical text of a workflow, and of what it is wrapped in: a queue request or an entry of the history.

    `strip` leaves out what changes without an edit: see `strip.py`. Formatting twice changes nothing, and the editor
    makes the same prompt of it. Raises InputError for a file in which a key stands twice: one of its values would go.
    """
    repeated = next((defect for defect in document.defects if defect.kind == "duplicate-key"), None)
    if repeated is not None:
        line, column = document.positions.line_column(repeated.offset)
        raise InputError(repeated.message, place=Place(document.source.name, line, column))
    is_ui = document.form == "ui"
    tree = arranged_ui(cast("Tree", _whole(document.tree))) if is_ui else arranged_api(document.tree)
    root = with_value_at(document.root, document.source.base, stripped(tree) if strip and is_ui else tree)
    has_constants = any(defect.kind == "non-finite" and "Infinity" in defect.message for defect in document.defects)
    text = spelled(root, is_ui=is_ui, has_constants=has_constants)
    end = document.text.find("\n")
    # Lines may end as on Windows: git may check files out like that, and takes it back.
    return text.replace("\n", "\r\n") if end > 0 and document.text[end - 1] == "\r" else text


def _whole(value: Json) -> Json:
    """A tree with 7 for 7.0, as the editor writes it, unless another reader would then read another number.

    Python tells the two apart, so prompts keep their numbers. What stands where is decided after this: it may depend on
    what is a number and what an id, and must be the same in the text that is written.
    """
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT and str(value) != "-0.0":
        return int(value)
    return value
