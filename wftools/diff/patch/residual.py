"""What no change says of two texts: the order of keys and rows, blanks, spelling."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from wftools.diff.patch.model import Residual, TextEdit
from wftools.document import read_json

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.diff.patch.model import FilePatch
    from wftools.document import Document

_PIECE: Final = re.compile(r"[^\n,\[\]{}]*[\n,\[\]{}]?")
_MOST_PIECES: Final = 50_000  # of a stretch in which two texts differ; a longer one is replaced as a whole


def with_residual(patch: FilePatch, old: Document, new: Document, catalogue: Catalogue) -> FilePatch:
    """The patch with what it takes to make the new text of the old one, and back.

    Where malformed files differ in what changes cannot say, or cannot make, the texts say it all.
    """
    from wftools.diff.patch.applying import apply_patch, inverted_patch
    from wftools.diff.patch.reading import MisfitError

    try:
        there = apply_patch(patch, old, catalogue=catalogue)
        back = apply_patch(inverted_patch(patch), new, catalogue=catalogue)
    except MisfitError:
        sides = None
    else:
        sides = None if there.rejected or back.rejected else (there.document, back.document)
    if sides is None:
        patch = type(patch)(file=patch.file, form=patch.form, changes=[])
        sides = old, new
    return patch.model_copy(
        update={"residual": between(sides[0].text, new.text), "back": between(sides[1].text, old.text)}
    )


def between(before: str, after: str) -> Residual:
    """What makes one text of another."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    pieces, others = _PIECE.findall(old), _PIECE.findall(new)
    edits = []
    if len(pieces) + len(others) > _MOST_PIECES:
        edits = [TextEdit(at=start, remove=len(old), insert=new)]
    else:
        offsets = [start]
        for piece in pieces:
            offsets.append(offsets[-1] + len(piece))
        for tag, one, two, three, four in SequenceMatcher(None, pieces, others, autojunk=False).get_opcodes():
            if tag != "equal":
                removed = offsets[two] - offsets[one]
                edits.append(TextEdit(at=offsets[one], remove=removed, insert="".join(others[three:four])))
    return Residual(of=_hash(before), edits=edits)


def _common(one: str, other: str) -> int:
    """The length of what two texts start with alike."""
    most = min(len(one), len(other))
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def completed(document: Document, residual: Residual) -> Document | None:
    """The document with a residual; None if it is not the text that the residual is of."""
    text = document.text
    if _hash(text) != residual.of:
        return None
    made, at = [], 0
    for edit in residual.edits:
        if edit.at < at or edit.at + edit.remove > len(text):
            return None
        made += [text[at : edit.at], edit.insert]
        at = edit.at + edit.remove
    made.append(text[at:])
    found = read_json("".join(made), document.source.name)
    source = replace(found.source, encoding=document.source.encoding)
    marks = tuple(each for each in document.defects if each.kind == "byte-order-mark")
    return replace(found, source=source, defects=(*marks, *found.defects))
