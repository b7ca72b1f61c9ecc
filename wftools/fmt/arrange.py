"""A tree with its parts in canonical order: what a part is decides where it stands, never what was clicked last."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from wftools.document.ids import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wftools.document.document import Tree

# Keys in the order in which the editor writes them; others follow in the order of the file.
WORKFLOW: Final = (
    "id",
    "revision",
    "last_node_id",
    "last_link_id",
    "state",
    "nodes",
    "links",
    "floatingLinks",
    "reroutes",
    "groups",
    "definitions",
    "config",
    "extra",
    "version",
)
SUBGRAPH: Final = (
    "id",
    "version",
    "state",
    "revision",
    "config",
    "name",
    "description",
    "inputNode",
    "outputNode",
    "inputs",
    "outputs",
    "widgets",
    "nodes",
    "groups",
    "links",
    "floatingLinks",
    "reroutes",
    "definitions",
    "extra",
)
NODE: Final = (
    "id",
    "type",
    "pos",
    "size",
    "flags",
    "order",
    "mode",
    "showAdvanced",
    "inputs",
    "outputs",
    "title",
    "properties",
    "widgets_values",
    "widgets_values_named",
    "color",
    "bgcolor",
)
SLOT: Final = (
    "id",
    "label",
    "localized_name",
    "name",
    "shape",
    "dir",
    "type",
    "widget",
    "linkIds",
    "pos",
    "slot_index",
    "link",
    "links",
)
LINK: Final = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type", "parentId")
GROUP: Final = ("id", "title", "bounding", "color", "font_size", "flags")
API_NODE: Final = ("inputs", "class_type", "_meta")

# `%node.widget%` in the name of a file means the first node of that name.
_BY_NAME: Final = re.compile(r"%[^%.\n]+\.[^%\n]+%")
_LONGEST_NAME: Final = 255


def arranged_ui(workflow: Tree) -> Tree:
    """A UI workflow in canonical order. Malformed parts stay as and where they are.

    Nodes keep their order where it says something: of two nodes with one id the editor gives the later one another, and
    a name in the name of a file means the first node that has it.
    """
    definitions = list(_definitions(workflow))
    has_names = any(map(_has_names, (workflow, *definitions)))
    ids = [*dict.fromkeys(_node_ids(workflow)), *chain.from_iterable(map(_node_ids, definitions))]
    made = _graph(_keys(workflow, WORKFLOW), keeps_nodes=has_names)
    return _with_definitions(made, keeps_nodes=has_names or _has_twice(ids))


def arranged_api(prompt: Tree) -> Tree:
    """An API prompt in canonical order: nodes by id, `57:3` after `57:2`."""
    return {id_: _keys(prompt[id_], API_NODE) for id_ in sorted(prompt, key=sort_key)}


def _graph(graph: Tree, *, keeps_nodes: bool) -> Tree:
    """The root or a subgraph with its nodes, links and groups in order."""
    made = dict(graph)
    if isinstance(made.get("nodes"), list):
        nodes = made["nodes"] if keeps_nodes else _by_id(made["nodes"])
        made["nodes"] = [_with_slots(_keys(node, NODE)) for node in nodes]
    if isinstance(made.get("links"), list):
        # Of two links to one slot the first counts.
        links = made["links"] if _has_twice(map(_target, made["links"])) else _by_id(made["links"])
        made["links"] = [_keys(link, LINK) for link in links]
    if isinstance(made.get("groups"), list):
        made["groups"] = [_keys(group, GROUP) for group in _by_id(made["groups"])]
    return made


def _with_definitions(graph: Tree, *, keeps_nodes: bool) -> Tree:
    definitions = graph.get("definitions")
    if not (isinstance(definitions, dict) and isinstance(definitions.get("subgraphs"), list)):
        return graph
    made = [
        _with_definitions(_with_slots(_graph(_keys(each, SUBGRAPH), keeps_nodes=keeps_nodes)), keeps_nodes=keeps_nodes)
        if isinstance(each, dict)
        else each
        for each in definitions["subgraphs"]
    ]
    return {**graph, "definitions": {**definitions, "subgraphs": made}}


def _with_slots(owner: Any) -> Any:
    """A node or a subgraph with the keys of its slots in order."""
    if not isinstance(owner, dict):
        return owner
    sides = (side for side in ("inputs", "outputs") if isinstance(owner.get(side), list))
    return {**owner, **{side: [_keys(slot, SLOT) for slot in owner[side]] for side in sides}}


def _keys(value: Any, order: Sequence[str]) -> Any:
    """An object with its known keys first; anything else as it is."""
    if not isinstance(value, dict):
        return value
    known = [key for key in order if key in value]
    return {key: value[key] for key in (*known, *(key for key in value if key not in order))}


# Identity


def _by_id(items: list[Any]) -> list[Any]:
    """Items sorted by their ids; as they are if one has none, or two have the same."""
    ids = [_id(item) for item in items]
    known = [id_ for id_ in ids if id_ is not None]
    if len(known) < len(items) or _has_twice(known):
        return items
    return [item for _, item in sorted(zip(known, items, strict=True), key=lambda pair: sort_key(pair[0]))]


def _id(item: Any) -> str | None:
    """The id of a node, group or link, as JavaScript compares it: 5 and "5" are one."""
    id_ = item.get("id") if isinstance(item, dict) else next(iter(item), None) if isinstance(item, list) else None
    return str(id_) if isinstance(id_, int | str) else None


def _target(link: Any) -> tuple[str, str] | None:
    if isinstance(link, dict):
        return str(link.get("target_id")), str(link.get("target_slot"))
    return (str(link[3]), str(link[4])) if isinstance(link, list) and len(link) > 4 else None


def _has_twice(items: Iterable[Any]) -> bool:
    listed = list(items)
    return len(set(listed)) < len(listed)


# What stands in a workflow


def _nodes(graph: Tree) -> list[Tree]:
    nodes = graph.get("nodes")
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []


def _node_ids(graph: Tree) -> list[str | None]:
    return [_id(node) for node in _nodes(graph)]


def _definitions(graph: Tree) -> Iterator[Tree]:
    definitions = graph.get("definitions")
    inner = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    for each in inner if isinstance(inner, list) else ():
        if isinstance(each, dict):
            yield each
            yield from _definitions(each)


def _has_names(graph: Tree) -> bool:
    """Whether a widget may hold the name of a file with the name of a node in it."""
    saved = [node.get("widgets_values") for node in _nodes(graph)]
    rows = (each.values() if isinstance(each, dict) else each for each in saved if isinstance(each, dict | list))
    texts = chain.from_iterable(rows)
    return any(isinstance(text, str) and len(text) <= _LONGEST_NAME and _BY_NAME.search(text) for text in texts)
