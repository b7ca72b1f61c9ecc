"""API prompt -> UI workflow: a file for the editor, from which it makes the same prompt again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wftools.convert.to_api import to_api
from wftools.convert.to_ui.forms import promote
from wftools.convert.to_ui.nodes import Blocks
from wftools.convert.to_ui.signatures import Signatures
from wftools.convert.to_ui.subgraphs import fold
from wftools.convert.to_ui.written import saved
from wftools.document import Document, SourceText
from wftools.errors import shown
from wftools.graph import build
from wftools.graph.model import Linked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.convert.to_ui.rebuilt import Scope
    from wftools.graph import Node, View, WorkflowGraph

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
    """The UI workflow of an API prompt; a UI workflow is given back as it is.

    Ids as `57:3` become subgraphs again where that keeps them. What the prompt does not say is decided so that it stays
    the same prompt: seeds are fixed, texts that the editor would change are escaped.
    """
    if graph.document.form == "ui":
        return Rebuilt(graph.document.tree)
    signatures = Signatures(graph.catalogue)
    view = signatures.in_order(graph.flat)
    root = fold(view)
    promote(root, signatures)
    workflow = saved(graph.document.tree, root, Blocks(view, signatures))
    warnings = (*_about_types(view, signatures), *_about_ids(root), *_about_inputs(graph, workflow))
    return Rebuilt(workflow, warnings)


def _about_types(view: View, signatures: Signatures) -> Iterator[str]:
    nodes = view.nodes.values()
    unknown = {node.type for node in nodes if node.type and not signatures.is_known(node)}
    if unknown:
        yield f"the editor will only know these node types if they are installed: {', '.join(sorted(unknown))}"


def _about_ids(root: Scope) -> Iterator[str]:
    owners = {id_.partition(":")[0] for id_ in root.leaves if isinstance(id_, str) and ":" in id_}
    if owners:
        yield (
            "the editor would renumber the nodes of these subgraphs, so they stand outside, under their whole ids: "
            f"{', '.join(sorted(owners))}"
        )


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
            if name not in _LEFTOVERS:
                yield f"node {node}: {name!r} is left out; the node type has no widget of that name"
        elif inputs[name] != given.value:
            yield f"node {node}: {name!r} becomes {shown(inputs[name])} instead of {shown(given.value)}"
