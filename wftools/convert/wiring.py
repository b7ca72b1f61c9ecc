"""What is linked to what in the scopes of a prompt: where a link crosses a border there is an input or an output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.convert.members import local_id
from wftools.convert.scope import INPUTS, NOTHING, Content, Endpoint, Id, Input, Scope, Source, subgraphs, unused
from wftools.graph.model import Linked, NodePath

if TYPE_CHECKING:
    from wftools.graph.model import Node, View

MAX_OUTPUTS: Final = 1000  # of a node; a link from further down comes from nowhere


class Disagreement(Exception):  # noqa: N818  (an answer, not an error)
    """Instances of one definition are wired differently inside; `hosts` are those in the root that stand out."""

    def __init__(self, uses: list[str]) -> None:
        super().__init__(uses)
        self.hosts: set[Id] = {int(use.partition(":")[0]) for use in uses}


def connect(view: View, root: Scope) -> None:
    """Find what feeds each input, from the innermost scopes outwards. Raises Disagreement."""
    for scope in (*subgraphs(root), root):
        for id_ in scope.members:
            for name, contents in _given(view, scope, id_).items():
                _feed(scope, id_, name, contents)


def _given(view: View, scope: Scope, id_: Id) -> dict[str, tuple[Content, ...]]:
    """What the inputs of a member are given, for each use of the scope."""
    if id_ in scope.leaves:
        nodes = scope.leaves[id_]
        names = dict.fromkeys(name for node in nodes for name in node.given)
        return {name: tuple(_content(view, node, name) for node in nodes) for name in names}
    inside = scope.hosts[id_]
    places = [inside.uses.index(f"{use}{id_}:") for use in scope.uses]
    return {each.name: tuple(each.contents[place] for place in places) for each in inside.inputs}


def _content(view: View, node: Node, name: str) -> Content:
    given = node.given.get(name)
    if given is None:
        return NOTHING
    if not isinstance(given, Linked):
        return given.value
    exists = given.source in view.nodes and 0 <= given.slot < MAX_OUTPUTS
    return Source(given.source, given.slot) if exists else NOTHING


def _feed(scope: Scope, id_: Id, name: str, contents: tuple[Content, ...]) -> None:
    """Connect one input of a member: to another member, to its value, or to an input of the scope."""
    inner = [_inside(use, content) for use, content in zip(scope.uses, contents, strict=True)]
    first = inner[0]
    others = [
        use for use, each in zip(scope.uses, inner, strict=True) if type(each) is not type(first) or each != first
    ]
    if not others and isinstance(first, _Inner):
        scope.wires[id_][name] = _endpoint(scope, first.path, first.slot)
    elif any(isinstance(each, _Inner) for each in inner):
        raise Disagreement(others)
    elif others or isinstance(first, Source):
        scope.wires[id_][name] = Endpoint(INPUTS, _input(scope, id_, name, contents))
        literals = [each for each in contents if each is not NOTHING and not isinstance(each, Source)]
        if literals:
            scope.values[id_][name] = literals[0]  # what the widget shows inside
    elif first is not NOTHING:
        scope.values[id_][name] = first


def _endpoint(scope: Scope, path: NodePath, slot: int) -> Endpoint:
    """The output of a member from which a node inside a scope can be reached."""
    id_ = local_id(path)
    if id_ in scope.leaves:
        return Endpoint(id_, slot)
    host, _, rest = path.partition(":")
    inside = scope.hosts[int(host)]
    return Endpoint(int(host), inside.output(_endpoint(inside, NodePath(rest), slot)))


@dataclass(frozen=True, slots=True)
class _Inner:
    """A source in the scope itself: its id from there on."""

    path: NodePath
    slot: int


def _inside(use: str, content: Content) -> Content:
    if isinstance(content, Source) and content.path.startswith(use):
        return _Inner(NodePath(content.path[len(use) :]), content.slot)
    return content


def _input(scope: Scope, id_: Id, name: str, contents: tuple[Content, ...]) -> int:
    """The number of the scope's input for these contents; a link that leads to several members comes in once."""
    is_linked = all(isinstance(content, Source) for content in contents)
    for index, known in enumerate(scope.inputs):
        if is_linked and known.contents == contents:
            return index
    own = unused(name.rpartition(".")[2], {each.name for each in scope.inputs})
    scope.inputs.append(Input(own, (id_, name), contents))
    return len(scope.inputs) - 1
