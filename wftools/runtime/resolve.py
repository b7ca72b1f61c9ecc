"""A node of a view as a call, and what keeps it from being called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.catalog.literals import Unconvertible, convert, literal
from wftools.catalog.signature import DYNAMIC_COMBO, Input
from wftools.errors import Place, shown
from wftools.graph.model import Given, Node, NodePath, as_link
from wftools.runtime.call import Call, Source
from wftools.runtime.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftools.catalog.declare import Declared

MAX_LISTED: Final = 20  # choices that a hint names


def resolve(
    node: Node, declared: Declared, outputs: Callable[[NodePath], int | None]
) -> tuple[Call, tuple[Problem, ...]]:
    """A node as a call, and what keeps it from being called. `outputs` tells how many outputs a node has, if it exists.

    Literals are converted as the server does. Undeclared literals are dropped; an undeclared link is a problem, since
    the server would pass it on to a function that does not take it.
    """
    resolver = _Resolver(node, declared, outputs)
    problems = tuple(resolver.problems())
    return Call(node, declared, resolver.inputs, resolver.literals, resolver.links), problems


class _Resolver:
    def __init__(self, node: Node, declared: Declared, outputs: Callable[[NodePath], int | None]) -> None:
        self._node = node
        self._signature = declared.signature
        self._outputs = outputs
        self.inputs = expand(self._signature, {name: given.value for name, given in node.given.items()})
        self.literals: dict[str, Any] = {}
        self.links: dict[str, Source] = {}

    def problems(self) -> Iterator[Problem]:
        """Sort what is given into literals and links, and tell what does not fit."""
        for name, given in self._node.given.items():
            declared = self.inputs.get(name)
            if given.is_link:
                yield from self._link(name, given, declared)
            elif declared is not None:
                yield from self._literal(name, given, declared)
        for name, declared in self.inputs.items():
            if declared.required and name not in self._node.given:
                yield self._problem(f"its input {name!r} ({declared.type}) is not given", hint="connect it")
        yield from self._choices()

    def _link(self, name: str, given: Given, declared: Input | None) -> Iterator[Problem]:
        link = as_link(given.value)
        if declared is None:
            yield self._problem(f"it has no input {name!r} to be linked to", given, "remove the link")
            return
        if link is None:
            yield self._problem(
                f"its input {name!r} is {shown(given.value)}, which is no link",
                given,
                'a link is ["node id", output slot]; write a list that is a value as {"__value__": [...]}',
            )
            return
        path, slot = link
        count = self._outputs(path)
        if count is None:
            yield self._problem(f"its input {name!r} is linked to node {path}, which does not exist", given)
        elif not -count <= slot < count:
            yield self._problem(
                f"its input {name!r} is linked to output {slot} of node {path}, which has {count}", given
            )
        else:
            self.links[name] = Source(path, slot % count)  # the server counts negative slots from the end

    def _literal(self, name: str, given: Given, declared: Input) -> Iterator[Problem]:
        try:
            self.literals[name] = convert(declared.type, literal(given.value))
        except Unconvertible:
            yield self._problem(f"its input {name!r} takes {declared.type}, not {shown(literal(given.value))}", given)

    def _choices(self) -> Iterator[Problem]:
        """The server accepts a dynamic combo without a choice, and then calls the node without the argument."""
        for declared in self._signature.required:
            if declared.type == DYNAMIC_COMBO and declared.name not in self.inputs:
                given = self._node.given.get(declared.name)
                keys = _listed(tuple(option["key"] for option in declared.options.get("options") or ()))
                said = "is not given" if given is None else f"is {shown(given.value)}"
                yield self._problem(f"its input {declared.name!r} {said}", given, f"choose one of {keys}")

    def _problem(self, message: str, given: Given | None = None, hint: str | None = None) -> Problem:
        pointer = given.pointer if given is not None else self._node.pointer
        return Problem(message, Place(node=str(self._node), pointer=pointer), hint, self._node.path)


def _listed(choices: tuple[Any, ...]) -> str:
    more = ", ..." if len(choices) > MAX_LISTED else ""
    return ", ".join(map(repr, choices[:MAX_LISTED])) + more
