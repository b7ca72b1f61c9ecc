"""A workflow that is being rebuilt from a prompt: scopes with their members, and what feeds each input of a member."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from wftools.graph.model import Node, NodePath

Id = int | str  # a number where the id is one
INPUTS: Final = -10  # stands for the inputs of a subgraph in its links
OUTPUTS: Final = -20  # and for its outputs


class _Nothing(Enum):
    NOTHING = "nothing"


NOTHING: Final = _Nothing.NOTHING  # null is a literal


@dataclass(frozen=True, slots=True)
class Source:
    """A link: the node of the prompt that it comes from, and its output."""

    path: NodePath
    slot: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An output of a member of a scope, or one of the scope's inputs: then the id is INPUTS."""

    id: Id
    slot: int


Content = Any  # what an input is given: a literal, a Source, or NOTHING


@dataclass(frozen=True, slots=True)
class Input:
    """An input of a subgraph."""

    name: str
    target: tuple[Id, str]  # the first member and input that it feeds
    contents: tuple[Content, ...]  # what it is given, for each use of the subgraph


@dataclass(eq=False)
class Scope:
    """A graph: the root, or the inside of a subgraph."""

    uses: list[str]  # how the ids of its nodes begin, in each use: "57:11:"; "" for the root
    leaves: dict[Id, list[Node]] = field(default_factory=dict)  # nodes of the prompt, one for each use
    hosts: dict[Id, Scope] = field(default_factory=dict)  # instances of subgraphs
    # What feeds the inputs of a member by their names, and their literals.
    wires: defaultdict[Id, dict[str, Endpoint]] = field(default_factory=lambda: defaultdict(dict))
    values: defaultdict[Id, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    inputs: list[Input] = field(default_factory=list)
    outputs: list[Endpoint] = field(default_factory=list)

    @cached_property
    def used(self) -> dict[Id, int]:
        """How many outputs of each member are used, at least; ask once everything is connected."""
        used: dict[Id, int] = {}
        for endpoint in (*(each for wires in self.wires.values() for each in wires.values()), *self.outputs):
            used[endpoint.id] = max(used.get(endpoint.id, 0), endpoint.slot + 1)
        return used

    @property
    def members(self) -> Iterator[Id]:
        """The ids of the nodes and instances."""
        yield from self.leaves
        yield from self.hosts

    def input(self, name: str) -> Input:
        """The input of that name, which must exist."""
        return next(each for each in self.inputs if each.name == name)

    def output(self, endpoint: Endpoint) -> int:
        """The number of the subgraph's output that leads out what a member gives."""
        if endpoint not in self.outputs:
            self.outputs.append(endpoint)
        return self.outputs.index(endpoint)


def subgraphs(scope: Scope) -> list[Scope]:
    """All subgraphs below a scope, each once, inner ones before those that they stand in."""
    found: list[Scope] = []

    def visit(here: Scope) -> None:
        for inner in here.hosts.values():
            if inner not in found:
                visit(inner)
                found.append(inner)

    visit(scope)
    return found


def unused(name: str, taken: Container[str]) -> str:
    """The name, with a number behind it if it is taken: as the editor does."""
    numbered = (f"{name}_{number}" for number in count(1))
    return name if name not in taken else next(each for each in numbered if each not in taken)
