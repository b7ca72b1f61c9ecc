"""Ids of prompts -> subgraphs: `57:3` is node 3 inside node 57, an instance of a subgraph.

The editor makes such ids when it spells out subgraphs. This finds the subgraphs again: which instances are of one
definition, what their inputs and outputs are, and what is linked to what inside. The ids must come out as they were, so
a definition is only made where the editor would keep its ids: it renumbers a node whose id stands anywhere else in the
workflow. What cannot be folded stays a node of the root, under its whole id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.convert.to_ui.rebuilt import (
    INPUTS,
    NOTHING,
    Content,
    Endpoint,
    Id,
    Input,
    Scope,
    Source,
    subgraphs,
    unused,
)
from wftools.graph.model import Linked, NodePath, as_number

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from wftools.graph.model import Node, View


def fold(view: View) -> Scope:
    """The root of the scopes that a prompt was made from, connected.

    Raises nothing: what cannot be folded without a change of ids stays in the root.
    """
    unfolded: set[Id] = set()
    while True:
        root = members(view, unfolded)
        try:
            connect(view, root)
        except Disagreement as disagreement:
            unfolded |= disagreement.hosts
        else:
            return root


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


MAX_OUTPUTS: Final = 1000  # of a node; a link from further down comes from nowhere


class Disagreement(Exception):  # noqa: N818  (an answer, not an error)
    """Instances of one definition are wired differently inside; `hosts` are those in the root that stand out."""

    def __init__(self, uses: list[str]) -> None:
        super().__init__(uses)
        self.hosts: set[Id] = {int(use.partition(":")[0]) for use in uses}


def connect(view: View, root: Scope) -> None:
    """Find what feeds each input, from the innermost scopes outwards. Raises Disagreement."""
    for scope in (*subgraphs(root), root):
        for id_ in scope.members:
            for name, contents in _given(view, scope, id_).items():
                _feed(scope, id_, name, contents)


def _given(view: View, scope: Scope, id_: Id) -> dict[str, tuple[Content, ...]]:
    """What the inputs of a member are given, for each use of the scope."""
    if id_ in scope.leaves:
        nodes = scope.leaves[id_]
        names = dict.fromkeys(name for node in nodes for name in node.given)
        return {name: tuple(_content(view, node, name) for node in nodes) for name in names}
    inside = scope.hosts[id_]
    places = [inside.uses.index(f"{use}{id_}:") for use in scope.uses]
    return {each.name: tuple(each.contents[place] for place in places) for each in inside.inputs}


def _content(view: View, node: Node, name: str) -> Content:
    given = node.given.get(name)
    if given is None:
        return NOTHING
    if not isinstance(given, Linked):
        return given.value
    exists = given.source in view.nodes and 0 <= given.slot < MAX_OUTPUTS
    return Source(given.source, given.slot) if exists else NOTHING


def _feed(scope: Scope, id_: Id, name: str, contents: tuple[Content, ...]) -> None:
    """Connect one input of a member: to another member, to its value, or to an input of the scope."""
    inner = [_inside(use, content) for use, content in zip(scope.uses, contents, strict=True)]
    first = inner[0]
    others = [
        use for use, each in zip(scope.uses, inner, strict=True) if type(each) is not type(first) or each != first
    ]
    if not others and isinstance(first, _Inner):
        scope.wires[id_][name] = _endpoint(scope, first.path, first.slot)
    elif any(isinstance(each, _Inner) for each in inner):
        raise Disagreement(others)
    elif others or isinstance(first, Source):
        scope.wires[id_][name] = Endpoint(INPUTS, _input(scope, id_, name, contents))
        literals = [each for each in contents if each is not NOTHING and not isinstance(each, Source)]
        if literals:
            scope.values[id_][name] = literals[0]  # what the widget shows inside
    elif first is not NOTHING:
        scope.values[id_][name] = first


def _endpoint(scope: Scope, path: NodePath, slot: int) -> Endpoint:
    """The output of a member from which a node inside a scope can be reached."""
    id_ = local_id(path)
    if id_ in scope.leaves:
        return Endpoint(id_, slot)
    host, _, rest = path.partition(":")
    inside = scope.hosts[int(host)]
    return Endpoint(int(host), inside.output(_endpoint(inside, NodePath(rest), slot)))


@dataclass(frozen=True, slots=True)
class _Inner:
    """A source in the scope itself: its id from there on."""

    path: NodePath
    slot: int


def _inside(use: str, content: Content) -> Content:
    if isinstance(content, Source) and content.path.startswith(use):
        return _Inner(NodePath(content.path[len(use) :]), content.slot)
    return content


def _input(scope: Scope, id_: Id, name: str, contents: tuple[Content, ...]) -> int:
    """The number of the scope's input for these contents; a link that leads to several members comes in once."""
    is_linked = all(isinstance(content, Source) for content in contents)
    for index, known in enumerate(scope.inputs):
        if is_linked and known.contents == contents:
            return index
    own = unused(name.rpartition(".")[2], {each.name for each in scope.inputs})
    scope.inputs.append(Input(own, (id_, name), contents))
    return len(scope.inputs) - 1
