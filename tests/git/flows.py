"""Versions of a workflow."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[2] / "sample_workflows"
FLOW = json.loads((SAMPLES / "txt2img.json").read_text("utf-8"))

_NAMES = ("seed", "control_after_generate", "steps", "cfg", "sampler_name", "scheduler", "denoise")


def node_of(tree: Any, type_: str) -> Any:
    """The first node of a type."""
    return next(node for node in tree["nodes"] if node["type"] == type_)


def flow(title: str | None = None, **widgets: Any) -> str:
    """The sample with other values for its sampler: steps, cfg …; `title` is that of a note that is new."""
    tree = json.loads(json.dumps(FLOW))
    values = node_of(tree, "KSampler")["widgets_values"]
    for name, value in widgets.items():
        values[_NAMES.index(name)] = value
    if title is not None:
        id_ = tree["last_node_id"] + 1
        note = {"id": id_, "type": "Note", "pos": [0, 0], "size": [200, 100], "title": title}
        note |= {"flags": {}, "order": 0, "mode": 0, "inputs": [], "outputs": [], "properties": {}}
        tree["nodes"].append(note | {"widgets_values": [title]})
        tree["last_node_id"] = id_
    return json.dumps(tree, indent=2) + "\n"


def sampler_of(text: str) -> dict[str, Any]:
    """The values of the sampler by name."""
    return dict(zip(_NAMES, node_of(json.loads(text), "KSampler")["widgets_values"], strict=True))


def titles_of(text: str) -> set[str | None]:
    """The titles of all nodes."""
    return {node.get("title") for node in json.loads(text)["nodes"]}


def renumbered(graph: Any, seed: int) -> Any:
    """A UI workflow with other ids for its nodes and links, in the root and in every definition."""
    nodes = sorted(str(node["id"]) for node in graph["nodes"])
    to = dict(zip(nodes, random.Random(seed).sample(range(1, 10_000), len(nodes)), strict=True))

    def node_id(id_: Any) -> Any:
        return to.get(str(id_), id_)

    def link_id(id_: Any) -> Any:
        return id_ + 50_000 if isinstance(id_, int) else id_

    made = json.loads(json.dumps(graph))
    for node in made["nodes"]:
        node["id"] = node_id(node["id"])
        for slot in node.get("inputs", []):
            slot["link"] = link_id(slot.get("link"))
        for slot in node.get("outputs", []):
            slot["links"] = [link_id(each) for each in slot.get("links") or []]
    for slot in [*made.get("inputs", []), *made.get("outputs", [])]:
        slot["linkIds"] = [link_id(each) for each in slot.get("linkIds", [])]
    for link in made["links"]:
        id_key, *end_keys = ("id", "origin_id", "target_id") if isinstance(link, dict) else (0, 1, 3)
        link[id_key] = link_id(link[id_key])
        for key in end_keys:
            link[key] = node_id(link[key])
    for each in made.get("extra", {}).get("linkExtensions", []):
        each["id"] = link_id(each["id"])
    inner = made.get("definitions", {}).get("subgraphs", [])
    for index, each in enumerate(inner):
        inner[index] = renumbered(each, seed + index + 1)
    made["last_node_id"], made["last_link_id"] = 10_000, 100_000
    return made
