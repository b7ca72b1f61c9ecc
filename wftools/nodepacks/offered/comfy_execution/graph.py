"""Answers of nodes that are no values, and the prompt that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExecutionBlocker:
    """In place of an output: what depends on it does not run. With a message, output nodes report it as an error."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message


class DynamicPrompt:
    """The prompt that runs, by node id."""

    def __init__(self, original_prompt: Mapping[str, Any]) -> None:
        self.original_prompt = original_prompt

    def get_node(self, node_id: str) -> Any:
        """The entry of a node. Raises KeyError."""
        return self.original_prompt[node_id]

    def has_node(self, node_id: str) -> bool:
        """Whether there is a node of that id."""
        return node_id in self.original_prompt

    def all_node_ids(self) -> set[str]:
        """Every id."""
        return set(self.original_prompt)

    def get_original_prompt(self) -> Mapping[str, Any]:
        """The whole prompt."""
        return self.original_prompt

    def get_display_node_id(self, node_id: str) -> str:
        """The node of the file that a node belongs to."""
        return node_id.partition(".")[0]

    get_real_node_id = get_parent_node_id = get_display_node_id
