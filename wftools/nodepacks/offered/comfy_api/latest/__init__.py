"""The newer form of nodes: classes of `io.ComfyNode` with a schema, listed by an extension."""

from __future__ import annotations

from typing import Any

from wftools.nodepacks.offered.comfy_api.latest import _io, _ui

io = _io
ui = _ui


class ComfyExtension:
    """What an entry point gives: the nodes of a pack."""

    async def on_load(self) -> None:
        """Called once the pack is imported."""

    async def get_node_list(self) -> list[type[Any]]:
        """The node classes."""
        raise NotImplementedError("a pack's extension lists its nodes in get_node_list")


class _Anything:
    """Names that packs annotate their parameters with."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Any


Input = InputImpl = Types = _Anything()

__all__ = ["ComfyExtension", "Input", "InputImpl", "Types", "io", "ui"]
