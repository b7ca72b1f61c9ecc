"""Ids of prompts -> subgraphs: `57:3` is node 3 inside node 57, an instance of a subgraph.

The editor makes such ids when it spells out subgraphs. This finds the subgraphs again: which instances are of one
definition, what their inputs and outputs are, and what is linked to what inside. The ids must come out as they were, so
a definition is only made where the editor would keep its ids: it renumbers a node whose id stands anywhere else in the
workflow. What cannot be folded stays a node of the root, under its whole id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.convert.scope import Id, Scope
from wftools.graph.model import as_number

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from wftools.graph.model import Node, View

Place = tuple[Id, ...]  # where a scope is used, below an instance in the root
Levels = dict[Place, dict[Id, "Node | None"]]  # place -> member -> its node in the prompt; None for an instance

MAX_DEPTH: Final = 32  # of subgraphs in subgraphs; a longer id stays as it is


def members(view: View, unfolded: Container[Id]) -> Scope:
    """The root and the subgraphs with their members, not yet connected."""
    trees: dict[Id, dict[Place, Node]] = {}
    root = Scope([""])
    left: list[Node] = []
    for path, node in view.nodes.items():
        ids = tuple(local_id(part) for part in path.split(":"))
        is_inner = 1 < len(ids) <= MAX_DEPTH and all(isinstance(id_, int) for id_ in ids)
        if is_inner and ids[0] not in unfolded:
            trees.setdefault(ids[0], {})[ids[1:]] = node
        else:
            left.append(node)
    for node in left:
        root.leaves[local_id(node.path)] = [node]
    definitions = _Definitions((*root.leaves, *trees))
    for host, tree in trees.items():
        scope = definitions.fold(host, tree) if host not in root.leaves else None
        if scope is not None:
            root.hosts[host] = scope
        else:
            root.leaves.update((node.path, [node]) for node in tree.values())
    return root


class _Definitions:
    """The definitions so far. Every id stands in one of them only; equal sets of ids are one definition."""

    def __init__(self, roots: Iterable[Id]) -> None:
        self._taken: set[Id] = set(roots)
        self._scopes: dict[frozenset[Id], Scope] = {}

    def fold(self, host: Id, tree: Mapping[Place, Node]) -> Scope | None:
        """The definition of an instance in the root, given the nodes below it; None if it cannot keep their ids."""
        levels = _levels(tree)
        keys = {place: frozenset(members) for place, members in levels.items()}
        if any((*place, id_) in keys for place, members in levels.items() for id_, node in members.items() if node):
            return None  # a node and an instance at once
        if not all(self._fits(place, keys, levels) for place in levels) or not _agree(keys, levels):
            return None
        for place, members in levels.items():
            self._add(f"{':'.join(map(str, (host, *place)))}:", keys[place], members)
        for place in levels:
            if place:
                self._scopes[keys[place[:-1]]].hosts[place[-1]] = self._scopes[keys[place]]
        return self._scopes[keys[()]]

    def _fits(self, place: Place, keys: Mapping[Place, frozenset[Id]], levels: Levels) -> bool:
        """Whether the scope at a place has ids of its own, or is one of those that are known."""
        key = keys[place]
        if any(keys[place[:depth]] & key for depth in range(len(place))):
            return False  # it would stand in itself
        known = self._scopes.get(key)
        if known is None:
            return self._taken.isdisjoint(key)
        return all(
            known.hosts.get(id_) is self._scopes.get(keys[*place, id_], known)
            if node is None
            else id_ in known.leaves and _is_same(known.leaves[id_][0], node)
            for id_, node in levels[place].items()
        )

    def _add(self, use: str, key: frozenset[Id], members: Mapping[Id, Node | None]) -> None:
        self._taken |= key
        scope = self._scopes.setdefault(key, Scope([]))
        scope.uses.append(use)
        for id_, node in members.items():
            if node is not None:
                scope.leaves.setdefault(id_, []).append(node)


def _levels(tree: Mapping[Place, Node]) -> Levels:
    levels: Levels = {}
    for ids, node in tree.items():
        for depth, id_ in enumerate(ids[:-1]):
            levels.setdefault(ids[:depth], {}).setdefault(id_, None)
        levels.setdefault(ids[:-1], {})[ids[-1]] = node
    return levels


def _agree(keys: Mapping[Place, frozenset[Id]], levels: Levels) -> bool:
    """Whether the definitions below one instance can stand beside each other: an id is in one of them only."""
    first: dict[Id, Place] = {}
    for place, key in keys.items():
        for id_, node in levels[place].items():
            other = first.setdefault(id_, place)
            twin = levels[other][id_]
            if keys[other] != key or (node is None) != (twin is None):
                return False
            if node is None and keys[*other, id_] != keys[*place, id_]:
                return False
            if node is not None and twin is not None and not _is_same(node, twin):
                return False
    return True


def _is_same(one: Node, other: Node) -> bool:
    """Whether two nodes of a prompt can come from one node of a definition."""
    return (one.type, one.title) == (other.type, other.title)


def local_id(text: str) -> Id:
    """An id as the editor saves it: a number if it is written as one."""
    number = as_number(text)
    return number if number is not None and number >= 0 else text  # some negative ids mean something to the editor
