"""A node's answer "run this subgraph, its outputs are mine", as calls of the run that it stands in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wftools.errors import LimitError, RunError
from wftools.graph.model import Linked, Node, NodePath, as_given
from wftools.runtime.plan.call import Call, Upstream, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wftools.catalog.declare import Declared
    from wftools.catalog.signature import Output
    from wftools.runtime.calls.invoke import Items, Promised
    from wftools.values import Expand

# A loop is a node that expands into itself once more. ComfyUI's own loops stay far below; one without an end must stop.
MAX_DEPTH: Final = 1_000
MAX_NODES: Final = 100_000  # that expansions add to one run


def expansion(
    owner: Call, number: int, answer: Expand, nodes: Mapping[str, Declared], existing: Mapping[NodePath, Declared]
) -> tuple[tuple[Call, ...], Promised]:
    """The calls of a subgraph that call `number` of a node answered with, and what the node's outputs will be.

    Node 3 of the subgraph becomes `12.0.3`, if it is the first call of node 12. A link to an id that is not in it leads
    to a node of the surrounding graph. Raises RunError if it cannot run.
    """
    prefix = f"{owner.path}.{number}."
    renamed = {str(local): NodePath(prefix + str(local)) for local in answer.prompt}
    entries = {renamed[str(local)]: entry for local, entry in answer.prompt.items()}
    types: dict[NodePath, Declared] = {}
    for path, entry in entries.items():
        node_type = entry.get("class_type") if isinstance(entry, dict) else None
        if not isinstance(node_type, str) or node_type not in nodes:
            raise RunError(f"expands to node {path} of the type {node_type!r}, which is not known")
        types[path] = nodes[node_type]

    def outputs_of(path: NodePath) -> tuple[Output, ...] | None:
        declared = types.get(path) or existing.get(path)
        return declared.signature.outputs if declared is not None else None

    calls = []
    for path, entry in entries.items():
        given = {name: as_given(value, "") for name, value in (entry.get("inputs") or {}).items()}
        for name, each in given.items():
            if isinstance(each, Linked):
                given[name] = replace(each, source=renamed.get(each.source, each.source))
        node = Node(path, types[path].type, given, "", owner.node.title, types[path].signature)
        call, problems = resolve(node, types[path], outputs_of)
        for problem in problems:
            raise RunError(f"expands to node {node}, and {problem.message}", hint=problem.hint)
        calls.append(call)
    return tuple(calls), tuple(_outputs(owner, answer, renamed, outputs_of))


def check_limits(depth: int, added: int) -> None:
    """Raise LimitError for an expansion that is too deep, or one node too many."""
    if depth > MAX_DEPTH:
        raise LimitError(f"expands into itself more than {MAX_DEPTH:,} times", hint="the loop has no end")
    if added > MAX_NODES:
        raise LimitError(f"the workflow's nodes have expanded to more than {MAX_NODES:,}", hint="a loop has no end")


def _outputs(
    owner: Call,
    answer: Expand,
    renamed: Mapping[str, NodePath],
    outputs_of: Callable[[NodePath], tuple[Output, ...] | None],
) -> Iterator[Upstream | Items]:
    declared = owner.signature.outputs
    if len(answer.outputs) != len(declared):
        raise RunError(f"the node declares {len(declared)} outputs and expands to {len(answer.outputs)}")
    for output, value in zip(declared, answer.outputs, strict=True):
        link = as_given(value, "")
        if not isinstance(link, Linked):
            yield tuple(value) if output.is_list and isinstance(value, list | tuple) else (value,)
            continue
        path = renamed.get(link.source, link.source)
        if not 0 <= link.slot < len(outputs_of(path) or ()):
            raise RunError(f"expands to output {link.slot} of node {path}, which does not exist")
        yield Upstream(path, link.slot)
