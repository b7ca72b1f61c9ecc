"""Look at files and the files in folders, and pick those that an expression is true of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftools.document import NotAWorkflowError, NothingEmbeddedError, read
from wftools.document.files import STDIN, candidates
from wftools.errors import WftoolsError, foreseen
from wftools.overview.look import overview
from wftools.overview.pictures import picture_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wftools.catalog.lookup import Catalogue
    from wftools.overview.model import Overview
    from wftools.overview.where import Expression


@dataclass(frozen=True, slots=True)
class Seen:
    """One file: what it is, or why that cannot be said."""

    name: str
    overview: Overview | None = None
    error: WftoolsError | None = None
    is_picked: bool = True  # whether the expression is true of it


def look_at_files(
    paths: Iterable[str],
    catalogue: Catalogue,
    where: Expression | None = None,
    begin: Callable[[str, int, int], None] = lambda *_: None,
) -> Iterator[Seen]:
    """Look at files and folders, one after the other. What is no workflow is left out in a folder.

    `begin` is told the name of each file before it is looked at, with how many were before it and how many there are.
    """
    found = list(candidates(paths))
    for number, candidate in enumerate(found):
        begin(candidate.path, number, len(found))
        try:
            with foreseen(candidate.path):
                seen = _look_at(candidate.path, catalogue)
                is_picked = where is None or where.is_true_of(seen)
        except WftoolsError as error:
            if candidate.is_named or not isinstance(error, NotAWorkflowError | NothingEmbeddedError):
                yield Seen(candidate.path, error=error)
            continue
        yield Seen(candidate.path, seen, is_picked=is_picked)


def _look_at(path: str, catalogue: Catalogue) -> Overview:
    document = read(path)
    seen = overview(document, catalogue)
    if document.source.container is None or path == STDIN:
        return seen
    return replace(seen, picture=picture_size(path))
