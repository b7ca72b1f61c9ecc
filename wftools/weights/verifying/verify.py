"""Whether model files are sound: what opening them checks, and then what is in them. Nothing of them is run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wftools.errors import LimitError, WftoolsError, foreseen, listed, shown
from wftools.weights.faults import MAX_NAMED, Doubt, ModelFileError
from wftools.weights.model_folder import MODEL_INDEX
from wftools.weights.pickles import archive
from wftools.weights.tensorfile import FORMATS, TensorFile, open_tensors
from wftools.weights.verifying.nonfinite import Progress, nonfinite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OF_SEVERAL: Final = frozenset({"index", "folder"})  # what only says which files a model is in


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to look at."""

    path: str
    is_named: bool = True  # by the user; else it was found in a folder, as are the other files of its model


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one file."""

    file: str
    is_accepted: bool
    codes: tuple[str, ...] = ()  # of the fault, or of all doubts, each once
    message: str | None = None
    offset: int | None = None  # the byte of the fault, or of the first doubt that has one
    hint: str | None = None

    @property
    def is_sound(self) -> bool:
        """Whether there is neither a fault nor a doubt."""
        return self.is_accepted and not self.codes


def candidates(paths: Iterable[str]) -> Iterator[Candidate]:
    """The named files, and the model files below named folders in the order of their names, without hidden ones."""
    suffixes = tuple(suffix for module in FORMATS.modules() for suffix in module.SUFFIXES)
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112  (Path.is_dir raises where a name is too long)
            yield Candidate(path)
            continue
        for where, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith(".") and (name.lower().endswith(suffixes) or name == MODEL_INDEX):
                    yield Candidate(str(Path(where, name)), is_named=False)


def verify(
    candidate: Candidate,
    *,
    with_values: bool = True,
    looked_at: Progress = lambda _: None,
) -> Verdict:
    """Open a file with all checks, then look through its values. Never raises for what the file is like."""
    try:
        with foreseen(candidate.path):
            file = open_tensors(Path(candidate.path))
            doubts = list(file.doubts)
            # In a folder, the files that an index names are looked through on their own.
            if with_values and (candidate.is_named or file.format not in OF_SEVERAL):
                doubts += _of_values(file, looked_at)
    except WftoolsError as error:
        return _refused(candidate.path, error)
    return Verdict(
        candidate.path,
        is_accepted=True,
        codes=tuple(dict.fromkeys(doubt.code for doubt in doubts)),
        message="; ".join(doubt.message for doubt in doubts) or None,
        offset=next((doubt.offset for doubt in doubts if doubt.offset is not None), None),
    )


def _refused(file: str, error: WftoolsError) -> Verdict:
    if isinstance(error, ModelFileError):
        return Verdict(file, False, (error.code,), error.message, error.offset, error.hint)
    code = "TOO_LARGE" if isinstance(error, LimitError) else "UNREADABLE"
    return Verdict(file, False, (code,), error.message, None, error.hint)


def _of_values(file: TensorFile, looked_at: Progress) -> Iterator[Doubt]:
    """What is doubtful about the numbers. Raises ModelFileError where they are not those that were written."""
    for path in sorted({info.file or file.path for info in file.tensors.values()}):
        archive.check_sums(path)
    found = list(nonfinite(file, looked_at))
    if found:
        names = listed([shown(name) for name, _ in found], MAX_NAMED)
        offset = next((offset for _, offset in found if offset is not None), None)
        yield Doubt("NONFINITE", f"tensors have values that are not finite: {names}", offset)
