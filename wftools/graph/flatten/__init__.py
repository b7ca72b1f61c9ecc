"""The flattened view: what ComfyUI's server would be given for a UI workflow.

Subgraph instances are replaced by their insides, reroutes and bypassed nodes by what they pass on, nodes that get a
value by its name by what sets it, muted nodes by nothing, and primitive nodes give their value to the widgets that they
are linked to. This is what the editor does when a workflow is queued; the rules were observed in frontend 1.58.1, and
those of packs of custom nodes read in their browser code.

    the file                                             the view
    1 LoadImage ── 5 Reroute ── 57 an instance of:       1 LoadImage ── 57:3 ImageScale ── 9 SaveImage
                       in ── 3 ImageScale ── out
                                57 ── 9 SaveImage

`instances` tells which uses of a definition there are, and what each is given from outside; `links` follows a link back
to what feeds it, through reroutes, names, bypassed nodes and the borders of subgraphs.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from wftools.errors import LimitError
from wftools.graph.flatten.instances import Instances
from wftools.graph.flatten.links import Links, Nothing
from wftools.graph.model import MAX_GIVEN, MAX_NODES, Given, Linked, Literal, Node, NodePath, View

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredNode
    from wftools.graph.flatten.instances import Instance


def flatten(authored: Authored) -> View:
    """The flattened view of a UI workflow.

    Raises LimitError if it has more than MAX_NODES nodes, instances and virtual nodes included, or if they are given
    more than MAX_GIVEN values and links.
    """
    instances = Instances(authored)
    running = {
        instance.path(node): (instance, node)
        for instance, node in _counted(instances.walk())
        if not node.is_off and authored.editor_type(node) is None and authored.definition(node) is None
    }
    flattener = _Flattener(authored, instances, running.keys())
    return _filled({path: partial(flattener.node, path, *each) for path, each in running.items()})


def unfolded(authored: Authored) -> View:
    """Every node of every use of a UI workflow, also those that the server is not told of.

    Nodes that are muted or bypassed are given what they would be given if they ran. A subgraph instance has the name of
    its definition for a type, and the definition's inputs; one of the editor's own nodes has the value that it holds.
    Raises LimitError as `flatten` does.
    """
    instances = Instances(authored)
    found = {instance.path(node): (instance, node) for instance, node in _counted(instances.walk(whole=True))}
    flattener = _Flattener(authored, instances, found.keys())
    return _filled({path: partial(flattener.any_node, path, *each) for path, each in found.items()})


def _counted(walk: Iterator[tuple[Instance, AuthoredNode]]) -> Iterator[tuple[Instance, AuthoredNode]]:
    """The same nodes. Raises LimitError for more than MAX_NODES."""
    for count, each in enumerate(walk, 1):
        if count > MAX_NODES:
            raise LimitError(f"the workflow has more than {MAX_NODES:,} nodes once its subgraphs are spelled out")
        yield each


def _filled(makers: Mapping[NodePath, Callable[[], Node]]) -> View:
    """The view of nodes that are made one by one. Raises LimitError for more than MAX_GIVEN values and links."""
    nodes: dict[NodePath, Node] = {}
    given = 0
    for path, make in makers.items():
        nodes[path] = make()
        given += len(nodes[path].given)
        if given > MAX_GIVEN:
            raise LimitError(f"the workflow has more than {MAX_GIVEN:,} inputs once its subgraphs are spelled out")
    return View(nodes)


class _Flattener:
    def __init__(self, authored: Authored, instances: Instances, running: Container[NodePath]) -> None:
        self._authored = authored
        self._instances = instances
        self._links = Links(authored, instances)
        self._running = running

    def node(self, path: NodePath, instance: Instance, node: AuthoredNode) -> Node:
        """A node as the server would be given it."""
        return self._given(path, instance, node, dict(self._instances.values(instance, node)))

    def any_node(self, path: NodePath, instance: Instance, node: AuthoredNode) -> Node:
        """A node of any kind."""
        inside = self._instances.inside(instance, node)
        definition = inside.scope.definition if inside is not None else None
        if inside is not None and definition is not None:
            given = dict(self._instances.promoted(instance, node))
            for index, boundary in enumerate(inside.scope.inputs):
                value = self._instances.input_value(inside, index)
                if value is not None:
                    given[boundary.name] = value
            name = definition.name or node.type
            return replace(self._given(path, instance, node, dict(given)), type=name, title=node.ui.title or name)
        editor_type = self._authored.editor_type(node)
        held = editor_type.held(node.ui) if editor_type is not None else None
        if held is None:
            return self.node(path, instance, node)
        return self._given(path, instance, node, {held.name: Literal(held.value, node.pointer + held.pointer)})

    def _given(self, path: NodePath, instance: Instance, node: AuthoredNode, given: dict[str, Given]) -> Node:
        promoted = set(instance.shown.get(node.id, ()))
        lost: dict[str, AuthoredNode | None] = {}
        for slot in self._authored.slots(instance.scope, node):
            if slot.link is None:
                continue
            found = self._links.into(instance, slot)
            if isinstance(found, Nothing):
                lost[slot.name] = found.at
            elif not isinstance(found, Linked):
                given[slot.name] = found
                promoted.add(slot.name)
            elif found.source in self._running:
                pointer = slot.link.pointer if slot.link.is_broadcast else slot.pointer
                given[slot.name] = Linked(found.source, found.slot, pointer)
            else:  # the editor leaves out a link to a node that does not run, and then the value of the widget as well
                given.pop(slot.name, None)
                lost[slot.name] = None
        return Node(
            path,
            node.type,
            given,
            node.pointer,
            self._authored.title(node),
            self._authored.signature(node),
            node.ui,
            frozenset(promoted),
            lost,
            node.claimed,
            self._authored.binding(node).unnamed,
        )
