"""Patches in files, made in files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Final

from wftools.diff.files import FileOnDisk
from wftools.diff.patch import apply_patch, composed_patch, dumps, inverted_patch, loads
from wftools.document import read
from wftools.document.saving import saved
from wftools.errors import InputError, WftoolsError, foreseen, shown, written
from wftools.writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wftools.catalog.lookup import Catalogue
    from wftools.diff.patch import FilePatch, Patched

REJECTS: Final = ".rej.json"  # behind the name of a file: the changes that were not made in it


@dataclass(frozen=True)
class PatchedFile:
    """A file, and what patches made of it."""

    name: str
    data: bytes = b""  # what the file holds afterwards
    patched: tuple[Patched, ...] = ()  # by each patch
    is_changed: bool = False
    error: WftoolsError | None = None

    @property
    def summary(self) -> str:
        """How many changes were made, and how many not."""
        made = sum(each.made for each in self.patched)
        held = sum(note.is_held for each in self.patched for note in each.notes)
        rejected = sum(len(each.rejected) for each in self.patched)
        counts = [
            f"{made} applied",
            f"{held} there already" if held else "",
            f"{rejected} rejected" if rejected else "",
        ]
        return ", ".join(filter(None, counts))

    @property
    def rejects(self) -> bytes | None:
        """The changes that were not made, as a patch."""
        left = [each.rejects for each in self.patched if each.rejects is not None]
        return dumps(left) if left else None


def read_patches(names: Iterable[str], *, is_reverse: bool = False) -> list[FilePatch]:
    """The patches in some files, in the order in which they are to be made. Raises InputError."""
    found: list[FilePatch] = []
    for name in names:
        file = FileOnDisk(name)
        with foreseen(file.name):
            found += loads(file.read(), file.name).files
    return [*map(inverted_patch, reversed(found))] if is_reverse else found


def compose_patches(patches: Sequence[FilePatch], path: str, catalogue: Catalogue | None = None) -> FilePatch:
    """One patch that makes of a file what several make of it. Raises InputError."""
    file = FileOnDisk(path)
    with foreseen(file.name):
        return composed_patch(patches, read(file.read(), file.name), catalogue=catalogue)


def apply_patches(
    patches: Sequence[FilePatch], file: str | None = None, catalogue: Catalogue | None = None
) -> Iterator[PatchedFile]:
    """Make patches in one file, or without one, in the files that they name below the current folder.

    Nothing is written: see `write`.
    """
    if file is not None:
        yield _patched(file, patches, catalogue)
        return
    for name in dict.fromkeys(patch.file for patch in patches):
        yield _patched(name, [patch for patch in patches if patch.file == name], catalogue, is_strangers=True)


def _patched(
    path: str, patches: Iterable[FilePatch], catalogue: Catalogue | None, *, is_strangers: bool = False
) -> PatchedFile:
    file = FileOnDisk(path)
    try:
        if is_strangers:
            _check(path)
        with foreseen(file.name):
            before = file.read()
            document = old = read(before, file.name)
            found = []
            for patch in patches:
                found.append(apply_patch(patch, document, catalogue=catalogue))
                document = found[-1].document
            data = saved(document, old, before)
            return PatchedFile(file.name, data, tuple(found), is_changed=data != before)
    except WftoolsError as error:
        return PatchedFile(file.name, error=error)


def _check(path: str) -> None:
    """A patch from strangers may name files below the current folder only."""
    if not path:
        raise InputError("the patch does not say which file it is of", hint="name one: wftools apply PATCH FILE")
    is_below = ".." not in PureWindowsPath(path).parts and not PureWindowsPath(path).anchor
    if not is_below or not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(".")):
        message = f"the patch is of {shown(path)}, which is not below this folder"
        raise InputError(message, hint="name the file to apply it to: wftools apply PATCH FILE")


def write(found: PatchedFile, path: str) -> str | None:
    """Write a patched file, and beside it the changes that were not made; returns where those are.

    Raises InputError.
    """
    rejects = f"{path}{REJECTS}" if found.rejects is not None else None
    with written(path):
        if found.is_changed or path != found.name:
            write_atomically(Path(path), found.data)
        if rejects is not None and found.rejects is not None:
            write_atomically(Path(rejects), found.rejects)
    return rejects
