"""Compare files, the files of folders, and whatever else gives two versions of a file, such as git."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Protocol

from wftools.diff.documents import compared
from wftools.diff.report import FileDiff, Options, Report
from wftools.document import NotAWorkflowError, NothingEmbeddedError, read
from wftools.document.files import STDIN, STDIN_NAME, candidates, content, may_be_workflow
from wftools.errors import InputError, WftoolsError, foreseen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftools.diff.compare import Level
    from wftools.document import Document


class File(Protocol):
    """One version of a file; git has others than those on disk."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    def read(self) -> bytes:
        """Its content. Raises WftoolsError."""
        ...


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """A file by its path, or standard input."""

    path: str

    @property
    def name(self) -> str:
        return STDIN_NAME if self.path == STDIN else self.path

    def read(self) -> bytes:
        return content(self.path)


@dataclass(frozen=True, slots=True)
class Versions:
    """Two versions of a file: None where it was not there.

    `is_named`: by the user, so that it has to be a workflow; `former`: the path that it had, if it had another.
    """

    name: str
    old: File | None
    new: File | None
    is_named: bool = True
    former: str | None = None


def versions(old: File, new: File) -> Iterator[Versions]:
    """The pairs of files that two names stand for: two files, those of two folders, or a file and that in a folder.

    Files of folders are paired by their paths. /dev/null stands for a file that is not there, as in git.
    """
    folders = [_folder(each) for each in (old, new)]
    if folders[0] is not None and folders[1] is not None:
        found = [_in_folder(folder) for folder in folders if folder is not None]
        for name in sorted({*found[0], *found[1]}):
            yield Versions(name, found[0].get(name), found[1].get(name), is_named=False)
        return
    if old.name == new.name == STDIN_NAME:
        raise InputError("standard input cannot be both versions", hint="name a file for one of them")
    if folders[0] is not None:
        old = FileOnDisk(str(Path(folders[0], PurePath(new.name).name)))  # as `diff` has it
    elif folders[1] is not None:
        new = FileOnDisk(str(Path(folders[1], PurePath(old.name).name)))
    before, after = (None if each.name == os.devnull else each for each in (old, new))
    yield Versions((after or before or new).name, before, after)


def _folder(file: File) -> str | None:
    is_folder = isinstance(file, FileOnDisk) and os.path.isdir(file.path)  # noqa: PTH112  (Path.is_dir raises for long names)
    return file.name if is_folder else None


def _in_folder(folder: str) -> dict[str, File]:
    return {
        PurePath(os.path.relpath(each.path, folder)).as_posix(): FileOnDisk(each.path) for each in candidates([folder])
    }


def diff_files(pairs: Iterable[Versions], options: Options) -> Report:
    """Compare the versions of files. What is no workflow in any is left out, unless the user named it."""
    found = [file for pair in pairs if (file := _diff(pair, options)) is not None]
    return Report(tuple(found), options)


def _diff(pair: Versions, options: Options) -> FileDiff | None:
    try:
        with foreseen(pair.name):
            (old, old_data), (new, new_data) = (_document(each) for each in (pair.old, pair.new))
            if old is None or new is None:
                if old is new:
                    raise InputError("there is neither an old version nor a new one")
                return FileDiff(pair.name, old, new, level=options.level)
            comparison = compared(
                old,
                new,
                level=options.level,
                by=options.by,
                sees_through_reroutes=options.sees_through_reroutes,
                catalogue=options.catalogue,
            )
            level: Level = "exec" if old.form != new.form else options.level
            is_identical = old_data == new_data
            return FileDiff(pair.name, old, new, comparison, level, is_identical=is_identical, former=pair.former)
    except WftoolsError as error:
        if not pair.is_named and not any(_may_be_workflow(file) for file in (pair.old, pair.new) if file is not None):
            return None
        return FileDiff(pair.name, level=options.level, error=error)


def _may_be_workflow(file: File) -> bool:
    """Whether a version is a workflow, is what conflict markers have made of one, or cannot be looked into."""
    try:
        data = file.read()
    except WftoolsError:
        return True
    try:
        with foreseen(file.name):
            read(data, file.name)
    except (NotAWorkflowError, NothingEmbeddedError):
        return False
    except WftoolsError:
        return may_be_workflow(data)
    return True


def _document(file: File | None) -> tuple[Document | None, bytes]:
    if file is None:
        return None, b""
    data = file.read()
    with foreseen(file.name):
        return read(data, file.name), data
