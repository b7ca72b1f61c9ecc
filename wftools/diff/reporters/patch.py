"""A patch, which `wftools apply` makes in the old version or in a similar file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.diff.patch import dumps, patch_of
from wftools.document.files import STDIN_NAME
from wftools.errors import InputError, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.diff.patch import FilePatch
    from wftools.diff.report import Report


def render(report: Report) -> bytes:
    """A patch of all files that changed; at the level `all` it leads to the new versions to the last byte."""
    return dumps(_patches(report))


def _patches(report: Report) -> Iterator[FilePatch]:
    for file in report.files:
        if file.comparison is None:
            continue
        if file.level == "exec":
            raise InputError(
                "there is no patch between prompts that were made of workflows, or between those and workflows",
                place=Place(file.name),
            )
        if not file.is_identical:
            names = [file.name, *(each.source.name for each in (file.old, file.new) if each is not None)]
            name = next((each for each in names if each != STDIN_NAME), "")
            patch = patch_of(file.comparison, name, is_whole=file.level == "all")
            if patch.changes or patch.residual is not None:
                yield patch
