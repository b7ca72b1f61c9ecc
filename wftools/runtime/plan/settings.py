"""--set NODE.INPUT=VALUE: other values for single inputs of a workflow."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from wftools.catalog.expand import expand
from wftools.catalog.literals import WRAPPED
from wftools.errors import InputError
from wftools.graph.model import Literal, Node, NodePath, View, as_given

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftools.catalog.declare import Declared


@dataclass(frozen=True, slots=True)
class Setting:
    """One value for one input. Nodes are named by id, or by a title or type that only one node has."""

    target: str  # "3.seed", "57:3.steps", "KSampler.cfg"
    value: Any

    def __str__(self) -> str:
        return f"--set {self.target}"


def setting(text: str) -> Setting:
    """Parse `NODE.INPUT=VALUE`. VALUE is JSON if it can be read as JSON, else a text. Raises InputError."""
    target, equals, value = text.partition("=")
    if not equals or "." not in target.strip("."):
        raise InputError(f"--set {text} is not of the form NODE.INPUT=VALUE", hint="such as --set 3.seed=5")
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        parsed = value
    return Setting(target, parsed)


def apply(settings: Iterable[Setting], view: View, nodes: Mapping[str, Declared]) -> View:
    """The view with other values, one setting after another. Raises InputError for an unknown node or input."""
    for each in settings:
        node, name = _find(each, view, nodes)
        old = node.given.get(name)
        given = as_given(each.value, old.pointer if old is not None else node.pointer)
        if isinstance(given, Literal) and isinstance(each.value, list):
            given = replace(given, value={WRAPPED: each.value})  # a list that is no link
        view = replace(view, nodes={**view.nodes, node.path: replace(node, given={**node.given, name: given})})
    return view


def _find(wanted: Setting, view: View, nodes: Mapping[str, Declared]) -> tuple[Node, str]:
    """The node and the input that a setting names. Both names may hold dots: the first split that fits counts."""
    parts = wanted.target.split(".")
    all_nodes = view.nodes.values()
    for index in range(1, len(parts)):
        name, input_name = ".".join(parts[:index]), ".".join(parts[index:])
        titled = [node for node in all_nodes if node.title == name]
        found = titled or [node for node in all_nodes if node.type == name]
        if name in view.nodes:
            found = [view.nodes[NodePath(name)]]
        if len(found) > 1:
            ids = ", ".join(node.path for node in found)
            raise InputError(f"{wanted}: {len(found)} nodes are called {name!r}: {ids}", hint="name one by its id")
        if found:
            known = _inputs(found[0], nodes)
            if input_name not in known:
                hint = _near(input_name, sorted(known), "inputs")
                raise InputError(f"{wanted}: node {found[0]} has no input {input_name!r}", hint=hint)
            return found[0], input_name
    titles = [node.title for node in all_nodes if node.title]
    hint = _near(parts[0], [*view.nodes, *titles, *(node.type for node in all_nodes)], "nodes")
    raise InputError(f"{wanted}: there is no node {parts[0]!r}", hint=hint)


def _inputs(node: Node, nodes: Mapping[str, Declared]) -> set[str]:
    """The inputs that a node has, or would have with other values."""
    known = set(node.given)
    declared = nodes.get(node.type)
    if declared is not None:
        known |= expand(declared.signature, node.values).keys()
        known |= {each.name for each in declared.signature.inputs}
    return known


def _near(name: str, known: Iterable[str], what: str) -> str:
    known = list(dict.fromkeys(known))
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else f"its {what}: {', '.join(known[:20])}"
