"""What of the needed files is there: present or missing, how large, and whether its content is the one that is stated.

Names come from strangers. They are looked up in the folders that the user gave, and lead out of none of them.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from wftools.errors import InputError, Place, RunError
from wftools.folders.names import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wftools.deps.installed import Installed, InstalledPacks
    from wftools.deps.needs import InputNeed, ModelNeed, Needs, StatedHash
    from wftools.folders import Folders

    Progress = Callable[[str, int], None]
    """Is told of so many bytes that are read, and of which file."""

PIECE: Final = 2**22  # bytes that are read at once
MAX_LISTED: Final = 100_000  # files of one kind of model
AUTOV2: Final = 10  # letters of SHA256 that the web UI of AUTOMATIC1111 shows

Agreement = Literal["agrees", "differs", "not checked"]


@dataclass(frozen=True, slots=True)
class Content:
    """What a file has in it, as far as it was looked at."""

    size: int
    sha256: str | None = None
    crc32: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What became of looking for a file."""

    path: Path | None = None  # None: it is missing
    kind: str | None = None  # of a model, the kind of folder that it lies in
    name: str | None = None  # and its name there
    content: Content | None = None  # None for what is missing, and for folders
    problem: str | None = None  # why it cannot be looked up: a name that leaves the folder, for one

    @property
    def is_there(self) -> bool:
        """Whether it is present."""
        return self.path is not None


def model_found(need: ModelNeed, folders: Folders, names: NamesInSubfolders | None = None) -> Found:
    """A model in the folders of its kinds, the preferred first; if the kind is not known, in any folder of models.

    With `names`, one that may lie in a subfolder is looked for there too.
    """
    found = _first(_models(need, folders))
    if found.is_there or names is None or not need.is_in_any_folder:
        return found
    return next((other for kind in need.kinds for other in names.find(kind, need.spellings)), found)


