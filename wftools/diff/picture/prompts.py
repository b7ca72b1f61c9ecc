"""Two prompts in one layout: they have no places of their own, and what is the same has to stand in the same place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftools.diff.changes import NEW, ROOT, Subject
from wftools.document import Document, SourceText
from wftools.draw import drawing
from wftools.draw.marks import placed
from wftools.graph import build

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftools.diff.compare import Comparison
    from wftools.diff.picture.things import Things
    from wftools.draw.scene import Drawing
    from wftools.values import Json


def laid_out_together(comparison: Comparison, things: Things, old: Drawing, new: Drawing) -> tuple[Drawing, Drawing]:
    """The drawings of two prompts, both laid out as the prompt that has the nodes and the links of both."""
    before, after = comparison.old.document.tree, comparison.new.document.tree
    names = {node.id: _in_both(things, node.id) for node in old.root.nodes}
    tree = dict(after)
    for id_, name in names.items():
        links = _links(before[id_], names)
        if name not in after:
            tree[name] = _with(before[id_], links)
            continue
        # Former links count as well, so that what is gone stands between what it was linked to.
        now = _links(after[name], {})
        tree[name] = _with(after[name], {each + NEW: link for each, link in links.items() if now.get(each) != link})
    together = drawing(build(Document("api", tree, SourceText("", ""), tree), comparison.new.catalogue)).root
    corners = {node.id: (node.body.x, node.body.y) for node in together.nodes}
    former = {id_: corners[name] for id_, name in names.items()}
    return (
        replace(old, scenes={ROOT: placed(old.root, former, together.groups)}),
        replace(new, scenes={ROOT: placed(new.root, corners, together.groups)}),
    )


def _in_both(things: Things, id_: str) -> str:
    """What a node of the old prompt is called in the one of both. Its subgraph, `57:`, stays the same."""
    found = things.new(Subject(ROOT, "node", id_))
    return found.id if found is not None else id_ + NEW


def _links(node: Json, names: Mapping[str, str]) -> dict[str, Json]:
    """The links to inputs of a node of a prompt, to nodes by other names."""
    inputs = node.get("inputs") if isinstance(node, dict) else None
    found: dict[str, Json] = {}
    for name, value in inputs.items() if isinstance(inputs, dict) else ():
        match value:
            case [str(source), int(slot)]:
                found[name] = [names.get(source, source), slot]
    return found


def _with(node: Json, inputs: Mapping[str, Json]) -> Json:
    """A node of a prompt that is given more."""
    own = node.get("inputs") if isinstance(node, dict) else None
    return {**node, "inputs": {**own, **inputs}} if isinstance(node, dict) and isinstance(own, dict) else node
