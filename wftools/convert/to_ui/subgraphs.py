"""Ids of prompts -> subgraphs: `57:3` is node 3 inside node 57, an instance of a subgraph.

The editor makes such ids when it spells out subgraphs. This finds the subgraphs again: which instances are of one
definition, what their inputs and outputs are, and what is linked to what inside. The ids must come out as they were, so
a definition is only made where the editor would keep its ids: it renumbers a node whose id stands anywhere else in the
workflow. What cannot be folded stays a node of the root, under its whole id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from wftools.convert.to_ui.rebuilt import NOTHING, Endpoint, Origin, Subgraph, below
from wftools.document.ids import as_number
from wftools.errors import LimitError
from wftools.graph.model import Linked, NodePath

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from wftools.convert.to_ui.rebuilt import Content, Id
    from wftools.graph.model import Node, View

IdPath = tuple[int, ...]  # the ids of instances in instances, from the one in the root on or from the one below it
Levels = dict[IdPath, dict[int, "Node | None"]]  # the members inside each instance; None for an instance

MAX_DEPTH: Final = 32  # of subgraphs in subgraphs; a longer id stays as it is
MAX_OUTPUTS: Final = 1000  # of a node; a link from further down comes from nowhere
MAX_ALL_OUTPUTS: Final = 250_000  # of all nodes; the editor would show each


def fold(view: View) -> Subgraph:
    """The root of a prompt with the subgraphs that it was made from, everything connected.

    Raises LimitError for links from more outputs than a workflow can have.
    """
    apart: set[Id] = set()
    while True:
        root = _members(view, apart)
        disagreeing = _Wiring(view, root).connect()
        if not disagreeing:
            break
        apart |= disagreeing
    made_up = sum(sum(subgraph.used.values()) for subgraph in (*below(root), root))
    if made_up > MAX_ALL_OUTPUTS:
        raise LimitError(f"its links need {made_up:,} outputs; at most {MAX_ALL_OUTPUTS:,} are written")
    return root


def local_id(text: str) -> Id:
    """An id as the editor saves it: a number if it is written as one."""
    number = as_number(text)
    return number if number is not None and number >= 0 else text  # some negative ids mean something to the editor


# Members


def _members(view: View, apart: Container[Id]) -> Subgraph:
    """The root and the subgraphs with their members, not yet connected; the instances `apart` are not folded."""
    root = Subgraph({"": 0})
    trees: dict[int, dict[IdPath, Node]] = {}
    for path, node in view.nodes.items():
        ids = tuple(number for part in path.split(":") if isinstance(number := local_id(part), int))
        if 1 < len(ids) <= MAX_DEPTH and len(ids) == path.count(":") + 1 and ids[0] not in apart:
            trees.setdefault(ids[0], {})[ids[1:]] = node
        else:
            root.leaves[local_id(path)] = [node]
    definitions = _Definitions((*root.leaves, *trees))
    for host, tree in trees.items():
        definition = definitions.fold(host, tree) if host not in root.leaves else None
        if definition is not None:
            root.hosts[host] = definition
        else:
            root.leaves.update((node.path, [node]) for node in tree.values())
    return root


class _Definitions:
    """The definitions so far. Every id stands in one of them only; equal sets of ids are one definition."""

    def __init__(self, roots: Iterable[Id]) -> None:
        self._taken: set[Id] = set(roots)
        self._known: dict[frozenset[int], Subgraph] = {}

    def fold(self, host: int, tree: Mapping[IdPath, Node]) -> Subgraph | None:
        """The definition of an instance in the root, given the nodes below it; None if it cannot keep their ids."""
        levels: Levels = {}
        for ids, node in tree.items():
            for depth, id_ in enumerate(ids[:-1]):
                levels.setdefault(ids[:depth], {}).setdefault(id_, None)
            levels.setdefault(ids[:-1], {})[ids[-1]] = node
        if any((*place, id_) in levels for place, members in levels.items() for id_, node in members.items() if node):
            return None  # a node and an instance at once
        keys = {place: frozenset(members) for place, members in levels.items()}
        if not all(self._fits(place, keys, levels) for place in levels) or not _agree(keys, levels):
            return None
        for place, members in levels.items():
            self._taken |= keys[place]
            definition = self._known.setdefault(keys[place], Subgraph({}))
            definition.uses[f"{':'.join(map(str, (host, *place)))}:"] = len(definition.uses)
            for id_, member in members.items():
                if member is not None:
                    definition.leaves.setdefault(id_, []).append(member)
        for place in levels:
            if place:
                self._known[keys[place[:-1]]].hosts[place[-1]] = self._known[keys[place]]
        return self._known[keys[()]]

    def _fits(self, place: IdPath, keys: Mapping[IdPath, frozenset[int]], levels: Levels) -> bool:
        """Whether the inside of an instance has ids of its own, or is of a definition that is known."""
        key = keys[place]
        if any(keys[place[:depth]] & key for depth in range(len(place))):
            return False  # it would stand in itself
        known = self._known.get(key)
        if known is None:
            return self._taken.isdisjoint(key)
        return all(
            known.hosts.get(id_) is self._known.get(keys[*place, id_], known)
            if node is None
            else id_ in known.leaves and _is_same(known.leaves[id_][0], node)
            for id_, node in levels[place].items()
        )


def _agree(keys: Mapping[IdPath, frozenset[int]], levels: Levels) -> bool:
    """Whether the definitions below one instance can stand beside each other: an id is in one of them only."""
    first: dict[int, IdPath] = {}
    for place, members in levels.items():
        for id_, node in members.items():
            other = first.setdefault(id_, place)
            twin = levels[other][id_]
            if keys[other] != keys[place]:
                return False
            if node is None or twin is None:
                if node is not twin or keys[*other, id_] != keys[*place, id_]:
                    return False
            elif not _is_same(node, twin):
                return False
    return True


def _is_same(one: Node, other: Node) -> bool:
    """Whether two nodes of a prompt can come from one node of a definition."""
    return (one.type, one.title) == (other.type, other.title)


# Wires


class _Inner(NamedTuple):
    """An origin inside a subgraph: its id from there on."""

    path: NodePath
    slot: int


class _Wiring:
    """Finds what is linked to what: where a link crosses a border there is an input or an output."""

    def __init__(self, view: View, root: Subgraph) -> None:
        self._view = view
        self._root = root
        self._unfolded = {nodes[0].path for nodes in root.leaves.values()}
        self._led_in: dict[tuple[Subgraph, tuple[Content, ...]], Endpoint] = {}
        self._disagreeing: set[Id] = set()

    def connect(self) -> set[Id]:
        """Find what feeds each input, from the innermost subgraphs outwards.

        Returns the instances in the root that are wired differently inside from others of the same definition; if
        there are any, nothing else is of use.
        """
        for subgraph in (*below(self._root), self._root):
            for id_ in subgraph.leaves:
                nodes = subgraph.leaves[id_]
                for name in dict.fromkeys(name for node in nodes for name in node.given):
                    self._feed(subgraph, id_, name, tuple(self._content(node, name) for node in nodes))
            for id_, inside in subgraph.hosts.items():
                places = [inside.uses[f"{use}{id_}:"] for use in subgraph.uses]
                for each in inside.inputs:
                    self._feed(subgraph, id_, each.name, tuple(each.contents[place] for place in places))
        return self._disagreeing

    def _content(self, node: Node, name: str) -> Content:
        given = node.given.get(name)
        if given is None:
            return NOTHING
        if not isinstance(given, Linked):
            return given.value
        exists = given.source in self._view.nodes and 0 <= given.slot < MAX_OUTPUTS
        return Origin(given.source, given.slot) if exists else NOTHING

    def _feed(self, subgraph: Subgraph, id_: Id, name: str, contents: tuple[Content, ...]) -> None:
        """Connect one input of a member: to another member, to its value, or to an input of the subgraph."""
        seen = {use: self._seen_from(use, content) for use, content in zip(subgraph.uses, contents, strict=True)}
        agreeing = [use for use in seen if _host(use) not in self._disagreeing]
        if not agreeing:
            return
        first = seen[agreeing[0]]
        others = [use for use in agreeing if type(seen[use]) is not type(first) or seen[use] != first]
        if others and any(isinstance(seen[use], _Inner) for use in agreeing):
            self._disagreeing.update(map(_host, others))
        elif isinstance(first, _Inner):
            subgraph.wires[id_][name] = _endpoint(subgraph, first)
        elif others or isinstance(first, Origin):
            subgraph.wires[id_][name] = self._lead_in(subgraph, (id_, name), contents)
            literals = [each for each in contents if each is not NOTHING and not isinstance(each, Origin)]
            if literals:
                subgraph.values[id_][name] = literals[0]  # what the widget shows inside
        elif first is not NOTHING:
            subgraph.values[id_][name] = first

    def _seen_from(self, use: str, content: Content) -> Content:
        """A content as it looks from inside one use of a subgraph."""
        if not isinstance(content, Origin) or not content.path.startswith(use):
            return content
        is_outside = bool(use) and content.path in self._unfolded  # `57:03` stands in the root although 57 is folded
        return content if is_outside else _Inner(NodePath(content.path[len(use) :]), content.slot)

    def _lead_in(self, subgraph: Subgraph, target: tuple[Id, str], contents: tuple[Content, ...]) -> Endpoint:
        """The input of a subgraph for these contents; a link that leads to several members comes in once."""
        if not all(isinstance(content, Origin) for content in contents):
            return subgraph.add_input(target, contents)
        if (subgraph, contents) not in self._led_in:
            self._led_in[subgraph, contents] = subgraph.add_input(target, contents)
        return self._led_in[subgraph, contents]


def _host(use: str) -> Id:
    """The instance in the root to which a use of a subgraph belongs."""
    return local_id(use.partition(":")[0])


def _endpoint(subgraph: Subgraph, origin: _Inner) -> Endpoint:
    """The output of a member from which a node inside a subgraph can be reached."""
    id_ = local_id(origin.path)
    if id_ in subgraph.leaves:
        return Endpoint(id_, origin.slot)
    host, _, rest = origin.path.partition(":")
    inside = subgraph.hosts[int(host)]
    return Endpoint(int(host), inside.lead_out(_endpoint(inside, _Inner(NodePath(rest), origin.slot))))
