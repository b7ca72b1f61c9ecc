"""A node as it will be called: what a workflow gives it, matched with what its function takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wftools.catalog.expand import expand
from wftools.catalog.literals import Unconvertible, convert, literal
from wftools.catalog.signature import (
    COMBO,
    DYNAMIC_COMBO,
    WILDCARD,
    Branches,
    Input,
    Matched,
    NodeSignature,
    OnceGiven,
    Output,
    Rows,
)
from wftools.catalog.sockets import types_in
from wftools.errors import Place, RunError, shown
from wftools.graph.model import Given, Linked, Node, NodePath
from wftools.runtime.telling.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wftools.catalog.declare import Declared

# Types of which a literal is a value; a type that is not of ComfyUI's core has a default where it has a widget.
_WITH_LITERALS: Final = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", COMBO, WILDCARD})

# What a file can spell.
_SPELLED: Final = (str, int, float, list, dict, type(None))

MAX_LISTED: Final = 20  # choices that a hint names


class Upstream(NamedTuple):
    """Where a link starts: an output of a node."""

    path: NodePath
    slot: int


@dataclass(frozen=True, eq=False)
class Call:
    """One node of a plan. Inputs are called by their names in the prompt, dotted for parts of dynamic inputs."""

    node: Node
    declared: Declared
    inputs: Mapping[str, Input]  # the declared ones, dynamic inputs spelled out
    literals: Mapping[str, Any]  # converted to the types of their inputs
    links: Mapping[str, Upstream]
    undeclared: frozenset[str] = frozenset()  # inputs that the signature does not have, and the function takes

    @property
    def path(self) -> NodePath:
        """The node's id."""
        return self.node.path

    @property
    def name(self) -> str:
        """Id and type, as messages say it: "57:3 (KSampler)"."""
        return str(self.node)

    @property
    def signature(self) -> NodeSignature:
        """What the node takes and gives."""
        return self.declared.signature

    @cached_property
    def strong(self) -> tuple[Upstream, ...]:
        """What has to be computed before the node is called the first time."""
        return tuple(source for name, source in self.links.items() if not self.is_lazy(name) and not self.is_raw(name))

    def is_lazy(self, name: str) -> bool:
        """Whether an input is computed only if the node asks for it."""
        return bool(self.inputs[name].options.get("lazy"))

    def is_raw(self, name: str) -> bool:
        """Whether the function takes the link itself, to use it in a subgraph of its own."""
        return bool(self.inputs[name].options.get("rawLink"))

    def nested(self, flat: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments by input name as the function takes them: one value for each top-level input.

        The rows of an autogrow input are a dict: `images.image0` is `images["image0"]`. A dynamic combo is a dict of
        its inputs, and its choice stands in it under its own name: `format` and `format.codec` are
        `{"format": "mp4", "codec": "h264"}`.
        """
        undeclared = {name: flat[name] for name in self.undeclared if name in flat}
        return {**_nested(self.signature.inputs, "", flat, self.literals), **undeclared}


def _nested(
    inputs: Iterable[Input], prefix: str, flat: Mapping[str, Any], literals: Mapping[str, Any]
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for each in inputs:
        name = prefix + each.name
        match each.dynamic:
            case Rows(names=names):
                made[each.name] = {row: flat[f"{name}.{row}"] for row in names if f"{name}.{row}" in flat}
            case Branches() | OnceGiven() if name in flat:
                inner = each.brings(literals.get(name, flat[name]))
                made[each.name] = {each.name: flat[name], **_nested(inner or (), f"{name}.", flat, literals)}
            case _ if name in flat:
                made[each.name] = flat[name]
    return made


def resolve(
    node: Node, declared: Declared, outputs: Callable[[NodePath], Sequence[Output] | None]
) -> tuple[Call, tuple[Problem, ...]]:
    """A node as a call, and what keeps it from being called. `outputs` tells a node's outputs, if it exists.

    Literals are converted as the server does. Undeclared literals are dropped; an undeclared link is a problem, since
    the server would pass it on to a function that does not take it.
    """
    resolver = _Resolver(node, declared, outputs)
    problems = tuple(resolver.problems())
    undeclared = frozenset(resolver.undeclared)
    return Call(node, declared, resolver.inputs, resolver.literals, resolver.links, undeclared), problems


class _Resolver:
    def __init__(self, node: Node, declared: Declared, outputs: Callable[[NodePath], Sequence[Output] | None]) -> None:
        self._node = node
        self._signature = declared.signature
        self._declared = declared
        self._outputs = outputs
        self.inputs = dict(expand(self._signature, node.values))
        self.undeclared = {
            name: taken
            for name, given in node.given.items()
            if name not in self.inputs
            and (taken := declared.undeclared(name, is_linked=isinstance(given, Linked))) is not None
        }
        self.inputs |= self.undeclared
        self.literals: dict[str, Any] = {}
        self.links: dict[str, Upstream] = {}

    def problems(self) -> Iterator[Problem]:
        """Sort what is given into literals and links, and tell what does not fit."""
        for name, given in self._node.given.items():
            declared = self.inputs.get(name)
            if isinstance(given, Linked) or isinstance(given.value, list):
                yield from self._link(name, given, declared)
            elif declared is not None:
                yield from self._literal(name, given, declared)
        for name, declared in self.inputs.items():
            if declared.required and name not in self._node.given:
                yield self._problem(f"its input {name!r} ({declared.type}) is not given", hint="connect it")
        yield from self._choices()
        kinds = {name: (self._outputs(source.path) or ())[source.slot].type for name, source in self.links.items()}
        refusal = self._declared.refusal(self.literals, kinds)
        if refusal is not None:
            yield self._problem(refusal)

    def _link(self, name: str, given: Given, declared: Input | None) -> Iterator[Problem]:
        if declared is None:
            yield self._problem(f"it has no input {name!r} to be linked to", given, "remove the link")
            return
        if not isinstance(given, Linked):
            yield self._problem(
                f"its input {name!r} is {shown(given.value)}, which is no link",
                given,
                'a link is ["node id", output slot]; write a list that is a value as {"__value__": [...]}',
            )
            return
        path, slot = given.source, given.slot
        outputs = self._outputs(path)
        count = len(outputs or ())
        if outputs is None:
            yield self._problem(f"its input {name!r} is linked to node {path}, which does not exist", given)
        elif not -count <= slot < count:
            yield self._problem(
                f"its input {name!r} is linked to output {slot} of node {path}, which has {count}", given
            )
        else:
            self.links[name] = Upstream(path, slot % count)  # the server counts negative slots from the end

    def _literal(self, name: str, given: Given, declared: Input) -> Iterator[Problem]:
        value = literal(given.value)
        if not isinstance(value, _SPELLED):  # what a node puts into a subgraph of its own
            self.literals[name] = value
            return
        matched = declared.dynamic if isinstance(declared.dynamic, Matched) else None
        kind = declared.type if matched is None else matched.allowed
        is_judged = name in self._declared.checks  # of what a browser records, a node can tell whether it is there
        has_widget = "default" in declared.options or declared.options.get("socketless") or is_judged
        if declared.dynamic is matched and not has_widget and types_in(kind).isdisjoint(_WITH_LITERALS):
            # Its values are objects, and no literal is one. The server passes it on to the function, which then fails.
            if value is not None or declared.required:  # None is as good as nothing
                yield self._problem(
                    f"its input {name!r} takes {kind}, which only a link can give, not {shown(value)}", given
                )
            return
        try:
            self.literals[name] = convert(declared.type, value)
        except Unconvertible:
            yield self._problem(f"its input {name!r} takes {declared.type}, not {shown(value)}", given)
            return
        if is_judged and (declared.choices is None or value in declared.choices):
            try:
                self._declared.checks[name](value)
            except RunError as error:
                yield self._problem(error.message, given, error.hint)

    def _choices(self) -> Iterator[Problem]:
        """The server accepts a dynamic combo without a choice, and then calls the node without the argument."""
        for declared in self._signature.required:
            if declared.type == DYNAMIC_COMBO and declared.name not in self.inputs:
                given = self._node.given.get(declared.name)
                choices = declared.choices or ()
                keys = ", ".join(map(repr, choices[:MAX_LISTED])) + (", ..." if len(choices) > MAX_LISTED else "")
                said = "is not given" if given is None else f"is {shown(given.value)}"
                yield self._problem(f"its input {declared.name!r} {said}", given, f"choose one of {keys}")

    def _problem(self, message: str, given: Given | None = None, hint: str | None = None) -> Problem:
        pointer = given.pointer if given is not None else self._node.pointer
        return Problem(message, Place(node=str(self._node), pointer=pointer), hint, self._node.path)
