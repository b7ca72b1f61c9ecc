"""Makes the changes of a patch in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wftools.diff.apply import apply
from wftools.diff.changes import inverted, operation
from wftools.diff.documents import compared
from wftools.diff.patch.anchoring import anchored, named_by_patch
from wftools.diff.patch.model import PatchedChange
from wftools.diff.patch.reading import changes_of
from wftools.diff.patch.residual import completed
from wftools.diff.patch.telling import rejection
from wftools.diff.patch.writing import patch_of
from wftools.diff.version import Version
from wftools.errors import InputError, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.apply.judging import Note, Rejected
    from wftools.diff.changes import Change
    from wftools.diff.patch.anchoring import Fuzz
    from wftools.diff.patch.model import FilePatch
    from wftools.document import Document


@dataclass(frozen=True, eq=False)
class Patched:
    """A document with a patch made."""

    document: Document
    rejected: tuple[Rejected, ...]
    notes: tuple[Note, ...]
    fuzz: tuple[Fuzz, ...]
    rejects: FilePatch | None  # the changes that were not made, as a patch
    made: int  # how many changes were made


def apply_patch(patch: FilePatch, document: Document, *, catalogue: Catalogue | None = None) -> Patched:
    """Make the changes of a patch in a document."""
    if document.form != patch.form:
        kinds = {"ui": "a workflow of the editor", "api": "a prompt"}
        message = f"the patch is of {kinds[patch.form]}, the file is {kinds[document.form]}"
        raise InputError(message, place=Place(document.source.name))
    read = changes_of(patch)
    version = Version.of(document, catalogue)
    anchors, fuzz = anchored(read, version)
    applied = apply(read.changes, named_by_patch(version, anchors, read), anchors)
    made = applied.document
    if patch.residual is not None and not applied.rejected:
        made = completed(made, patch.residual) or made
    numbers = {id(change): number for number, change in enumerate(read.changes)}
    left = [patch.changes[numbers[id(each.change)]] for each in applied.rejected]
    rejects = patch.model_copy(update={"changes": left, "residual": None, "back": None}) if left else None
    return Patched(made, applied.rejected, applied.notes, fuzz, rejects, applied.made)


def composed_patch(
    patches: Sequence[FilePatch], document: Document, *, catalogue: Catalogue | None = None
) -> FilePatch:
    """One patch that makes of a document what several make of it, one after the other.

    Why not of the patches alone: what one says of a node that another one adds can be put into that node only where its
    values have names, which the document tells. Raises InputError if one of them does not fit.
    """
    made = document
    for patch in patches:
        patched = apply_patch(patch, made, catalogue=catalogue)
        if patched.rejected:
            message = f"the patches do not fit: {rejection(patched.rejected[0])}"
            raise InputError(message, place=Place(document.source.name))
        made = patched.document
    is_whole = all(patch.residual is not None for patch in patches)
    name = next((patch.file for patch in patches), "")
    return patch_of(compared(document, made, catalogue=catalogue), name, is_whole=is_whole)


def inverted_patch(patch: FilePatch) -> FilePatch:
    """The patch that leads back."""
    changes = [*map(_inverted, patch.changes, inverted(changes_of(patch).changes))]
    update = {"changes": changes, "residual": patch.back, "back": patch.residual, "is_inverse": not patch.is_inverse}
    return patch.model_copy(update=update)


def _inverted(given: PatchedChange, change: Change) -> PatchedChange:
    made: dict[str, Any] = {"op": operation(change)}
    made |= {name: getattr(given, name) for name in given.model_fields_set - {"op", "old", "new"}}
    if "old" in given.model_fields_set:
        made["new"] = given.old
    if "new" in given.model_fields_set:
        made["old"] = given.new
    return PatchedChange(**made)
