"""What a run will do: the node calls that the outputs need, in order, and what keeps the rest from running.

A plan is an upper bound. Lazy inputs may turn out not to be needed, results may be taken from the cache, and a node may
answer with a subgraph of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from wftools.errors import Place
from wftools.graph.traverse import dependants, knots, needed_by
from wftools.runtime.plan.call import resolve
from wftools.runtime.plan.files import files_read, unwritable
from wftools.runtime.plan.lint import lint_problems
from wftools.runtime.telling.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from wftools.catalog.declare import Declared
    from wftools.catalog.lookup import Catalogue
    from wftools.catalog.signature import Output
    from wftools.document import Document
    from wftools.folders import Folders
    from wftools.graph import NodePath, WorkflowGraph
    from wftools.graph.model import View
    from wftools.runtime.plan.call import Call


@dataclass(frozen=True)
class Plan:
    """The calls of one workflow, each after those that it takes its inputs from."""

    calls: Mapping[NodePath, Call]
    problems: tuple[Problem, ...]  # of outputs that cannot run, and of what they need
    reads: Mapping[NodePath, tuple[Path, ...]]  # the files that nodes name

    @cached_property
    def outputs(self) -> tuple[NodePath, ...]:
        """The output nodes that will run; none if the workflow cannot run at all."""
        return tuple(path for path, call in self.calls.items() if call.signature.output_node)


def plan(graph: WorkflowGraph, view: View, nodes: Mapping[str, Declared], folders: Folders) -> Plan:
    """The plan of a flattened view. An output that something is wrong with is left out; `problems` says why.

    A node type that nobody knows makes the whole workflow unusable, as it does for the server.
    """
    known, file = graph.catalogue, Place(graph.document.source.name)
    outputs: list[NodePath] = []
    for node in view.nodes.values():
        signature = node.signature or known.signature(node.type)  # hearsay is enough to name the type
        if signature is not None and signature.output_node:
            outputs.append(node.path)
    sources = {  # the nodes that each is linked to, once, in the order of its inputs
        path: list(dict.fromkeys(link.source for _, link in node.links if link.source in view.nodes))
        for path, node in view.nodes.items()
    }
    order = needed_by(outputs, sources)

    fatal = list(_missing_types(view, order, nodes, known, file))
    if not outputs and not fatal:
        other = graph.document.companion
        hint = "add one, such as SaveImage"
        if other is not None:
            hint = f"the file holds another form of it: --from {'prompt' if other.form == 'api' else 'workflow'}"
        fatal = [Problem("no node of the workflow is an output", file, hint)]
    if fatal:
        return Plan({}, tuple(fatal), {})

    needed = set(order)
    problems = [found for found in lint_problems(graph.document, view, known) if found.node in needed]
    for knot in knots({path: sources[path] for path in view.nodes if path in needed}):
        node = view.nodes[knot.cycle[0]]  # one of those that wait for each other: the others need it
        place = Place(node=str(node), pointer=node.pointer)
        problems.append(Problem(knot.described(view), place, "remove one of these links", node.path))
    judged = {problem.node for problem in problems}
    calls: dict[NodePath, Call] = {}
    reads: dict[NodePath, tuple[Path, ...]] = {}

    def outputs_of(path: NodePath) -> tuple[Output, ...] | None:
        return nodes[view.nodes[path].type].signature.outputs if path in view.nodes else None

    for path in order:
        node = view.nodes[path]
        calls[path], wrong = resolve(node, nodes[node.type], outputs_of)
        reads[path], absent = files_read(calls[path], folders)
        if path not in judged:
            problems += [*wrong, *absent, *unwritable(calls[path], folders)]

    broken = dependants({problem.node for problem in problems if problem.node is not None}, sources)
    kept = needed_by([path for path in outputs if path not in broken], sources)
    placed = tuple(problem.at(in_document(problem.place, graph.document)) for problem in problems)
    return Plan({path: calls[path] for path in kept}, placed, {path: reads[path] for path in kept})


def _missing_types(
    view: View, needed: Iterable[NodePath], nodes: Mapping[str, Declared], known: Catalogue, file: Place
) -> Iterator[Problem]:
    """Types that are unknown, anywhere in the workflow, and types that are needed and not implemented."""
    unknown: dict[str, list[NodePath]] = {}
    of_packs: dict[str, list[NodePath]] = {}
    of_core: dict[str, list[NodePath]] = {}
    for node in view.nodes.values():
        if node.type not in nodes and known.signature(node.type) is None:
            unknown.setdefault(node.type, []).append(node.path)
    for path in needed:
        node_type = view.nodes[path].type
        if node_type not in nodes and node_type not in unknown:
            signature = known.signature(node_type)
            absent = of_core if signature is None or signature.pack is None else of_packs
            absent.setdefault(node_type, []).append(path)
    from_a_pack = "nodes that are not ComfyUI's own are run from their pack: --nodes FOLDER, if you trust its code"
    for types, what, hint in (
        (unknown, "not known", from_a_pack),
        (of_packs, "known, but not implemented in wftools yet", from_a_pack),
        (of_core, "known, but not implemented in wftools yet", "mute or remove these nodes, or run it in ComfyUI"),
    ):
        named = ", ".join(
            f"{name or '(none)'} (node{'s' if len(paths) > 1 else ''} {', '.join(paths)})"
            for name, paths in sorted(types.items())
        )
        if types:
            claim = "these node types are" if len(types) > 1 else "this node type is"
            yield Problem(f"{claim} {what}: {named}", file, hint)


def in_document(place: Place | None, document: Document) -> Place:
    """A place with the position of its JSON Pointer in the document."""
    if place is None or place.file is not None:
        return place or Place(document.source.name)
    if place.pointer is None:
        return replace(place, file=document.source.name)
    return document.place(place.pointer, place.node)
