"""Document -> text and bytes, as they were read where nothing was edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftools.document.document import Document


def dumps(document: Document) -> str:
    """The JSON text of a document."""
    return document.text


def dumpb(document: Document) -> bytes:
    """The file of a document that is JSON itself: its text in the encoding in which it was read, byte order mark
    included.
    """
    mark = "\ufeff" if any(defect.kind == "byte-order-mark" for defect in document.defects) else ""
    return (mark + document.text).encode(document.source.encoding)
