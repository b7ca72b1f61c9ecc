"""The files that a node will read, as far as its inputs name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.errors import Place, RunError
from wftools.runtime.telling.problem import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from wftools.folders import Folders
    from wftools.runtime.plan.call import Call

# A workflow, or one that is run before it, may write these while it runs.
_WRITTEN_BY_RUNS: Final = (" [output]", " [temp]")


def files_read(call: Call, folders: Folders) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """The files that a call's literals choose, and a problem for each that is not there."""
    found: list[Path] = []
    problems: list[Problem] = []
    for name, value in call.literals.items():
        declared = call.inputs[name]
        is_file = declared.folder is not None and isinstance(value, str)
        if not is_file or value in (declared.options.get("extra_options") or ()):  # a choice that is no file
            continue
        try:
            path = _file(folders, declared.folder or "", value)
        except RunError as error:
            place = Place(node=call.name, pointer=call.node.given[name].pointer)
            problems.append(Problem(error.message, place, error.hint, call.path))
        else:
            found += [path] if path is not None else []
    return tuple(found), tuple(problems)


def _file(folders: Folders, kind: str, value: str) -> Path | None:
    """The file of a kind ("checkpoints", "input:image"); None if it cannot be told before the run."""
    area, _, content = kind.partition(":")
    if not content:
        return folders.find(kind, value)
    if area != "input" or content == "subfolders" or value.endswith(_WRITTEN_BY_RUNS):
        return None
    return folders.file(value)
