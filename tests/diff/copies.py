"""Copies of workflows that are the same to whoever reads them: other numbers, another order."""

from __future__ import annotations

import copy
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

Tree = Any


def graphs(tree: Tree) -> list[Tree]:
    """The root and the definitions of a UI workflow."""
    return [tree, *(tree.get("definitions") or {}).get("subgraphs", [])]


def shuffled(tree: Tree, rng: random.Random) -> Tree:
    """A copy with every list in another order that has none; of several links to one slot, the first is the one."""
    tree = copy.deepcopy(tree)
    for graph in graphs(tree):
        ends = [
            (row["target_id"], row["target_slot"]) if isinstance(row, dict) else (*row[3:5],) for row in graph["links"]
        ]
        for key in ("nodes", "groups", *(["links"] if len({*ends}) == len(ends) else [])):
            rng.shuffle(graph.get(key) or [])
    if tree.get("definitions"):
        rng.shuffle(tree["definitions"]["subgraphs"])
    return tree


def renumbered(tree: Tree, rng: random.Random) -> Tree:
    """A copy in which nodes, links, groups, reroutes, definitions and slots of definitions have other ids."""
    tree = copy.deepcopy(tree)
    definitions = {
        each["id"]: str(uuid.UUID(int=rng.getrandbits(128))) for each in graphs(tree)[1:] if isinstance(each["id"], str)
    }
    inside = {each.get("id"): _other_ids(each["nodes"], rng) for each in graphs(tree)}
    for graph in graphs(tree):
        _renumber(graph, inside[graph.get("id")], inside, definitions, rng)
    return tree


def _other_ids(items: list[Tree], rng: random.Random) -> dict[str, int]:
    """Other ids for items, some of which another item had: JavaScript does not tell 5 from "5"."""
    ids = list(dict.fromkeys(str(item.get("id")) for item in items))
    return dict(zip(ids, rng.sample(range(1, 2 * len(ids) + 1), len(ids)), strict=True))


def _renumber(
    graph: Tree,
    nodes: dict[str, int],
    inside: dict[Any, dict[str, int]],
    definitions: dict[str, str],
    rng: random.Random,
) -> None:
    extra = graph.get("extra") or {}
    reroutes = graph.get("reroutes") or extra.get("reroutes") or []
    rows = graph.get("links") or []
    links = _other_ids([{"id": row["id"] if isinstance(row, dict) else row[0]} for row in rows], rng)
    points = _other_ids(reroutes, rng)
    for node in graph["nodes"]:
        node["id"] = nodes[str(node["id"])]
        node["order"] = rng.randrange(100)
        for entry in (node.get("properties") or {}).get("proxyWidgets") or []:
            entry[0] = str(inside.get(node["type"], {}).get(str(entry[0]), entry[0]))
        node["type"] = definitions.get(node["type"], node["type"])
        for slot in node.get("inputs") or []:
            _replace_all(slot, link=links)
        for slot in node.get("outputs") or []:
            _replace_all(slot, links=links)
    for row in rows:
        if isinstance(row, dict):
            _replace_all(row, id=links, origin_id=nodes, target_id=nodes, parentId=points)
        else:
            row[0], row[1], row[3] = links[str(row[0])], nodes.get(str(row[1]), row[1]), nodes.get(str(row[3]), row[3])
    for each in extra.get("linkExtensions") or []:
        _replace_all(each, id=links, parentId=points)
    for each in reroutes:
        _replace_all(each, id=points, parentId=points, linkIds=links)
    groups = graph.get("groups") or []
    for index, group in enumerate(rng.sample(groups, len(groups))):
        group["id"] = index
    if graph.get("id") in definitions:
        graph["id"] = definitions[graph["id"]]
        for slot in (*(graph.get("inputs") or []), *(graph.get("outputs") or [])):
            slot["id"] = str(uuid.UUID(int=rng.getrandbits(128)))
            _replace_all(slot, linkIds=links)


def _replace_all(owner: Tree, **ids: dict[str, int]) -> None:
    """Another id, or other ids, under each key: for those that are known."""
    for key, known in ids.items():
        found = owner.get(key)
        if isinstance(found, list):
            owner[key] = [known.get(str(id_), id_) for id_ in found]
        elif found is not None:
            owner[key] = known.get(str(found), found)
