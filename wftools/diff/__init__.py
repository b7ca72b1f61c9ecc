"""What differs between two versions of a workflow, by meaning.

    comparison = diff(read("old.json"), read("new.json"))
    comparison.changes                     # all of them, as facts
    comparison.at("semantic")              # those that mean something
    story(comparison).chapters             # the same in words, for people

Files, folders and what git has of them are compared by `diff_files`, whose report the reporters render.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.diff.changes import Added, Change, Changed, Removed, Subject, class_of, operation
from wftools.diff.compare import Comparison, Level, compare
from wftools.diff.version import Version

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.diff.matching import By
    from wftools.document import Document

__all__ = [
    "Added",
    "Change",
    "Changed",
    "Comparison",
    "Level",
    "Removed",
    "Subject",
    "Version",
    "class_of",
    "compare",
    "diff",
    "operation",
]


def diff(
    old: Document,
    new: Document,
    *,
    level: Level = "semantic",
    by: By = "content",
    catalogue: Catalogue | None = None,
) -> Comparison:
    """What changed from one workflow to another.

    At the level `exec`, and where one is a workflow of the editor and the other a prompt, the prompts are compared that
    the server would be given. Nodes are matched by what they are, or with `by="id"` by their ids alone.
    """
    from wftools.catalog.lookup import newest
    from wftools.diff.prompts import as_prompt

    catalogue = catalogue or newest()
    if level == "exec" or old.form != new.form:
        old, new = as_prompt(old, catalogue), as_prompt(new, catalogue)
    return compare(Version.of(old, catalogue), Version.of(new, catalogue), by)
