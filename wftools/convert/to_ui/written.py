"""Subgraphs -> what the editor saves: nodes, links and subgraph definitions, in version 0.4 of the format."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from wftools.convert.to_ui.drawing import boundary, positions
from wftools.convert.to_ui.rebuilt import INPUT_NODE, OUTPUT_NODE, Names, below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.convert.to_ui.drawing import Position
    from wftools.convert.to_ui.nodes import WrittenInput, WrittenNode, WrittenNodes, WrittenOutput
    from wftools.convert.to_ui.rebuilt import Endpoint, Id, Subgraph
    from wftools.layout import Frame

VERSION: Final = 0.4

_OPTIONAL: Final = 7  # shapes of slots
_LIST: Final = 6
_ORIGIN: Final = ("cnr_id", "aux_id", "ver")  # what a prompt says of where a node type comes from

JsonObject = dict[str, Any]


def written(prompt: JsonObject, root: Subgraph, nodes: WrittenNodes) -> JsonObject:
    """The UI workflow of a rebuilt prompt. The same prompt gives the same workflow, ids of subgraphs included."""
    return _Writer(prompt, root, nodes).workflow()


@dataclass(frozen=True, slots=True)
class _Link:
    id: int
    source: Endpoint
    target_id: Id
    target_slot: int
    type: str

    def as_object(self) -> JsonObject:
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
    """One subgraph with everything in its place."""

    subgraph: Subgraph
    nodes: Mapping[Id, WrittenNode]
    links: tuple[_Link, ...]
    placed: Mapping[Id, Position]
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
    def __init__(self, prompt: JsonObject, root: Subgraph, nodes: WrittenNodes) -> None:
        self._prompt = prompt
        self._nodes = nodes
        self._root = root
        self._id = uuid5(NAMESPACE_URL, json.dumps(self._prompt, sort_keys=True))
        self._names = {inner: str(uuid5(self._id, inner.first_use)) for inner in below(root)}
        self._link_ids = count(1)  # unique in the whole workflow, as the editor wants them
        self._group_ids = count(1)

    def workflow(self) -> JsonObject:
        root, *inner = (self._drawing(subgraph) for subgraph in (self._root, *self._names))
        graphs = [self._graph(drawing) for drawing in (root, *inner)]
        ids = [node["id"] for graph in graphs for node in graph["nodes"]]
        state = {
            "lastGroupId": next(self._group_ids) - 1,
            "lastNodeId": max((id_ for id_ in ids if isinstance(id_, int)), default=0),
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

    def _drawing(self, subgraph: Subgraph) -> _Drawing:
        members = sorted(subgraph.members, key=lambda id_: (isinstance(id_, str), id_))  # numbers first
        nodes = {id_: self._nodes.node(subgraph, id_) for id_ in members}
        return _Drawing(subgraph, nodes, tuple(self._links(subgraph, nodes)), *positions(subgraph, nodes))

    def _links(self, subgraph: Subgraph, nodes: Mapping[Id, WrittenNode]) -> Iterator[_Link]:
        for id_, node in nodes.items():
            for index, slot in enumerate(node.inputs):
                source = subgraph.wires[id_].get(slot.name)
                if source is not None:
                    yield _Link(next(self._link_ids), source, id_, index, self._nodes.type(subgraph, source))
        for index, source in enumerate(subgraph.outputs):
            yield _Link(next(self._link_ids), source, OUTPUT_NODE, index, self._nodes.type(subgraph, source))

    def _graph(self, drawing: _Drawing) -> JsonObject:
        ranks = {id_: rank for rank, id_ in enumerate(sorted(drawing.placed, key=drawing.placed.__getitem__))}
        groups = [
            {"id": next(self._group_ids), "title": f"Subgraph {name}", "bounding": _corners(frame), "flags": {}}
            for name, frame in drawing.frames.items()
        ]
        return {"nodes": [self._node(drawing, id_, ranks[id_]) for id_ in drawing.nodes], "groups": groups}

    def _node(self, drawing: _Drawing, id_: Id, order: int) -> JsonObject:
        node = drawing.nodes[id_]
        if id_ in drawing.subgraph.hosts:
            kind, properties = self._names[drawing.subgraph.hosts[id_]], {}
        else:
            leaf = drawing.subgraph.leaves[id_][0]
            meta = self._prompt[leaf.path].get("_meta")
            origin = {key: meta[key] for key in _ORIGIN if key in meta} if isinstance(meta, dict) else {}
            kind, properties = leaf.type, {"Node name for S&R": leaf.type, **origin}
        saved: JsonObject = {
            "id": id_,
            "type": kind,
            "pos": [*map(_plain, drawing.placed[id_])],
            "size": [*map(_plain, node.size)],
            "flags": {},
            "order": order,
            "mode": 0,
            "inputs": [_input(each, drawing.link_to.get((id_, slot))) for slot, each in enumerate(node.inputs)],
            "outputs": [
                {
                    "name": each.name,
                    **({"shape": _LIST} if each.is_list else {}),
                    "type": each.type,
                    "links": drawing.links_from.get((id_, slot)),
                }
                for slot, each in enumerate(node.outputs)
            ],
        }
        if node.title is not None:
            saved["title"] = node.title
        saved["properties"] = properties
        if node.widgets:
            names = Names("#")  # of a name that comes again, the second is `name#1`, as in the editor
            named = {names.unused(name): value for name, value in node.widgets}
            saved["widgets_values"] = named if node.is_object else [*named.values()]
            if not node.is_object:
                saved["widgets_values_named"] = named
        return saved

    def _definition(self, drawing: _Drawing, graph: JsonObject, state: JsonObject) -> JsonObject:
        subgraph, name = drawing.subgraph, self._names[drawing.subgraph]
        left, right = boundary(subgraph, drawing.nodes, drawing.placed)

        def slot(each: WrittenInput | WrittenOutput, side: str, links: list[int]) -> JsonObject:
            id_ = uuid5(self._id, f"{name} {side} {each.name}")
            return {"id": str(id_), "name": each.name, "type": each.type, "linkIds": links}

        return {
            "id": name,
            "version": 1,
            "state": state,
            "revision": 0,
            "config": {},
            "name": f"Subgraph {subgraph.first_use.rstrip(':')}",
            "inputNode": {"id": INPUT_NODE, "bounding": _corners(left)},
            "outputNode": {"id": OUTPUT_NODE, "bounding": _corners(right)},
            "inputs": [
                slot(each, "input", drawing.links_from[INPUT_NODE, index])
                for index, each in enumerate(self._nodes.inputs(subgraph))
            ],
            "outputs": [
                slot(each, "output", [drawing.link_to[OUTPUT_NODE, index]])
                for index, each in enumerate(self._nodes.outputs(subgraph))
            ],
            "widgets": [],
            "nodes": graph["nodes"],
            "groups": graph["groups"],
            "links": [link.as_object() for link in drawing.links],
            "extra": {},
        }


def _input(slot: WrittenInput, link: int | None) -> JsonObject:
    return {
        "name": slot.name,
        **({} if slot.is_required or slot.is_widget else {"shape": _OPTIONAL}),
        "type": slot.type,
        **({"widget": {"name": slot.name}} if slot.is_widget else {}),
        "link": link,
    }


def _corners(frame: Frame) -> list[float]:
    return [*map(_plain, (frame.x, frame.y, frame.width, frame.height))]


def _plain(length: float) -> float:
    """A length as the editor saves it: 7 rather than 7.0."""
    return int(length) if length == int(length) else round(length, 3)
