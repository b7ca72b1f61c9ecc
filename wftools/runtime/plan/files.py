"""The files that a node will read and write, as far as its inputs name them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from wftools.errors import Place, RunError, shown
from wftools.runtime.telling.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wftools.folders import Folders
    from wftools.runtime.plan.call import Call

PREFIX: Final = "filename_prefix"  # what every output node that writes files calls the start of their names

# A workflow, or one that is run before it, may write these while it runs.
_WRITTEN_BY_RUNS: Final = (" [output]", " [temp]")


def files_read(call: Call, folders: Folders) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """The files that a call's literals choose, and a problem for each that is not there."""
    found: list[Path] = []
    problems: list[Problem] = []
    for name, value in call.literals.items():
        declared = call.inputs[name]
        if not declared.folders or value in (declared.options.get("extra_options") or ()):  # a choice that is no file
            continue
        try:
            path = _first(folders, declared.folders, value)
        except RunError as error:
            problems.append(_problem(call, name, error))
        else:
            found += [path] if path is not None else []
    return tuple(found), tuple(problems)


def _first(folders: Folders, kinds: Sequence[str], value: object) -> Path | None:
    """The file of the first of some kinds that has it. Raises RunError, which tells of the first, if none has."""
    try:
        return _file(folders, kinds[0], value)
    except RunError:
        for kind in kinds[1:]:
            with suppress(RunError):
                return _file(folders, kind, value)
        raise


def prefix_of(call: Call) -> str | None:
    """How the names of the files begin that a call writes; None if it writes none, or if a link says it."""
    prefix = call.literals.get(PREFIX) if call.signature.output_node else None
    return prefix if isinstance(prefix, str) else None


def unwritable(call: Call, folders: Folders) -> tuple[Problem, ...]:
    """A problem if the files of a call cannot be written where its prefix says."""
    prefix = prefix_of(call)
    if prefix is not None:
        try:
            folders.check_prefix(prefix)
        except RunError as error:
            return (_problem(call, PREFIX, error),)
    return ()


def _file(folders: Folders, kind: str, value: object) -> Path | None:
    """The file of a kind ("checkpoints", "input:image"); None if it cannot be told before the run."""
    if not isinstance(value, str):
        raise RunError(f"takes the name of a file, not {shown(value)}")
    area, _, content = kind.partition(":")
    if not content:
        return folders.find(kind, value)
    if area != "input":  # what a run writes may be there once it is needed
        return None
    if content == "subfolders":
        folders.folder(value)
        return None
    if value.endswith(_WRITTEN_BY_RUNS):
        folders.named(value)
        return None
    return folders.file(value)


def _problem(call: Call, name: str, error: RunError) -> Problem:
    place = Place(node=call.name, pointer=call.node.given[name].pointer)
    return Problem(error.message, place, error.hint, call.path)
