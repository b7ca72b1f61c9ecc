"""Document -> WorkflowGraph."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from wftools.catalog.lookup import Catalogue, newest
from wftools.catalog.variant import Claimed, Misfit, misfit, settled, variant
from wftools.document.pointer import pointer
from wftools.graph.authored import Authored
from wftools.graph.authored.group_nodes import ungrouped
from wftools.graph.authored.scopes import scopes
from wftools.graph.broadcasts import made
from wftools.graph.flatten import flatten, unfolded
from wftools.graph.model import Given, Linked, Node, NodePath, View, as_given
from wftools.graph.widget_values import bind_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.catalog.signature import NodeSignature
    from wftools.document import Document
    from wftools.graph.broadcasts import Broadcasts


@dataclass(frozen=True)
class WorkflowGraph:
    """A workflow as a graph, in views of one document."""

    document: Document
    catalogue: Catalogue
    prefer_named: bool = False

    @cached_property
    def authored(self) -> Authored | None:
        """What the editor saved, subgraphs and virtual nodes included; None for an API prompt."""
        if self.document.form != "ui":
            return None
        groups = ungrouped(self.document.ui, self.catalogue)
        found = scopes(groups.workflow, groups.subgraphs)
        beside = self.document.companion
        prompt = beside.tree if beside is not None and beside.form == "api" else None
        return Authored(found, self.catalogue, prefer_named=self.prefer_named, former=groups.former, prompt=prompt)

    @cached_property
    def broadcasts(self) -> Broadcasts | None:
        """What the editor saved, with the links that some nodes make when it is queued; None for an API prompt."""
        return made(self.authored) if self.authored is not None else None

    @cached_property
    def flat(self) -> View:
        """What the server would be given; of an API prompt, the prompt itself."""
        if self.broadcasts is None:
            return _prompt(self.document.tree, self.catalogue)
        return flatten(self.broadcasts.authored)

    @cached_property
    def unfolded(self) -> View:
        """Every node at each place where it stands: `flat` with those that the server is not told of."""
        return unfolded(self.broadcasts.authored) if self.broadcasts is not None else self.flat


def build(document: Document, catalogue: Catalogue | None = None, *, prefer_named: bool = False) -> WorkflowGraph:
    """The graph of a document. Without a catalogue, its nodes are those of the newest version of ComfyUI.

    `prefer_named`: take the values of widgets from `widgets_values_named` where a file has them. The editor does not,
    although they survive a change of the declaration.
    """
    return WorkflowGraph(document, catalogue or newest(), prefer_named)


def _prompt(tree: dict[str, Any], catalogue: Catalogue) -> View:
    """The nodes of an API prompt; entries that are no nodes are left out."""
    nodes = {}
    for path, entry in tree.items():
        if not isinstance(entry, dict):
            continue
        inputs = entry.get("inputs")
        given = {
            name: as_given(value, pointer(path, "inputs", name))
            for name, value in (inputs.items() if isinstance(inputs, dict) else ())
        }
        kind, meta = entry.get("class_type"), entry.get("_meta")
        node_type = kind if isinstance(kind, str) else ""
        values = {name: each.value for name, each in given.items()}
        claimed = Claimed.by(meta)
        signature = variant(catalogue, node_type, partial(_misfit, values), claimed)
        if signature is not None:
            signature = settled(signature, partial(_is_linked, given))
        title = meta.get("title") if isinstance(meta, dict) else None
        title = title if isinstance(title, str) else None
        nodes[NodePath(path)] = Node(NodePath(path), node_type, given, pointer(path), title, signature, claimed=claimed)
    return View(nodes)


def _is_linked(given: Mapping[str, Given], name: str) -> bool:
    return isinstance(given.get(name), Linked)


def _misfit(values: Mapping[str, Any], signature: NodeSignature) -> Misfit:
    widgets = bind_named(signature, values).widgets
    lacking = sum(
        each.declared is not None and each.declared.required and name not in values for name, each in widgets.items()
    )
    return misfit(signature, values, widgets.keys(), places=lacking)
