"""What a run will do: the node calls that the outputs need, in order, and what keeps the rest from running.

A plan is an upper bound. Lazy inputs may turn out not to be needed, results may be taken from the cache, and a node may
answer with a subgraph of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from wftools.errors import Place
from wftools.graph.traverse import knots
from wftools.runtime.plan.call import resolve
from wftools.runtime.plan.files import files_read, unwritable
from wftools.runtime.plan.lint import lint_problems
from wftools.runtime.telling.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from wftools.catalog.declare import Declared
    from wftools.document import Document
    from wftools.folders import Folders
    from wftools.graph import Node, NodePath, WorkflowGraph
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
    return _Planner(graph, view, nodes, folders).plan()


class _Planner:
    def __init__(self, graph: WorkflowGraph, view: View, nodes: Mapping[str, Declared], folders: Folders) -> None:
        self._graph = graph
        self._view = view
        self._nodes = nodes
        self._folders = folders

    def plan(self) -> Plan:
        outputs = [node.path for node in self._view.nodes.values() if self._is_output(node)]
        order = self._needed_by(outputs)
        fatal = list(self._missing_types(order))
        if not outputs and not fatal:
            fatal = [self._no_output()]
        if fatal:
            return Plan({}, tuple(fatal), {})
        calls, reads, problems = self._resolved(order)
        broken = self._dependants({problem.node for problem in problems if problem.node is not None}, order)
        kept = self._needed_by([path for path in outputs if path not in broken])
        return Plan(
            {path: calls[path] for path in kept}, tuple(map(self._placed, problems)), {p: reads[p] for p in kept}
        )

    def _is_output(self, node: Node) -> bool:
        signature = node.signature or self._graph.catalogue.signature(node.type)  # hearsay is enough to name the type
        return signature is not None and signature.output_node

    def _sources(self, path: NodePath) -> list[NodePath]:
        """The nodes that a node is linked to, each once, in the order of its inputs."""
        sources = (link.source for _, link in self._view.nodes[path].links)
        return list(dict.fromkeys(source for source in sources if source in self._view.nodes))

    def _needed_by(self, outputs: Iterable[NodePath]) -> list[NodePath]:
        """The nodes that some outputs need, sources first: what the first output needs, then the next.

        So a value is used soon after it was made. Without recursion: chains may be longer than Python's stack.
        """
        order: dict[NodePath, None] = {}
        entered: set[NodePath] = set()
        stack = [(path, False) for path in reversed(list(outputs))]
        while stack:
            path, is_left = stack.pop()
            if is_left:
                order[path] = None
            elif path not in entered:
                entered.add(path)
                stack.append((path, True))
                stack += ((source, False) for source in reversed(self._sources(path)))
        return list(order)

    def _missing_types(self, needed: Iterable[NodePath]) -> Iterator[Problem]:
        """Types that are unknown, anywhere in the workflow, and types that are needed and not implemented."""
        known = self._graph.catalogue
        unknown: dict[str, list[NodePath]] = {}
        absent: dict[str, list[NodePath]] = {}
        for node in self._view.nodes.values():
            if node.type not in self._nodes and known.signature(node.type) is None:
                unknown.setdefault(node.type, []).append(node.path)
        for path in needed:
            node_type = self._view.nodes[path].type
            if node_type not in self._nodes and node_type not in unknown:
                absent.setdefault(node_type, []).append(path)
        if unknown:
            yield self._of_types(
                unknown, "not known", "custom nodes of ComfyUI do not run here; a plug-in of wftools may have them"
            )
        if absent:
            yield self._of_types(
                absent, "known, but not implemented in wftools yet", "mute or remove these nodes, or run it in ComfyUI"
            )

    def _of_types(self, types: Mapping[str, list[NodePath]], what: str, hint: str) -> Problem:
        named = ", ".join(
            f"{name or '(none)'} (node{'s' if len(paths) > 1 else ''} {', '.join(paths)})"
            for name, paths in sorted(types.items())
        )
        claim = f"these node types are {what}" if len(types) > 1 else f"this node type is {what}"
        return Problem(f"{claim}: {named}", self._file, hint)

    def _no_output(self) -> Problem:
        other = self._graph.document.companion
        hint = "add one, such as SaveImage"
        if other is not None:
            hint = f"the file holds another form of it: --from {'prompt' if other.form == 'api' else 'workflow'}"
        return Problem("no node of the workflow is an output", self._file, hint)

    @property
    def _file(self) -> Place:
        return Place(self._graph.document.source.name)

    def _resolved(
        self, order: list[NodePath]
    ) -> tuple[dict[NodePath, Call], dict[NodePath, tuple[Path, ...]], list[Problem]]:
        calls: dict[NodePath, Call] = {}
        reads: dict[NodePath, tuple[Path, ...]] = {}
        needed = set(order)
        found = lint_problems(self._graph.document, self._view, self._graph.catalogue)
        problems = [*(problem for problem in found if problem.node in needed), *self._cycles(order)]
        judged = {problem.node for problem in problems}
        for path in order:
            node = self._view.nodes[path]
            calls[path], wrong = resolve(node, self._nodes[node.type], self._count)
            reads[path], absent = files_read(calls[path], self._folders)
            if path not in judged:
                problems += [*wrong, *absent, *unwritable(calls[path], self._folders)]
        return calls, reads, problems

    def _count(self, path: NodePath) -> int | None:
        node = self._view.nodes.get(path)
        return len(self._nodes[node.type].signature.outputs) if node is not None else None

    def _cycles(self, order: Iterable[NodePath]) -> Iterator[Problem]:
        """One problem for all nodes that wait for each other, at one of them: the others need it."""
        wanted = set(order)
        for knot in knots({path: {*self._sources(path)} for path in self._view.nodes if path in wanted}):
            path = knot.cycle[0]
            node = self._view.nodes[path]
            place = Place(node=str(node), pointer=node.pointer)
            yield Problem(knot.described(self._view), place, "remove one of these links", path)

    def _dependants(self, paths: set[NodePath], order: Iterable[NodePath]) -> set[NodePath]:
        """These nodes and all that need one of them."""
        users: dict[NodePath, list[NodePath]] = {}
        for path in order:
            for source in self._sources(path):
                users.setdefault(source, []).append(path)
        found: set[NodePath] = set()
        stack = list(paths)
        while stack:
            path = stack.pop()
            if path not in found:
                found.add(path)
                stack += users.get(path, ())
        return found

    def _placed(self, problem: Problem) -> Problem:
        return problem.at(placed(problem.place, self._graph.document))


def placed(place: Place | None, document: Document) -> Place:
    """A place with the position of its JSON Pointer in the document."""
    if place is None or place.file is not None:
        return place or Place(document.source.name)
    if place.pointer is None:
        return replace(place, file=document.source.name)
    return document.place(place.pointer, place.node)
