"""A workflow that is being rebuilt from a prompt: subgraphs, their members, and what feeds each input."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from wftools.graph.model import NodePath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph.model import Node

Id = int | str  # a number where the id is one
INPUT_NODE: Final = -10  # stands for the inputs of a subgraph in its links
OUTPUT_NODE: Final = -20  # and for its outputs


class _Nothing(Enum):
    NOTHING = "nothing"


NOTHING: Final = _Nothing.NOTHING  # null is a literal


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a link of the prompt starts: a node, and which of its outputs."""

    path: NodePath
    slot: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a link inside a subgraph starts: an output of a member, or with INPUT_NODE an input of the subgraph."""

    id: Id
    slot: int


Content = Any  # what an input is given: a literal, an Origin, or NOTHING


@dataclass(frozen=True, slots=True)
class SubgraphInput:
    """An input of a subgraph."""

    name: str
    target: tuple[Id, str]  # the first member and input that it feeds
    contents: tuple[Content, ...]  # what it is given, for each use of the subgraph


class Names:
    """Names that are told apart as the editor does it: the second `image` is `image_1`."""

    def __init__(self, separator: str = "_") -> None:
        self._separator = separator
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def unused(self, name: str) -> str:
        """The name, with a number behind it if it is taken; it is taken from now on."""
        own = name
        while own in self._taken:
            self._last[name] = self._last.get(name, 0) + 1
            own = f"{name}{self._separator}{self._last[name]}"
        self._taken.add(own)
        return own


@dataclass(eq=False)
class Subgraph:
    """The inside of a subgraph, which may be used several times; the root is one that is used once."""

    uses: dict[
        str, int
    ]  # how the ids of its nodes begin in each use, such as "57:11:", and its number; "" for the root
    leaves: dict[Id, list[Node]] = field(default_factory=dict)  # nodes of the prompt, one for each use
    hosts: dict[Id, Subgraph] = field(default_factory=dict)  # instances of subgraphs
    # What feeds the inputs of a member by their names, and their literals.
    wires: defaultdict[Id, dict[str, Endpoint]] = field(default_factory=lambda: defaultdict(dict))
    values: defaultdict[Id, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    inputs: list[SubgraphInput] = field(default_factory=list)
    outputs: list[Endpoint] = field(default_factory=list)  # what each leads out
    _names: Names = field(default_factory=Names)
    _named: dict[str, SubgraphInput] = field(default_factory=dict)
    _leading_out: dict[Endpoint, int] = field(default_factory=dict)

    @property
    def first_use(self) -> str:
        """How the ids of its nodes begin in the first use, after which it is named."""
        return next(iter(self.uses))

    @property
    def members(self) -> Iterator[Id]:
        """The ids of the nodes and instances."""
        yield from self.leaves
        yield from self.hosts

    @cached_property
    def used(self) -> dict[Id, int]:
        """How many outputs of each member are used, at least; ask once everything is connected."""
        used: dict[Id, int] = {}
        for endpoint in (*(each for wires in self.wires.values() for each in wires.values()), *self.outputs):
            used[endpoint.id] = max(used.get(endpoint.id, 0), endpoint.slot + 1)
        return used

    def input(self, name: str) -> SubgraphInput:
        """The input of that name, which must exist."""
        return self._named[name]

    def add_input(self, target: tuple[Id, str], contents: tuple[Content, ...]) -> Endpoint:
        """A new input, named after the one that it feeds."""
        name = self._names.unused(target[1].rpartition(".")[2])
        self._named[name] = SubgraphInput(name, target, contents)
        self.inputs.append(self._named[name])
        return Endpoint(INPUT_NODE, len(self.inputs) - 1)

    def lead_out(self, endpoint: Endpoint) -> int:
        """The number of the output that leads out what a member gives."""
        if endpoint not in self._leading_out:
            self._leading_out[endpoint] = len(self.outputs)
            self.outputs.append(endpoint)
        return self._leading_out[endpoint]

    def origin(self, use: str, endpoint: Endpoint) -> Origin:
        """The output in the prompt of what a member gives, in one use."""
        if endpoint.id not in self.hosts:
            return Origin(NodePath(f"{use}{endpoint.id}"), endpoint.slot)
        inside = self.hosts[endpoint.id]
        return inside.origin(f"{use}{endpoint.id}:", inside.outputs[endpoint.slot])


def below(subgraph: Subgraph) -> list[Subgraph]:
    """All subgraphs inside another one, each once, inner ones before those that they stand in."""
    found: dict[Subgraph, None] = {}

    def visit(here: Subgraph) -> None:
        for inside in here.hosts.values():
            if inside not in found:
                visit(inside)
                found[inside] = None

    visit(subgraph)
    return list(found)
