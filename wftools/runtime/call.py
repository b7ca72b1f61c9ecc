"""A node as it will be called: what a workflow gives it, matched with what its function takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from wftools.catalog.signature import AUTOGROW, DYNAMIC_COMBO, DYNAMIC_SLOT, Input, NodeSignature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.catalog.declare import Declared
    from wftools.graph import Node, NodePath


class Source(NamedTuple):
    """Where a link starts: an output of a node."""

    path: NodePath
    slot: int


@dataclass(frozen=True, eq=False)
class Call:
    """One node of a plan. Inputs are called by their names in the prompt, dotted for parts of dynamic inputs."""

    node: Node
    declared: Declared
    inputs: Mapping[str, Input]  # the declared ones, dynamic inputs spelled out
    literals: Mapping[str, Any]  # converted to the types of their inputs
    links: Mapping[str, Source]

    @property
    def path(self) -> NodePath:
        """The node's id."""
        return self.node.path

    @property
    def name(self) -> str:
        """Id and type, as messages say it: "57:3 (KSampler)"."""
        return str(self.node)

    @property
    def signature(self) -> NodeSignature:
        """What the node takes and gives."""
        return self.declared.signature

    @cached_property
    def strong(self) -> tuple[Source, ...]:
        """What has to be computed before the node is called the first time."""
        return tuple(source for name, source in self.links.items() if not self.is_lazy(name) and not self.is_raw(name))

    def is_lazy(self, name: str) -> bool:
        """Whether an input is computed only if the node asks for it."""
        return bool(self.inputs[name].options.get("lazy"))

    def is_raw(self, name: str) -> bool:
        """Whether the function takes the link itself, to use it in a subgraph of its own."""
        return bool(self.inputs[name].options.get("rawLink"))

    def nested(self, flat: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments by input name as the function takes them: one value for each top-level input.

        The rows of an autogrow input are a dict: `images.image0` is `images["image0"]`. A dynamic combo is a dict of
        its inputs, and its choice stands in it under its own name: `format` and `format.codec` are
        `{"format": "mp4", "codec": "h264"}`.
        """
        top = {declared.name: declared for declared in self.signature.inputs}
        nested: dict[str, Any] = {name: {} for name, declared in top.items() if declared.type == AUTOGROW}
        for name, value in flat.items():
            if name in top and top[name].type not in (DYNAMIC_COMBO, DYNAMIC_SLOT):
                nested[name] = value  # a name may hold dots without being a part of anything
                continue
            *outer, last = self._way(name)
            into = nested
            for part in outer:
                into = into.setdefault(part, {})
            into[last] = value
        return nested

    def _way(self, name: str) -> list[str]:
        parts = name.split(".")
        return [*parts, parts[-1]] if self.inputs[name].type in (DYNAMIC_COMBO, DYNAMIC_SLOT) else parts
