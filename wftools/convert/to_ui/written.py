"""Scopes -> what the editor saves: nodes, links and subgraph definitions, in version 0.4 of the format."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from wftools.convert.to_ui.drawing import boundary, positions
from wftools.convert.to_ui.rebuilt import INPUTS, OUTPUTS, subgraphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wftools.convert.to_ui.drawing import Point
    from wftools.convert.to_ui.nodes import Block, Blocks, InputSlot, OutputSlot
    from wftools.convert.to_ui.rebuilt import Endpoint, Id, Scope
    from wftools.graph.widget_values.order import SavedValue
    from wftools.layout import Frame

VERSION: Final = 0.4

_OPTIONAL: Final = 7  # shapes of slots
_LIST: Final = 6
_ORIGIN: Final = ("cnr_id", "aux_id", "ver")  # what a prompt says of where a node type comes from

Json = dict[str, Any]


def saved(prompt: Json, root: Scope, blocks: Blocks) -> Json:
    """The UI workflow of the scopes of a prompt. The same prompt gives the same workflow, ids of subgraphs included."""
    return _Writer(prompt, root, blocks).workflow()


@dataclass(frozen=True, slots=True)
class _Link:
    id: int
    source: Endpoint
    target_id: Id
    target_slot: int
    type: str

    def as_object(self) -> Json:
        return {
            "id": self.id,
            "origin_id": self.source.id,
            "origin_slot": self.source.slot,
            "target_id": self.target_id,
            "target_slot": self.target_slot,
            "type": self.type,
        }


@dataclass(frozen=True)
class _Drawing:
    """One scope with everything in its place."""

    scope: Scope
    blocks: Mapping[Id, Block]
    links: tuple[_Link, ...]
    points: Mapping[Id, Point]
    frames: Mapping[str, Frame]

    @cached_property
    def links_from(self) -> Mapping[tuple[Id, int], list[int]]:
        """The ids of the links that start at an output of a member."""
        found: defaultdict[tuple[Id, int], list[int]] = defaultdict(list)
        for link in self.links:
            found[link.source.id, link.source.slot].append(link.id)
        return found

    @cached_property
    def link_to(self) -> Mapping[tuple[Id, int], int]:
        """The id of the link that ends at an input of a member."""
        return {(link.target_id, link.target_slot): link.id for link in self.links}


class _Writer:
    def __init__(self, prompt: Json, root: Scope, blocks: Blocks) -> None:
        self._prompt = prompt
        self._blocks = blocks
        self._root = root
        self._id = uuid5(NAMESPACE_URL, json.dumps(self._prompt, sort_keys=True))
        self._names = {scope: str(uuid5(self._id, scope.uses[0])) for scope in subgraphs(root)}
        self._link_ids = count(1)  # unique in the whole workflow, as the editor wants them
        self._group_ids = count(1)

    def workflow(self) -> Json:
        root, *inner = (self._drawing(scope) for scope in (self._root, *self._names))
        graphs = [self._graph(drawing) for drawing in (root, *inner)]
        ids = [node["id"] for graph in graphs for node in graph["nodes"]]
        last = max((id_ for id_ in ids if isinstance(id_, int)), default=0)
        state = {
            "lastGroupId": next(self._group_ids) - 1,
            "lastNodeId": last,
            "lastLinkId": next(self._link_ids) - 1,
            "lastRerouteId": 0,
        }
        definitions = [
            self._definition(drawing, graph, state) for drawing, graph in zip(inner, graphs[1:], strict=True)
        ]
        return {
            "id": str(self._id),
            "revision": 0,
            "last_node_id": state["lastNodeId"],
            "last_link_id": state["lastLinkId"],
            "nodes": graphs[0]["nodes"],
            "links": [list(link.as_object().values()) for link in root.links],
            "groups": graphs[0]["groups"],
            **({"definitions": {"subgraphs": definitions}} if definitions else {}),
            "config": {},
            "extra": {},
            "version": VERSION,
        }

    def _drawing(self, scope: Scope) -> _Drawing:
        blocks = {id_: self._blocks.block(scope, id_) for id_ in sorted(scope.members, key=_by_id)}
        links = tuple(self._links(scope, blocks))
        return _Drawing(scope, blocks, links, *positions(scope, blocks))

    def _links(self, scope: Scope, blocks: Mapping[Id, Block]) -> Iterator[_Link]:
        for id_, block in blocks.items():
            for index, slot in enumerate(block.inputs):
                source = scope.wires[id_].get(slot.name)
                if source is not None:
                    yield _Link(next(self._link_ids), source, id_, index, self._blocks.type(scope, source))
        for index, source in enumerate(scope.outputs):
            yield _Link(next(self._link_ids), source, OUTPUTS, index, self._blocks.type(scope, source))

    def _graph(self, drawing: _Drawing) -> Json:
        ranks = {id_: rank for rank, id_ in enumerate(sorted(drawing.points, key=drawing.points.__getitem__))}
        groups = [
            {
                "id": next(self._group_ids),
                "title": f"Subgraph {name}",
                "bounding": [*map(_plain, (frame.x, frame.y, frame.width, frame.height))],
                "flags": {},
            }
            for name, frame in drawing.frames.items()
        ]
        return {"nodes": [self._node(drawing, id_, ranks[id_]) for id_ in drawing.blocks], "groups": groups}

    def _node(self, drawing: _Drawing, id_: Id, order: int) -> Json:
        block = drawing.blocks[id_]
        is_instance = id_ in drawing.scope.hosts
        node: Json = {
            "id": id_,
            "type": self._names[drawing.scope.hosts[id_]] if is_instance else drawing.scope.leaves[id_][0].type,
            "pos": [*map(_plain, drawing.points[id_])],
            "size": [*map(_plain, block.size)],
            "flags": {},
            "order": order,
            "mode": 0,
            "inputs": [_input(each, drawing.link_to.get((id_, slot))) for slot, each in enumerate(block.inputs)],
            "outputs": [_output(each, drawing.links_from.get((id_, slot))) for slot, each in enumerate(block.outputs)],
        }
        if block.title is not None:
            node["title"] = block.title
        node["properties"] = {} if is_instance else self._properties(drawing.scope, id_)
        if block.widgets:
            node["widgets_values"] = [value for _, value in block.widgets]
            node["widgets_values_named"] = _named(block.widgets)
        return node

    def _properties(self, scope: Scope, id_: Id) -> Json:
        node = scope.leaves[id_][0]
        meta = self._prompt[node.path].get("_meta")
        origin = {key: meta[key] for key in _ORIGIN if key in meta} if isinstance(meta, dict) else {}
        return {"Node name for S&R": node.type, **origin}

    def _definition(self, drawing: _Drawing, graph: Json, state: Json) -> Json:
        scope, name = drawing.scope, self._names[drawing.scope]
        inputs, outputs = self._blocks.inputs(scope), self._blocks.outputs(scope)
        left, right = boundary(scope, drawing.blocks, drawing.points)
        return {
            "id": name,
            "version": 1,
            "state": state,
            "revision": 0,
            "config": {},
            "name": f"Subgraph {scope.uses[0].rstrip(':')}",
            "inputNode": {"id": INPUTS, "bounding": [*map(_plain, (left.x, left.y, left.width, left.height))]},
            "outputNode": {"id": OUTPUTS, "bounding": [*map(_plain, (right.x, right.y, right.width, right.height))]},
            "inputs": [
                _boundary(slot, str(uuid5(self._id, f"{name} input {slot.name}")), drawing.links_from[INPUTS, index])
                for index, slot in enumerate(inputs)
            ],
            "outputs": [
                _boundary(slot, str(uuid5(self._id, f"{name} output {slot.name}")), [drawing.link_to[OUTPUTS, index]])
                for index, slot in enumerate(outputs)
            ],
            "widgets": [],
            "nodes": graph["nodes"],
            "groups": graph["groups"],
            "links": [link.as_object() for link in drawing.links],
            "extra": {},
        }


def _named(places: Iterable[SavedValue]) -> Json:
    """Values by name; of a name that comes again, the second is `name#1`, as in the editor."""
    named: Json = {}
    for name, value in places:
        numbered = (f"{name}#{number}" for number in count(1))
        named[name if name not in named else next(each for each in numbered if each not in named)] = value
    return named


def _input(slot: InputSlot, link: int | None) -> Json:
    return {
        "name": slot.name,
        **({} if slot.is_required or slot.is_widget else {"shape": _OPTIONAL}),
        "type": slot.type,
        **({"widget": {"name": slot.name}} if slot.is_widget else {}),
        "link": link,
    }


def _output(slot: OutputSlot, links: list[int] | None) -> Json:
    return {"name": slot.name, **({"shape": _LIST} if slot.is_list else {}), "type": slot.type, "links": links}


def _boundary(slot: InputSlot | OutputSlot, id_: str, links: list[int]) -> Json:
    return {"id": id_, "name": slot.name, "type": slot.type, "linkIds": links}


def _by_id(id_: Id) -> tuple[bool, int, str]:
    """Numbers first, in their order."""
    return isinstance(id_, str), id_ if isinstance(id_, int) else 0, str(id_)


def _plain(number: float) -> float:
    """A number as JavaScript writes it."""
    return int(number) if number == int(number) else round(number, 3)
