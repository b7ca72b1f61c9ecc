"""The needs of files, and of the files in folders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftools.deps import needs_of
from wftools.deps.merging import merged
from wftools.document import NotAWorkflowError, NothingEmbeddedError, read
from wftools.document.files import STDIN, STDIN_NAME, candidates
from wftools.errors import WftoolsError, foreseen
from wftools.graph import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wftools.catalog.lookup import Catalogue
    from wftools.deps.needs import Needs


@dataclass(frozen=True)
class Read:
    """What files need together, and what kept others from being looked through."""

    needs: Needs
    faults: tuple[WftoolsError, ...]


def needs_in_files(
    paths: Iterable[str], catalogue: Catalogue, begin: Callable[[str, int, int], None] | None = None
) -> Read:
    """The needs of some files and folders. What is no workflow is passed over in a folder.

    `begin` is told of each file, with how many were before it and how many there are.
    """
    found: list[Needs] = []
    faults: list[WftoolsError] = []
    files = list(candidates(paths))
    for number, candidate in enumerate(files):
        name = STDIN_NAME if candidate.path == STDIN else candidate.path
        if begin is not None:
            begin(name, number, len(files))
        try:
            with foreseen(name):
                found.append(needs_of([(name, build(read(candidate.path), catalogue))]))
        except (NotAWorkflowError, NothingEmbeddedError) as error:
            if candidate.is_named:
                faults.append(error)
        except WftoolsError as error:
            faults.append(error)
    return Read(merged(found), tuple(faults))
