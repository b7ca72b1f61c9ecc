"""What a prompt has in place of links that no file has: names, presets, broadcasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wftools.errors import listed, shown
from wftools.graph.authored.editor_types import Does

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph import WorkflowGraph
    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredNode
    from wftools.graph.broadcasts import Broadcasts, Made

_MAX_NAMED: Final = 5  # inputs in a message


def about_unseen_links(graph: WorkflowGraph) -> Iterator[str]:
    """One message for each node that feeds inputs in its own way, or would and does not."""
    if graph.broadcasts is None or graph.authored is None:
        return
    yield from _about_broadcasts(graph.broadcasts)
    inputs: dict[AuthoredNode, list[str]] = {}
    for path, node in graph.flat.nodes.items():
        for name, source in node.lost.items():
            if source is not None and not source.is_off:
                inputs.setdefault(source, []).append(f"{path}.{name}")
    for source, names in inputs.items():
        why = _why_open(graph.authored, source)
        if why is not None:
            yield f"node {source} {why}: {listed(names, _MAX_NAMED)}"


def _about_broadcasts(broadcasts: Broadcasts) -> Iterator[str]:
    by_node: dict[AuthoredNode, list[Made]] = {}
    for each in broadcasts.made:
        by_node.setdefault(each.node, []).append(each)
    for node, made in by_node.items():
        inputs = listed([str(each.receiver) for each in made], _MAX_NAMED)
        yield f"node {node} broadcasts, and its links are in the prompt: to {inputs}"
    for unclear in broadcasts.unclear:
        yield f"{unclear}, so it gets nothing"
    for _, refused in broadcasts.refused:
        yield (
            f"node {refused.node} broadcasts nothing, since its pattern {shown(refused.pattern)} is not searched for: "
            f"{refused.reason}"
        )


def _why_open(authored: Authored, source: AuthoredNode) -> str | None:
    """Why a node gives nothing to the inputs that are linked to it; None if it is just not connected."""
    editor_type = authored.editor_type(source)
    if editor_type is None:
        return None
    if editor_type.does is Does.GET:
        return f"gets {shown(authored.name(source, Does.GET))}, which nothing sets, and leaves inputs without a link"
    if editor_type.does is Does.CHOOSE:
        held = editor_type.held(source.ui)
        preset = f"the preset {shown(held.value)}" if held is not None else "a preset"
        return f"gives {preset}, whose text is in its user's browser and not in the file; what the inputs had is kept"
    return None
