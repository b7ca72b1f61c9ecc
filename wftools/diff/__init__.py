"""What differs between two versions of a workflow, by meaning.

    comparison = compared(read("old.json"), read("new.json"))
    comparison.changes                     # all of them, as facts
    comparison.at("semantic")              # those that mean something
    told(comparison).chapters              # the same in words, for people

Files, folders and what git has of them are compared by `diff_files`, whose report the modules of `reporters/` render.
Each name is imported when it is asked for: the command line lists formats without reading a workflow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wftools.diff.changes import Added, Change, Changed, Removed, Subject, class_of, operation
    from wftools.diff.compare import Comparison, Level
    from wftools.diff.documents import compared
    from wftools.diff.files import FileOnDisk, Versions, diff_files, versions
    from wftools.diff.report import FileDiff, Options, Report
    from wftools.diff.story import Story, told

__all__ = [
    "Added",
    "Change",
    "Changed",
    "Comparison",
    "FileDiff",
    "FileOnDisk",
    "Level",
    "Options",
    "Removed",
    "Report",
    "Story",
    "Subject",
    "Versions",
    "class_of",
    "compared",
    "diff_files",
    "operation",
    "told",
    "versions",
]

_HOMES: Final = {
    "changes": ("Added", "Change", "Changed", "Removed", "Subject", "class_of", "operation"),
    "compare": ("Comparison", "Level"),
    "documents": ("compared",),
    "files": ("FileOnDisk", "Versions", "diff_files", "versions"),
    "report": ("FileDiff", "Options", "Report"),
    "story": ("Story", "told"),
}


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
