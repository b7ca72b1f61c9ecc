"""Which signature a node of a prompt has, of those that are known of its type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftools.catalog.expand import expand
from wftools.catalog.packs import editor_names
from wftools.graph.model import View, sort_key
from wftools.graph.widget_values import bind_named

if TYPE_CHECKING:
    from collections.abc import Collection

    from wftools.catalog.lookup import Catalogue
    from wftools.catalog.signature import NodeSignature
    from wftools.graph.model import Node


class Signatures:
    """The signatures of the nodes of one prompt."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._known: dict[Node, NodeSignature | None] = {}

    def of(self, node: Node) -> NodeSignature | None:
        """The newest signature that a node fits: it has all inputs that the prompt gives, and no other widgets.

        If there is none, the one that comes nearest. None for a type that is unknown or known from hearsay only: then
        the order of the prompt, which is that of the editor's widgets, says more.
        """
        if node not in self._known:
            variants = [each for each in self._catalogue.variants(node.type) if not each.approximate]
            self._known[node] = min(variants, key=lambda variant: _misfit(variant, node), default=None)
        return self._known[node]

    def is_known(self, node: Node) -> bool:
        """Whether anything is known of the node's type."""
        return bool(self._catalogue.variants(node.type))

    def title(self, node_type: str) -> str:
        """What the editor calls a node that has no title of its own."""
        signature = self._catalogue.signature(node_type)
        name = signature.display_name if signature is not None else node_type
        return editor_names().get(name, name)

    def in_order(self, view: View) -> View:
        """The nodes of a prompt by id, and their inputs as declared: JSON objects have no order that means anything."""
        nodes = {path: view.nodes[path] for path in sorted(view.nodes, key=sort_key)}
        return View({path: self._ordered(node) for path, node in nodes.items()})

    def _ordered(self, node: Node) -> Node:
        signature = self.of(node)
        if signature is None:
            return node
        declared, widgets = _names(signature, node)
        names = dict.fromkeys(name for name in (*declared, *widgets) if name in node.given)
        others = sorted(name for name in node.given if name not in names)
        ordered = replace(node, given={name: node.given[name] for name in (*names, *others)})
        self._known[ordered] = signature
        return ordered


def _misfit(signature: NodeSignature, node: Node) -> tuple[int, int]:
    """How many inputs of the prompt are not declared, and how many declared widgets the prompt says nothing of."""
    declared, widgets = _names(signature, node)
    foreign = sum(name not in declared and name not in widgets for name in node.given)
    return foreign, sum(name not in node.given for name in widgets)


def _names(signature: NodeSignature, node: Node) -> tuple[Collection[str], Collection[str]]:
    """The names of the inputs that a node has by a signature, and of its widgets, which may be more."""
    return expand(signature, node.values).keys(), bind_named(signature, node.values).widgets.keys()
