"""Merged files: which conflicts are open in them, and the files after conflicts were resolved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from wftools.catalog.lookup import newest
from wftools.diff.version import Version
from wftools.document import NotAWorkflowError, dumpb, read
from wftools.document.files import candidates
from wftools.document.jsontext import is_json
from wftools.errors import InputError, Place, WftoolsError, foreseen
from wftools.merge.decisions import WISHES, Take
from wftools.merge.json_report import Resolution
from wftools.merge.record import conflicts_of
from wftools.merge.resolve import resolved, with_ids
from wftools.merge.telling import ConflictTeller
from wftools.reading import opened, read_whole
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from wftools.catalog.lookup import Catalogue
    from wftools.document import Document
    from wftools.merge.decisions import Conflict
    from wftools.values import Json

_MAX_RESOLUTION: Final = 2**24  # bytes of a file of choices


@dataclass(frozen=True)
class ConflictedFile:
    """A file with its open conflicts; or why it cannot be read."""

    name: str
    document: Document | None = None
    conflicts: tuple[Conflict, ...] = ()
    error: WftoolsError | None = None
    catalogue: Catalogue | None = None

    @cached_property
    def teller(self) -> ConflictTeller:
        """Tells its conflicts."""
        assert self.document is not None
        return ConflictTeller(Version.of(self.document, self.catalogue or newest()))


def conflicts_in_files(paths: Iterable[str], catalogue: Catalogue | None = None) -> list[ConflictedFile]:
    """The open conflicts of files, and of the workflows in folders. A file that cannot be read is among them."""
    found = []
    for candidate in candidates(paths, only_json=True):
        try:
            found.append(read_conflicts(candidate.path, catalogue))
        except NotAWorkflowError as error:
            if candidate.is_named:
                found.append(ConflictedFile(candidate.path, error=error))
        except WftoolsError as error:
            found.append(ConflictedFile(candidate.path, error=error))
    return found


def read_conflicts(path: str, catalogue: Catalogue | None = None) -> ConflictedFile:
    """A file with its open conflicts. Raises InputError."""
    with foreseen(path):
        document = read(path)
        return ConflictedFile(path, document, conflicts_of(document), catalogue=catalogue)


def conflicts_of_ids(file: ConflictedFile, ids: Sequence[str]) -> Sequence[Conflict]:
    """The open conflicts of a file that have these ids. Raises InputError for an id that none has."""
    assert file.document is not None
    with foreseen(file.name):
        return with_ids(file.document, file.conflicts, ids)


def takes_of(file: ConflictedFile, ids: Sequence[str], take: str) -> dict[str, Take]:
    """One choice for some conflicts: base, ours, theirs, both, or a value (JSON, or a text). Without ids, for all."""
    if take in WISHES:
        made = Take(next(wish for wish in WISHES if wish == take))
    else:
        made = Take(value=value_of(take))
    return dict.fromkeys(ids or (conflict.id for conflict in file.conflicts), made)


def value_of(text: str) -> Json:
    """What a person has written: JSON, or the text itself where it is none, as NaN is."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if is_json(value) else text


def takes_from(path: Path) -> dict[str, Take]:
    """The choices in a file. Raises InputError for a file that has none."""
    with opened(path) as stream:
        data = read_whole(stream, _MAX_RESOLUTION, str(path))
    try:
        found = Resolution.model_validate_json(data).root
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(
            f"not a file of choices: {where + ': ' if where else ''}{first['msg']}",
            place=Place(str(path)),
            hint='expected {"c1": {"take": "theirs"}, "c2": {"value": 30}}',
        ) from error
    made = {}
    for id_, each in found.items():
        if (each.take is None) == ("value" not in each.model_fields_set):
            raise InputError(f"{id_} has to have one of 'take' and 'value'", place=Place(str(path)))
        if not is_json(each.value):
            raise InputError(f"{id_} has a value that JSON has not: NaN or Infinity", place=Place(str(path)))
        made[id_] = Take(each.take, each.value)
    return made


def write_resolved(file: ConflictedFile, takes: Mapping[str, Take], output: Path) -> int:
    """Resolve conflicts of a file, and write the whole of it once all could be made; how many are left open.

    Raises InputError for what cannot be resolved, OSError if the file cannot be written.
    """
    assert file.document is not None
    if file.document.source.container is not None:
        raise InputError(
            f"a {file.document.source.container} file is no place to resolve conflicts",
            place=Place(file.name),
            hint="resolve them in the JSON file, and embed that",
        )
    with foreseen(file.name):
        made = resolved(file.document, takes, file.catalogue)
        data = dumpb(made.document)
        read(data, file.name)  # what cannot be read back is not written
    write_atomically(output, data)
    return len(made.conflicts)
