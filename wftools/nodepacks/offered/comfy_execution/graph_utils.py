"""Subgraphs that nodes answer with, put together."""

from __future__ import annotations

from typing import Any, ClassVar

from wftools.nodepacks.offered.comfy_execution.graph import ExecutionBlocker

__all__ = ["ExecutionBlocker", "GraphBuilder", "Node", "add_graph_prefix", "is_link"]


def is_link(obj: object) -> bool:
    """Whether an input is `[node id, output slot]`."""
    return isinstance(obj, list) and len(obj) == 2 and isinstance(obj[0], str) and isinstance(obj[1], int | float)


class Node:
    """A node of a subgraph."""

    def __init__(self, node_id: str, class_type: str, inputs: dict[str, Any]) -> None:
        self.id = node_id
        self.class_type = class_type
        self.inputs = inputs

    def out(self, index: int) -> list[Any]:
        """A link to one of its outputs."""
        return [self.id, index]

    def set_input(self, key: str, value: Any) -> None:
        """Give an input a value or a link; None takes it away."""
        self.inputs.pop(key, None)
        if value is not None:
            self.inputs[key] = value

    def get_input(self, key: str) -> Any:
        """What an input is given."""
        return self.inputs.get(key)

    def set_override_display_id(self, override_display_id: str) -> None:
        """Under which node of the file a browser would show it."""

    def serialize(self) -> dict[str, Any]:
        """The entry of a prompt."""
        return {"class_type": self.class_type, "inputs": dict(self.inputs)}


class GraphBuilder:
    """A subgraph in the making."""

    _default_prefix_root: ClassVar[str] = ""

    def __init__(self, prefix: str | bool | None = None) -> None:
        self.prefix = prefix if isinstance(prefix, str) else ""
        self.nodes: dict[str, Node] = {}
        self.id_gen = 1

    def node(self, class_type: str, id: str | None = None, **inputs: Any) -> Node:
        """A new node, or the one of that id."""
        if id is None:
            self.id_gen += 1
        name = self.prefix + (str(self.id_gen - 1) if id is None else id)
        if name not in self.nodes:
            self.nodes[name] = Node(name, class_type, inputs)
        return self.nodes[name]

    def lookup_node(self, id: str) -> Node | None:
        """The node of that id."""
        return self.nodes.get(self.prefix + id)

    def finalize(self) -> dict[str, Any]:
        """The subgraph as a prompt."""
        return {name: node.serialize() for name, node in self.nodes.items()}


def add_graph_prefix(graph: dict[str, Any], outputs: list[Any], prefix: str) -> tuple[dict[str, Any], list[Any]]:
    """A subgraph whose ids all begin with a prefix, and the links to it."""

    def moved(value: Any) -> Any:
        return [prefix + value[0], value[1]] if is_link(value) and value[0] in graph else value

    prefixed = {
        prefix + name: {
            "class_type": entry["class_type"],
            "inputs": {key: moved(value) for key, value in entry.get("inputs", {}).items()},
        }
        for name, entry in graph.items()
    }
    return prefixed, [moved(each) for each in outputs]
