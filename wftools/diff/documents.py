"""Two documents -> what changed between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.catalog.lookup import newest
from wftools.convert.to_api import to_api
from wftools.diff.compare import Comparison, Level, compare
from wftools.diff.through import through_reroutes
from wftools.diff.version import Version
from wftools.document import Document, SourceText
from wftools.graph import build

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.diff.matching import By


def compared(
    old: Document,
    new: Document,
    *,
    level: Level = "semantic",
    by: By = "content",
    sees_through_reroutes: bool = False,
    catalogue: Catalogue | None = None,
) -> Comparison:
    """What changed from one workflow to another.

    At the level `exec`, and where one is a workflow of the editor and the other a prompt, the prompts are compared that
    the server would be given. Nodes are matched by what they are, or with `by="id"` by their ids alone.
    With `sees_through_reroutes`, links start where their values come from: what only passes values on is layout.
    """
    catalogue = catalogue or newest()
    if level == "exec" or old.form != new.form:
        old, new = _as_prompt(old, catalogue), _as_prompt(new, catalogue)
    versions = Version.of(old, catalogue), Version.of(new, catalogue)
    before, after = map(through_reroutes, versions) if sees_through_reroutes else versions
    return compare(before, after, by)


def _as_prompt(document: Document, catalogue: Catalogue) -> Document:
    """The prompt of a workflow, as the editor would send it. A prompt is given back as it is."""
    if document.form == "api":
        return document
    tree = to_api(build(document, catalogue)).prompt
    return Document("api", tree, SourceText(document.source.name, ""), tree)