class NamesInSubfolders:
    """Where files of a name lie in the subfolders of models; each kind is listed once."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._listed: dict[str, dict[str, str]] = {}

    def find(self, kind: str, names: Iterable[str]) -> Iterator[Found]:
        """The files of a kind with one of these names, whatever folder they lie in."""
        if kind not in self._listed:
            self._listed[kind] = {name.rpartition("/")[2]: name for name in reversed([*self._names(kind)])}
        for name in names:
            if name in self._listed[kind]:
                yield _model(kind, self._listed[kind][name], self._folders)

    def _names(self, kind: str) -> Iterator[str]:
        """The files below the folders of a kind, in order; of very many, the first."""
        files = (
            (Path(where, name).relative_to(root).as_posix())
            for root in self._folders.roots(kind)
            for where, _, names in os.walk(root)
            for name in sorted(names)
        )
        return islice(files, MAX_LISTED)


def input_found(need: InputNeed, folders: Folders) -> Found:
    """A file of the input, the output or the temporary folder, or a folder in one of them."""
    try:
        path = folders.area(need.area) / inside(need.name)
        is_there = path.is_dir() if need.is_folder else path.is_file()
        size = 0 if need.is_folder or not is_there else path.stat().st_size
    except RunError as error:
        return Found(problem=error.message)
    except OSError as error:
        return Found(problem=f"cannot be looked up: {error.strerror}")
    return Found(path, content=None if need.is_folder else Content(size)) if is_there else Found()


def _first(tries: Iterable[Found]) -> Found:
    """The first that is there, else the first of which something is to be said."""
    missing = Found()
    for each in tries:
        if each.is_there:
            return each
        if missing.problem is None:
            missing = each
    return missing


def _models(need: ModelNeed, folders: Folders) -> Iterator[Found]:
    kinds = need.kinds or tuple(_kinds_there(folders))
    for kind in kinds:
        for name in need.spellings:
            yield _model(kind, name, folders)


def _model(kind: str, name: str, folders: Folders) -> Found:
    try:
        inside(kind)  # a file may say which kind it is
        inside(name)
    except RunError as error:
        return Found(problem=error.message)
    try:
        path = folders.find(kind, name)
        return Found(path, kind, name, Content(path.stat().st_size))
    except RunError as error:
        return Found(problem=None if error.hint else error.message)  # the hint says where to put what is not there
    except OSError as error:
        return Found(problem=f"cannot be looked up: {error.strerror}")


def _kinds_there(folders: Folders) -> Iterator[str]:
    """The kinds of models that there are folders of."""
    yield from folders.more_models
    try:
        yield from sorted(each.name for each in folders.models.iterdir() if each.is_dir())
    except OSError:
        return


# Everything


@dataclass(frozen=True, slots=True)
class Machine:
    """Where needed things are looked for."""

    folders: Folders
    looks_for_models: bool = True
    looks_for_inputs: bool = True
    packs: InstalledPacks | None = None  # None: it is not known which are installed


@dataclass(frozen=True)
class Survey:
    """What is needed, and beside each thing what became of looking for it; None where nobody looked."""

    needs: Needs
    packs: tuple[Installed | None, ...]  # None too for one that is missing
    models: tuple[Found | None, ...]
    inputs: tuple[Found | None, ...]
    knows_packs: bool  # whether packs were looked for

    @property
    def size(self) -> int:
        """The bytes of all files that are there, each counted once."""
        found = (each for each in (*self.models, *self.inputs) if each is not None)
        return sum({each.path: each.content.size for each in found if each.content is not None}.values())


def surveyed(needs: Needs, machine: Machine) -> Survey:
    """What of the needs is there."""
    folders = machine.folders
    names = NamesInSubfolders(folders)
    if machine.packs is not None:
        needs = replace(needs, packs=tuple(map(machine.packs.named, needs.packs)))
    return Survey(
        needs,
        tuple(machine.packs.of(each) if machine.packs is not None else None for each in needs.packs),
        tuple(model_found(each, folders, names) if machine.looks_for_models else None for each in needs.models),
        tuple(input_found(each, folders) if machine.looks_for_inputs else None for each in needs.inputs),
        machine.packs is not None,
    )


def hashed(survey: Survey, progress: Progress) -> Survey:
    """The same with the hashes of all files, each of which is read once. Raises InputError for one that cannot be."""
    known: dict[Path, Found] = {}

    def one(found: Found | None) -> Found | None:
        if found is None or found.path is None:
            return found
        if found.path not in known:
            known[found.path] = with_hashes(found, progress)
        return replace(found, content=known[found.path].content)

    return replace(survey, models=tuple(map(one, survey.models)), inputs=tuple(map(one, survey.inputs)))


# Contents


def with_hashes(found: Found, progress: Progress) -> Found:
    """The same with the hashes of its content. Raises InputError if it cannot be read."""
    if found.path is None or found.content is None:
        return found
    whole, crc = sha256(), 0
    size = 0
    try:
        with found.path.open("rb", buffering=0) as stream:
            while piece := stream.read(PIECE):
                whole.update(piece)
                crc = zlib.crc32(piece, crc)
                size += len(piece)
                progress(found.path.name, len(piece))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=Place(str(found.path))) from error
    return replace(found, content=Content(size, whole.hexdigest(), f"{crc:08x}"))


def agreement(stated: StatedHash, content: Content | None) -> Agreement:
    """Whether a content has the hash that a file states; one of a kind that is not computed here is not checked."""
    if content is None or content.sha256 is None or content.crc32 is None:
        return "not checked"
    value = stated.value.strip().lower()
    own = {
        "sha256": content.sha256,
        "autov2": content.sha256[:AUTOV2],
        "crc32": content.crc32,
        "": content.sha256[: len(value)] if len(value) in (AUTOV2, len(content.sha256)) else None,
    }.get(stated.kind.replace("-", ""))
    if own is None:
        return "not checked"
    return "agrees" if own == value else "differs"
