"""What workflows need to run somewhere else: packs of nodes, a version of ComfyUI, models, and input files.

    from wftools.deps import needs_of

    needs = needs_of([("flow.json", graph)])
    needs.packs, needs.core, needs.models, needs.inputs

That is read off the files alone. `looking` says what of it is there, on this machine; `lock` writes both down, and says
later what is missing or differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftools.deps.files import inputs_in, models_in, named_in
from wftools.deps.merging import merged
from wftools.deps.needs import InputNeed, ModelNeed, Needs, PackNeed, Role, TypeNeed, Use
from wftools.deps.packs import node_packs
from wftools.deps.versions import core_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftools.graph import WorkflowGraph

__all__ = ["InputNeed", "ModelNeed", "Needs", "PackNeed", "Role", "TypeNeed", "Use", "needs_of"]


def needs_of(graphs: Iterable[tuple[str, WorkflowGraph]]) -> Needs:
    """What some workflows need together, each with the name of its file. What several need is there once."""
    return merged([_needs(file, graph) for file, graph in graphs])


def _needs(file: str, graph: WorkflowGraph) -> Needs:
    nodes = node_packs(file, graph)
    named = named_in(file, graph)
    return Needs((file,), core_of(nodes), nodes.packs, nodes.unknown, models_in(file, graph, named), inputs_in(named))
