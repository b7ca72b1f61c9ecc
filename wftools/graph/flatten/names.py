"""Values that go by a name: a node sets it, and others get it without a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.graph.authored.editor_types import Does

if TYPE_CHECKING:
    from wftools.graph.authored import Authored
    from wftools.graph.authored.editor_types import EditorType
    from wftools.graph.authored.scopes import AuthoredNode
    from wftools.graph.flatten.instances import Instance


def setter(
    authored: Authored, instance: Instance, getter: AuthoredNode, editor_type: EditorType
) -> tuple[Instance, AuthoredNode] | None:
    """The node that sets what a node gets, and the use of the scope that it stands in; None if there is none.

    In the getter's own graph the first one counts. If that has none, and the type looks further, there must be exactly
    one in all the graphs around: which of several is meant is not known, and the editor then gives nothing.
    """
    name = authored.name(getter, Does.GET)
    key = (editor_type.setter, name)
    own = authored.setters(instance.scope).get(key) if name else None
    if own:
        return instance, own[0]
    around: list[tuple[Instance, AuthoredNode]] = []
    outer = instance.parent if name and editor_type.reaches_out else None
    while outer is not None:
        around += ((outer, node) for node in authored.setters(outer.scope).get(key, ()))
        outer = outer.parent
    return around[0] if len(around) == 1 else None
