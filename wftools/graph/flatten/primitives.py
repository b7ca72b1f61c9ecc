"""Primitive nodes: each gives its value to the widgets that it is linked to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftools.catalog.literals import limits
from wftools.graph.authored.editor_types import PRIMITIVE
from wftools.graph.model import Literal
from wftools.graph.widget_values import is_widget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredNode, Scope


def primitive_values(authored: Authored, scope: Scope) -> Iterator[tuple[tuple[str, str], Literal]]:
    """What the primitive nodes of a scope give: the id of a node and the name of its widget, and the value."""
    for primitive in scope.nodes:
        values = primitive.ui.widgets_values
        if primitive.type != PRIMITIVE or not isinstance(values, list) or not values:
            continue
        targets = [
            (node, slot.name)
            for link in scope.out_of.get(primitive.id, ())
            if (node := scope.by_id.get(link.target)) is not None
            for slot in authored.fed_by(scope, node, link)
            if slot.link is link
        ]
        for node, name in targets:
            value = Literal(values[0], f"{primitive.pointer}/widgets_values/0")
            yield (node.id, name), _clamped(authored, *targets[0], value)


def _clamped(authored: Authored, node: AuthoredNode, name: str, given: Literal) -> Literal:
    """A primitive's number within the range of the widget that it was made for."""
    widget = authored.binding(node).widgets.get(name)
    if widget is None or widget.declared is None or not is_widget(widget.declared):
        return given
    if isinstance(given.value, bool) or not isinstance(given.value, int | float):
        return given
    low, high = limits(widget.declared)
    return replace(given, value=min(max(given.value, low), high))
