"""API prompt -> UI workflow: a file for the editor, from which it makes the same prompt again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.convert.non_finite import without_non_finite
from wftools.convert.to_api import to_api
from wftools.convert.to_ui.forms import promote
from wftools.convert.to_ui.nodes import WrittenNodes
from wftools.convert.to_ui.subgraphs import fold
from wftools.convert.to_ui.written import written
from wftools.document import Document, SourceText
from wftools.document.ids import sort_key
from wftools.errors import foreseen, shown
from wftools.graph import build
from wftools.graph.model import Linked, View
from wftools.graph.widget_values import bind_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.graph import Node, NodePath, WorkflowGraph

# Widgets of older editors whose values went into prompts; no node looks at them.
_LEFTOVERS: Final = frozenset(
    {
        "upload",
        "choose file to upload",
        "audioUI",
        "preview",
        "video-preview",
        "videopreview",
    }
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A UI workflow, and in what the prompt that the editor makes of it differs from the one it was made from."""

    workflow: dict[str, Any]
    warnings: tuple[str, ...] = ()


def to_ui(graph: WorkflowGraph) -> Rebuilt:
    """The UI workflow of an API prompt; a UI workflow is given back as it is, but for what no JSON text can hold.

    Ids as `57:3` become subgraphs again where that keeps them. What the prompt does not say is decided so that it stays
    the same prompt: seeds are fixed, texts that the editor would change are escaped. Raises LimitError for links from
    more outputs than a workflow can have.
    """
    with foreseen(graph.document.source.name):
        return _rebuilt(graph)


def _rebuilt(graph: WorkflowGraph) -> Rebuilt:
    prompt, warnings = without_non_finite(graph.document.tree)
    if graph.document.form == "ui":
        return Rebuilt(prompt, warnings)
    if warnings:
        graph = build(replace(graph.document, tree=prompt), graph.catalogue)
    view = _in_order(graph.flat)
    root = fold(view)
    promote(root)
    workflow = written(prompt, root, WrittenNodes(view, graph.catalogue))
    unknown = {node.type for node in view.nodes.values() if node.type and not graph.catalogue.variants(node.type)}
    if unknown:
        names = ", ".join(sorted(unknown))
        warnings += (f"the editor will only know these node types if they are installed: {names}",)
    outside = {id_.partition(":")[0] for id_ in root.leaves if isinstance(id_, str) and ":" in id_}
    if outside:
        warnings += (
            "the editor would renumber the nodes of these subgraphs, so they stand outside, under their whole ids: "
            f"{', '.join(sorted(outside))}",
        )
    return Rebuilt(workflow, (*warnings, *_about_inputs(graph, workflow)))


def _in_order(view: View) -> View:
    """The nodes of a prompt by id, and their inputs as declared: JSON objects have no order that means anything."""
    nodes: dict[NodePath, Node] = {}
    for path in sorted(view.nodes, key=sort_key):
        node = nodes[path] = view.nodes[path]
        if node.signature is not None:
            declared = expand(node.signature, node.values)
            widgets = bind_named(node.signature, node.values).widgets
            names = dict.fromkeys(name for name in (*declared, *widgets) if name in node.given)
            others = sorted(name for name in node.given if name not in names)
            nodes[path] = replace(node, given={name: node.given[name] for name in (*names, *others)})
    return View(nodes)


def _about_inputs(graph: WorkflowGraph, workflow: dict[str, Any]) -> Iterator[str]:
    """In what the prompt that the editor will make is not the one that we started from."""
    rebuilt = Document("ui", workflow, SourceText(graph.document.source.name, ""), workflow)
    prompt = to_api(build(rebuilt, graph.catalogue)).prompt
    for path, node in graph.flat.nodes.items():
        if path in prompt:
            yield from _differences(graph, node, prompt[path]["inputs"])
        else:
            yield f"node {node} is not kept"


def _differences(graph: WorkflowGraph, node: Node, inputs: Mapping[str, Any]) -> Iterator[str]:
    for name, given in node.given.items():
        if isinstance(given, Linked) and given.source not in graph.flat.nodes:
            yield f"node {node}: {name!r} is linked to node {given.source}, which does not exist; the link is left out"
        elif name not in inputs:
            if isinstance(given, Linked):
                yield f"node {node}: the link of {name!r} to output {given.slot} of node {given.source} is left out"
            elif name not in _LEFTOVERS:
                yield f"node {node}: {name!r} is left out; the node type has no widget of that name"
        elif inputs[name] != given.value:
            yield f"node {node}: {name!r} becomes {shown(inputs[name])} instead of {shown(given.value)}"
