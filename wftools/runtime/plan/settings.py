"""--set NODE.INPUT=VALUE: other values for single inputs of a workflow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftools.catalog.literals import WRAPPED
from wftools.graph.model import Literal, View, as_given
from wftools.graph.naming import find_input

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.graph.naming import Setting


def apply(settings: Iterable[Setting], view: View) -> View:
    """The view with other values, one setting after another. Raises InputError for an unknown node or input."""
    for each in settings:
        node, name = find_input(each, view.nodes)
        old = node.given.get(name)
        given = as_given(each.value, old.pointer if old is not None else node.pointer)
        if isinstance(given, Literal) and isinstance(each.value, list):
            given = replace(given, value={WRAPPED: each.value})  # a list that is no link
        view = replace(view, nodes={**view.nodes, node.path: replace(node, given={**node.given, name: given})})
    return view
