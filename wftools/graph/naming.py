"""How people name a node and an input of it, and what they want there: NODE.INPUT=VALUE.

A node is named by its id (`3`, or `57:3` inside a subgraph instance), or by a title or type that only one node has.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.errors import InputError, listed
from wftools.graph.model import Node, NodePath

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_NAMED: Final = 20  # nodes or inputs in a hint


@dataclass(frozen=True, slots=True)
class Setting:
    """One value for one input."""

    target: str  # "3.seed", "57:3.steps", "KSampler.cfg"
    value: Any
    text: str  # the value as it was typed

    def __str__(self) -> str:
        return self.target


def setting(text: str) -> Setting:
    """Parse `NODE.INPUT=VALUE`. VALUE is JSON if it can be read as JSON, else a text. Raises InputError."""
    target, equals, value = text.partition("=")
    if not equals or "." not in target.strip("."):
        raise InputError(f"{text!r} is not of the form NODE.INPUT=VALUE", hint="such as 3.seed=5")
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        parsed = value
    return Setting(target, parsed, value)


def find_input(wanted: Setting, *nodes: Mapping[NodePath, Node]) -> tuple[Node, str]:
    """The node and the input that a setting names. Both names may hold dots: the first split that fits counts.

    A node is looked for among the first nodes, then among the next. Raises InputError, with what comes near, for a node
    or an input that is not there.
    """
    parts = wanted.target.split(".")
    for index in range(1, len(parts)):
        name, input_name = ".".join(parts[:index]), ".".join(parts[index:])
        found = _called(name, nodes)
        if found:
            node = _only(found, name, wanted.target)
            known = _inputs(node)
            if input_name not in known:
                hint = _near(input_name, sorted(known), "inputs")
                raise InputError(f"{wanted}: node {node} has no input {input_name!r}", hint=hint)
            return node, input_name
    raise _unknown(parts[0], nodes, wanted.target)


def find_node(name: str, nodes: Mapping[NodePath, Node]) -> Node:
    """The node of that id, title or type. Raises InputError, with what comes near, if there is not exactly one."""
    found = _called(name, (nodes,))
    if not found:
        raise _unknown(name, (nodes,), name)
    return _only(found, name, name)


def _called(name: str, among: Iterable[Mapping[NodePath, Node]]) -> list[Node]:
    for nodes in among:
        if name in nodes:
            return [nodes[NodePath(name)]]
        titled = [node for node in nodes.values() if node.title == name]
        found = titled or [node for node in nodes.values() if node.type == name]
        if found:
            return found
    return []


def _only(found: list[Node], name: str, wanted: str) -> Node:
    if len(found) > 1:
        ids = listed([node.path for node in found], MAX_NAMED)
        raise InputError(f"{wanted}: {len(found)} nodes are called {name!r}: {ids}", hint="name one by its id")
    return found[0]


def _unknown(name: str, among: Iterable[Mapping[NodePath, Node]], wanted: str) -> InputError:
    nodes = [node for each in among for node in each.values()]
    titles = [node.title for node in nodes if node.title]
    known = [*(node.path for node in nodes), *titles, *(node.type for node in nodes)]
    return InputError(f"{wanted}: there is no node {name!r}", hint=_near(name, known, "nodes"))


def _inputs(node: Node) -> set[str]:
    """The inputs that a node has, or would have with other values."""
    known = {*node.given, *node.lost}
    if node.signature is not None:
        known |= expand(node.signature, node.values).keys()
        known |= {each.name for each in node.signature.inputs}
    return known


def _near(name: str, known: Iterable[str], what: str) -> str:
    known = list(dict.fromkeys(known))
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"its {what}: {', '.join(known[:MAX_NAMED])}" if known else f"it has no {what}"
