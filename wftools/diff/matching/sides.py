"""The nodes of one graph in one version as matching looks at them: in words that both versions have."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wftools.diff.changes import Subject
from wftools.graph.authored.scopes import INPUTS, OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from wftools.diff.changes import Kind
    from wftools.diff.version import Part
    from wftools.document.document import Tree

BORDER: Final = frozenset({INPUTS, OUTPUTS})  # what stands for the outside of a subgraph among the ids of nodes


class Slots(NamedTuple):
    """Where a link is fixed, as one of its two nodes sees it."""

    is_output: bool
    own: str
    other: str  # the slot of the node at the other end


@dataclass(eq=False, slots=True)
class Node:
    """What a node is known by."""

    id: str
    tree: Tree
    type: str
    title: str  # "" for one that nobody gave it
    widgets: dict[str, Hashable]
    is_named: bool  # whether all names of the widgets are known
    models: frozenset[Hashable]
    pos: tuple[float, float] | None
    ends: dict[Slots, list[str]] = field(default_factory=dict)  # the nodes that it is linked to

    @property
    def content(self) -> Hashable:
        """All that it holds, but for its place and its links."""
        return self.type, self.title, frozenset(self.widgets.items())

    @property
    def details(self) -> Hashable:
        """The same with all that the file says of it."""
        rest = {key: _unlinked(value) for key, value in self.tree.items() if key not in _NUMBERS}
        if isinstance(self.tree.get("inputs"), dict):
            del rest["inputs"]  # of a prompt: links and the values that `content` has
        return self.content, json.dumps(rest, sort_keys=True)

    @property
    def sources(self) -> Iterator[str]:
        """The nodes that it waits for."""
        return (id_ for slots, ids in self.ends.items() if not slots.is_output for id_ in ids)


@dataclass(frozen=True, slots=True)
class Names:
    """What the definitions of a version, by id, and their slots are called in both versions."""

    definitions: Mapping[str, str]
    slots: Mapping[Subject, str]

    def slot(self, type_: str, kind: Kind, name: str) -> str:
        """The name of a slot of a definition, or of any other type of node, which has its own."""
        return self.slots.get(Subject(type_, kind, name), name) if type_ in self.definitions else name


@dataclass(frozen=True, eq=False)
class Side:
    """The nodes of one graph, by id."""

    nodes: dict[str, Node]

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids, in an order that does not depend on that of the file."""
        return tuple(sorted(self.nodes, key=natural))

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """The places of the nodes in topological order; where they wait for each other, in that of their ids."""
        try:
            order = TopologicalSorter({id_: [*self.nodes[id_].sources] for id_ in self.ids}).static_order()
            return {id_: rank for rank, id_ in enumerate(order)}
        except CycleError:
            return {id_: rank for rank, id_ in enumerate(self.ids)}


def side(parts: Iterable[Part], words: Names) -> Side:
    """The nodes among the parts of one graph, with their links."""
    parts = [*parts]
    types = {part.subject.id: part.type for part in parts if part.subject.kind == "node"}
    nodes = {part.subject.id: _node(part, words) for part in parts if part.subject.kind == "node"}
    for part in parts:
        scope, kind, id_ = part.subject
        if kind not in ("node", "output"):
            continue
        for name, end in part.links.items():
            if end.node == INPUTS:
                output = words.slot(scope, "input", end.output)
            else:
                output = words.slot(types.get(end.node, ""), "output", end.output)
            if kind == "node":
                target, slot = id_, words.slot(part.type, "input", name)
                nodes[id_].ends[Slots(False, slot, output)] = [end.node]
            else:
                target, slot = OUTPUTS, words.slot(scope, "output", id_)
            if end.node in nodes:
                nodes[end.node].ends.setdefault(Slots(True, output, slot), []).append(target)
    return Side(nodes)


def _node(part: Part, words: Names) -> Node:
    tree, is_instance = part.tree, part.type in words.definitions
    widgets: dict[str, Hashable] = {}
    for called, value in part.widgets.items():
        # The widgets of an instance are called after nodes inside, which may have other ids in the other version.
        name = called.partition(".")[2] or called if is_instance else called
        widgets[f"{name}#{len(widgets)}" if name in widgets else name] = frozen(value)
    properties = tree.get("properties")
    models = properties.get("models") if isinstance(properties, dict) else None
    return Node(
        part.subject.id,
        tree,
        words.definitions.get(part.type, part.type),
        "" if part.title == part.type else part.title,
        widgets,
        part.places is None or part.places.is_named,
        frozenset(map(frozen, models)) if isinstance(models, list) else frozenset(),
        point(tree.get("pos")),
    )


_NUMBERS: Final = frozenset({"id", "order", "type", "widgets_values", "link", "links", "proxyWidgets"})
"""What is another number in a renumbered copy, has such in it, or is said otherwise already."""


def _unlinked(value: Any) -> Any:
    """Slots without their links, properties without the ids of nodes inside."""
    if isinstance(value, list):
        return [*map(_unlinked, value)]
    return {key: each for key, each in value.items() if key not in _NUMBERS} if isinstance(value, dict) else value


def point(value: Any) -> tuple[float, float] | None:
    """A place as a list or, as older files have it, an object."""
    found = [value.get("0"), value.get("1")] if isinstance(value, dict) else value
    if not isinstance(found, list) or len(found) < 2:
        return None
    x, y = found[:2]
    is_number = all(isinstance(each, int | float) and abs(each) < _FAR for each in (x, y))  # which no nan is
    return (float(x), float(y)) if is_number else None


_FAR: Final = 1e12


def frozen(value: Any) -> Hashable:
    """A JSON value as one that can be looked up: 1 is 1.0, but not true."""
    if isinstance(value, bool):
        return "bool", value
    if isinstance(value, float) and math.isnan(value):
        return "nan", ""
    if isinstance(value, dict):
        return "object", frozenset((key, frozen(each)) for key, each in value.items())
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def natural(id_: str) -> tuple[int, str]:
    """A key that puts ids in the order of their numbers."""
    return len(id_), id_
