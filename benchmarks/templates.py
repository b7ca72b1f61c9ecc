"""The official workflow templates, of which many benchmarks are made."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import comfyui_workflow_templates_json


@cache
def templates() -> tuple[Path, ...]:
    """The 644 workflow files of the package."""
    folder = Path(comfyui_workflow_templates_json.__file__).parent / "templates"
    return tuple(path for path in sorted(folder.glob("*.json")) if "nodes" in json.loads(path.read_bytes()))


def side_by_side(count: int) -> dict[str, Any]:
    """One graph of templates without subgraphs that has at least so many nodes."""
    nodes: list[Any] = []
    links: list[Any] = []
    for path in templates():
        tree = json.loads(path.read_bytes())
        if len(nodes) >= count:
            break
        if tree.get("definitions", {}).get("subgraphs") or not all(isinstance(row, list) for row in tree["links"]):
            continue
        ids = {node["id"]: len(nodes) + index for index, node in enumerate(tree["nodes"], 1)}
        rows = {row[0]: len(links) + index for index, row in enumerate(tree["links"], 1)}
        for node in tree["nodes"]:
            node["id"] = ids[node["id"]]
            for slot in node.get("inputs") or []:
                slot["link"] = rows.get(slot.get("link"))
            for slot in node.get("outputs") or []:
                slot["links"] = [rows[id_] for id_ in slot.get("links") or [] if id_ in rows]
        for row in tree["links"]:
            row[0], row[1], row[3] = rows[row[0]], ids.get(row[1], row[1]), ids.get(row[3], row[3])
        nodes += tree["nodes"]
        links += tree["links"]
    return {"nodes": nodes, "links": links, "groups": [], "version": 0.4}
