"""Prompts made into workflows, and what our own reader makes of those."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from wftools.catalog.lookup import Catalogue, catalogue
from wftools.catalog.target import target
from wftools.convert.to_api import to_api
from wftools.convert.to_ui import Rebuilt, to_ui
from wftools.document import read_json
from wftools.graph import build

if TYPE_CHECKING:
    from wftools.document import Document


@cache
def editor() -> Catalogue:
    """The definitions with which the editor was observed."""
    return catalogue(target=target("0.33.0"))


def document(tree: Any) -> Document:
    return read_json(json.dumps(tree), "a.json")


def rebuilt(prompt: dict[str, Any]) -> Rebuilt:
    return to_ui(build(document(prompt), editor()))


def back(workflow: dict[str, Any]) -> dict[str, Any]:
    """The prompt that our reader makes of a workflow."""
    return to_api(build(document(workflow), editor())).prompt
