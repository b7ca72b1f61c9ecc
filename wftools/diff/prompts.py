"""Workflows as the prompts that the server would be given, to be compared as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.convert.to_api import to_api
from wftools.document import Document, SourceText
from wftools.graph import build

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue


def as_prompt(document: Document, catalogue: Catalogue) -> Document:
    """The prompt of a workflow, as the editor would send it. A prompt is given back as it is."""
    if document.form == "api":
        return document
    tree = to_api(build(document, catalogue)).prompt
    return Document("api", tree, SourceText(document.source.name, ""), tree)
