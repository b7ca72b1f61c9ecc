"""What feeds an input of a UI workflow, as it was saved: also what the flattened view has left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.graph.authored.scopes import BYPASSED, INPUTS, MUTED, REROUTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredLink, AuthoredNode, Scope
    from wftools.graph.model import NodePath


def is_off(node: AuthoredNode) -> bool:
    """Whether a node is muted or bypassed."""
    return node.mode in (MUTED, BYPASSED)


def feeding(authored: Authored, path: NodePath, name: str) -> list[AuthoredNode]:
    """The nodes that feed an input of a node of the flattened view, the nearest first: see `behind`."""
    instances: list[tuple[Scope, AuthoredNode]] = []
    scope: Scope | None = authored.root
    for part in path.split(":"):
        node = scope.by_execution_id.get(part) if scope is not None else None
        if scope is None or node is None:
            return []
        instances.append((scope, node))
        scope = authored.definition(node)
    scope, node = instances.pop()
    link = _link_into(scope, node, name)
    return list(behind(scope, link, instances)) if link is not None else []


def behind(
    scope: Scope, link: AuthoredLink, instances: Sequence[tuple[Scope, AuthoredNode]] = ()
) -> Iterator[AuthoredNode]:
    """The nodes from which a link comes: reroutes, and at last the node that they lead to.

    Through the border of a subgraph as well, if its instances are given, the innermost last.
    """
    around = list(instances)
    seen: set[AuthoredLink] = set()
    following: AuthoredLink | None = link
    while following is not None and following not in seen:
        seen.add(following)
        if following.source == INPUTS and around:
            slots = (scope.definition and scope.definition.inputs) or ()
            slot = following.row.origin_slot
            scope, node = around.pop()
            following = _link_into(scope, node, slots[slot].name) if 0 <= slot < len(slots) else None
            continue
        source = scope.by_id.get(following.source)
        if source is None:
            return
        yield source
        if source.type != REROUTE or is_off(source):
            return
        following = scope.incoming(source).get(0)


def _link_into(scope: Scope, node: AuthoredNode, name: str) -> AuthoredLink | None:
    index = next((index for index, slot in enumerate(node.inputs) if slot.name == name), None)
    return scope.incoming(node).get(index) if index is not None else None
