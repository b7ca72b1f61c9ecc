"""Graph -> Drawing: what stands where, and what it shows.

authored      a node of a UI workflow -> what it shows; `widgets` says how values are shown
prompt        a prompt -> its scene
arrange       where the parts of a node are
place         where nodes stand that have no place of their own
scope         a scope of a UI workflow -> its scene; `reroutes` are the points that its links are drawn through
"""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from wftools.draw.compose.prompt import prompt_scene
from wftools.draw.compose.scope import scope_scene
from wftools.draw.scene import ROOT, Drawing, Scene
from wftools.errors import LimitError
from wftools.graph.flatten.instances import Instances

if TYPE_CHECKING:
    from wftools.graph import WorkflowGraph

MAX_DRAWN: Final = 20_000  # nodes in all scenes; a browser has some elements for each


def drawing(graph: WorkflowGraph) -> Drawing:
    """The picture of a workflow: of the workflow itself, and of each of its subgraph definitions.

    Nodes stand where their file says. Prompts and nodes without a place are laid out. Raises LimitError for more nodes
    than MAX_DRAWN.
    """
    name = PurePath(graph.document.source.name).name
    authored = graph.authored
    count = len(graph.flat.nodes) if authored is None else sum(len(scope.nodes) for scope in authored.scopes)
    if count > MAX_DRAWN:
        raise LimitError(f"the workflow has {count:,} nodes; a picture can have {MAX_DRAWN:,}")
    if authored is None:
        return Drawing(name, {ROOT: prompt_scene(graph, name)})
    instances = Instances(authored)
    scenes: dict[str, Scene] = {}
    titles: Counter[str] = Counter()
    for scope in authored.scopes:
        key = scope.definition.id if scope.definition is not None else ROOT
        if key in scenes:
            continue  # of several definitions with one id, the first
        title = (scope.definition.name or key) if scope.definition is not None else name
        titles[title] += 1
        title = title if titles[title] == 1 else f"{title} ({titles[title]})"
        scenes[key] = scope_scene(authored, instances, scope, key, title)
    return Drawing(name, scenes)
