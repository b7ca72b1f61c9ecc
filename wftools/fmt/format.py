"""Document -> canonical text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.document.pointer import with_value_at
from wftools.errors import InputError, Place
from wftools.fmt.arrange import arranged_api, arranged_ui
from wftools.fmt.spelling import spelled
from wftools.fmt.strip import stripped

if TYPE_CHECKING:
    from wftools.document import Document


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
    tree = arranged_ui(document.tree) if is_ui else arranged_api(document.tree)
    root = with_value_at(document.root, document.source.base, stripped(tree) if strip and is_ui else tree)
    text = spelled(root, numbers_as_javascript=is_ui)
    return text.replace("\n", "\r\n") if _has_carriage_returns(document.source.text) else text


def _has_carriage_returns(text: str) -> bool:
    """Whether lines end as on Windows: git may check files out like that, and takes it back."""
    end = text.find("\n")
    return end > 0 and text[end - 1] == "\r"
