"""The type of what a node of a prompt gives: declared, or decided by what is linked to its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.catalog.expand import expand
from wftools.catalog.signature import MATCH_TYPE, WILDCARD, Matched, Output
from wftools.graph.model import Linked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.convert.to_ui.rebuilt import Source
    from wftools.convert.to_ui.signatures import Signatures
    from wftools.graph.model import Node, NodePath, View


class Types:
    """The types of outputs in one prompt."""

    def __init__(self, view: View, signatures: Signatures) -> None:
        self._view = view
        self._signatures = signatures
        self._known: dict[tuple[NodePath, int], str] = {}

    def output(self, source: Source) -> str:
        """The type of an output; `*` where nothing decides it."""
        place = (source.path, source.slot)
        if place not in self._known:
            self._known[place] = self._found(*place)
        return self._known[place]

    def _found(self, path: NodePath, slot: int) -> str:
        """The declared type, or the first one upstream: what a switch gives is what it is given."""
        waiting = [(path, slot)]
        seen: set[tuple[NodePath, int]] = set()
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            node = self._view.nodes[place[0]]
            declared = self._declared(node, place[1])
            if declared is None or declared.type != MATCH_TYPE:
                return declared.type if declared is not None else WILDCARD
            waiting.extend(reversed(list(self._deciding(node, declared))))
        return WILDCARD

    def _declared(self, node: Node, slot: int) -> Output | None:
        signature = self._signatures.of(node)
        return signature.outputs[slot] if signature is not None and slot < len(signature.outputs) else None

    def _deciding(self, node: Node, output: Output) -> Iterator[tuple[NodePath, int]]:
        """What is linked to the inputs that share the type of an output."""
        signature = self._signatures.of(node)
        assert signature is not None
        for name, declared in expand(signature, node.values).items():
            link = node.given.get(name)
            is_alike = isinstance(declared.dynamic, Matched) and declared.dynamic.template == output.match
            if is_alike and isinstance(link, Linked) and link.source in self._view.nodes:
                yield link.source, link.slot
