"""Nodes of types that are gone, as the server replaces them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftools.graph.model import Literal, View

if TYPE_CHECKING:
    from wftools.catalog.lookup import Catalogue
    from wftools.catalog.replacements import Replacement
    from wftools.graph.model import Node


def replacement_of(node_type: str, catalogue: Catalogue) -> Replacement | None:
    """What a server puts in the place of a type; None if it has the type, or not the other."""
    replacement = catalogue.replacement(node_type)
    if replacement is None or catalogue.is_offered(node_type) or not catalogue.is_offered(replacement.type):
        return None
    return replacement


def replaced(node: Node, replacement: Replacement, catalogue: Catalogue) -> Node:
    """The node that the server runs instead: it has the inputs that are mapped, and no others."""
    given = {name: node.given[old] for name, old in replacement.inputs.items() if old in node.given}
    values = {name: Literal(value, node.pointer) for name, value in replacement.values.items()}
    signature = catalogue.signature(replacement.type)
    return replace(node, type=replacement.type, given={**values, **given}, signature=signature)


def with_replacements(view: View, catalogue: Catalogue) -> View:
    """The view as the server runs it."""
    found = {path: replacement_of(node.type, catalogue) for path, node in view.nodes.items()}
    if not any(found.values()):
        return view
    return View(
        {
            path: replaced(node, each, catalogue) if (each := found[path]) is not None else node
            for path, node in view.nodes.items()
        }
    )
