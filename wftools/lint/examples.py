"""Small workflows for the examples of rules."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Example:
    """A workflow and what a rule finds in it: JSON Pointers, in the order of the file."""

    workflow: Any  # a tree, or the text or bytes of a file
    finds: tuple[str, ...] = ()
    object_info: dict[str, Any] = field(default_factory=dict)

    def data(self) -> bytes:
        """The workflow as a file."""
        if isinstance(self.workflow, bytes):
            return self.workflow
        text = self.workflow if isinstance(self.workflow, str) else json.dumps(self.workflow, indent=2)
        return text.encode()


def bad(workflow: Any, *finds: str, object_info: dict[str, Any] | None = None) -> Example:
    """An example in which a rule finds something at these places."""
    return Example(workflow, finds, object_info or {})


def good(workflow: Any, object_info: dict[str, Any] | None = None) -> Example:
    """An example in which a rule finds nothing."""
    return Example(workflow, (), object_info or {})


def api_node(class_type: str, **inputs: Any) -> dict[str, Any]:
    """A node of an API prompt."""
    return {"class_type": class_type, "inputs": inputs}


def picture(**changes: Any) -> dict[str, Any]:
    """A whole small API prompt: a blank picture, saved. `changes` replace or add nodes by id, written `n2=…`."""
    prompt = {
        "1": api_node("EmptyImage", width=64, height=64, batch_size=1, color=0),
        "2": api_node("SaveImage", images=["1", 0], filename_prefix="blank"),
    }
    return prompt | {name.removeprefix("n"): value for name, value in changes.items()}


def ui_node(
    id_: int | str,
    type_: str,
    inputs: list[tuple[str, str | list[Any], int | None]] | None = None,
    outputs: list[tuple[str, list[int]]] | None = None,
    values: list[Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A node of a UI workflow: inputs are (name, type, link), outputs (type, links)."""
    return {
        "id": id_,
        "type": type_,
        "pos": [0, 0],
        "size": [200, 100],
        "flags": {},
        "order": 0,
        "mode": 0,
        "inputs": [{"name": name, "type": kind, "link": link} for name, kind, link in inputs or []],
        "outputs": [{"name": kind, "type": kind, "links": links} for kind, links in outputs or []],
        "properties": {},
        "widgets_values": values or [],
    } | more


def ui(nodes: list[Any], links: list[list[Any]], **more: Any) -> dict[str, Any]:
    """A UI workflow, version 0.4."""
    return {
        "last_node_id": 100,
        "last_link_id": 100,
        "nodes": nodes,
        "links": links,
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
    } | more


def ui_picture() -> dict[str, Any]:
    """A whole small UI workflow: a blank picture, saved."""
    return ui(
        [
            ui_node(1, "EmptyImage", outputs=[("IMAGE", [1])], values=[64, 64, 1, 0]),
            ui_node(2, "SaveImage", [("images", "IMAGE", 1)], values=["blank"]),
        ],
        [[1, 1, 0, 2, 0, "IMAGE"]],
    )


def subgraph(id_: str, nodes: list[dict[str, Any]], links: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """The `definitions` of a UI workflow with one subgraph."""
    definition = {
        "id": id_,
        "version": 1,
        "revision": 0,
        "name": "Sub",
        "config": {},
        "groups": [],
        "widgets": [],
        "state": {"lastGroupId": 0, "lastNodeId": 100, "lastLinkId": 100, "lastRerouteId": 0},
        "inputNode": {"id": -10, "bounding": [0, 0, 100, 100]},
        "outputNode": {"id": -20, "bounding": [0, 0, 100, 100]},
        "inputs": [],
        "outputs": [],
        "nodes": nodes,
        "links": links,
    }
    return {"subgraphs": [definition | more]}
