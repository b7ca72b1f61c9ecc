"""What is wrong with a workflow before it runs, by the rules of `wftools lint`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.errors import Place
from wftools.graph import NodePath
from wftools.lint import ERROR, Linter, Selection
from wftools.runtime.telling.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.catalog.lookup import Catalogue
    from wftools.document import Document
    from wftools.graph.model import View

# Of the workflow as a whole; the plan tells these once, with all the nodes that they concern.
_OF_THE_PLAN: Final = ("N101", "G601", "G602")

# In a UI workflow, these look at the links as they were saved; the editor drops the broken ones before it queues.
_OF_SAVED_LINKS: Final = ("L204", "L205")


def lint_problems(document: Document, view: View, catalogue: Catalogue) -> Iterator[Problem]:
    """What ComfyUI's server would refuse in a flattened view, node by node."""
    left_out = _OF_THE_PLAN if document.form == "api" else (*_OF_THE_PLAN, *_OF_SAVED_LINKS)
    for found in Linter(catalogue, Selection(ignore=left_out)).lint_view(document, view):
        if found.severity == ERROR:
            path = None if found.node is None else NodePath(found.node)
            named = None if path is None else str(view.nodes[path])
            place = Place(found.file, found.line, found.column, found.pointer, named)
            yield Problem(f"{found.message} ({found.code})", place, found.hint, path)
