"""A folder with several files, each carried out by a plan of its own: there as a whole, or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from wftools.errors import InputError, Place, written
from wftools.weights.converting.carrying import carry_out, check_holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.weights.converting.carrying import Outcome, Progress
    from wftools.weights.converting.plan import Plan


def carry_out_folder(
    plans: Mapping[str, Plan],
    others: Mapping[str, bytes],
    out: Path,
    *,
    progress: Progress | None = None,
    jobs: int = 1,
    replaces: bool = False,
) -> tuple[Outcome, ...]:
    """Write the files that are planned, by their paths in the folder, and others as they are given.

    With `replaces`, files of a folder that is there are replaced, and those of other names stay. Raises InputError.
    """
    _check(plans, out, replaces=replaces)
    outcomes: list[Outcome] = []
    with written(out):
        folder = Path(mkdtemp(prefix=".wftools-", suffix=".part", dir=out.absolute().parent))
        try:
            folder.chmod(0o777 & ~_umask())
            for path, content in others.items():
                _made(folder / path).write_bytes(content)
            for path, plan in plans.items():
                outcomes += carry_out(plan, _made(folder / path), progress=progress, jobs=jobs)
            if out.is_dir():
                for path in (*others, *plans):
                    (folder / path).replace(_made(out / path))
            else:
                folder.rename(out)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return tuple(outcomes)


def _check(plans: Mapping[str, Plan], out: Path, *, replaces: bool) -> None:
    """Raise InputError for a folder that must not be written, before anything is."""
    place = Place(str(out))
    if out.exists() and not out.is_dir():
        raise InputError("is a file, and the model would be a folder", place=place)
    if out.is_dir() and not replaces and any(out.iterdir()):
        raise InputError("is there already", place=place, hint="name another folder, or replace its files with --force")
    for plan in plans.values():
        check_holds(plan)
        sources = {info.file or plan.file.path for info in plan.file.tensors.values()}
        if out.is_dir() and any(out.resolve() in source.resolve().parents for source in sources):
            raise InputError("is the folder that is read", place=place, hint="name another folder to write")


def _made(path: Path) -> Path:
    """A path whose folder is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
