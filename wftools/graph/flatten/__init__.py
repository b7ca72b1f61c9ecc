"""The flattened view: what ComfyUI's server would be given for a UI workflow.

Subgraph instances are replaced by their insides, reroutes and bypassed nodes by what they pass on, muted nodes by
nothing, and primitive nodes give their value to the widgets that they are linked to. This is what the editor does when
a workflow is queued; the rules were observed in frontend 1.58.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.literals import WRAPPED
from wftools.document.pointer import pointer
from wftools.errors import LimitError
from wftools.graph.authored.scopes import (
    BYPASSED,
    INPUTS,
    MUTED,
    NOTES,
    OUTPUTS,
    PRIMITIVE,
    REROUTE,
    AuthoredNode,
    Scope,
)
from wftools.graph.authored.slots import Slot, passed_on
from wftools.graph.model import Given, Linked, Literal, Node, NodePath, View
from wftools.graph.widget_values import is_widget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftools.graph.authored import Authored

# A subgraph in a subgraph in a subgraph multiplies: a small file must not fill the memory.
MAX_NODES: Final = 100_000

_NO_EFFECT: Final = re.compile(r"\$\$|control_after_generate$")  # promoted previews and companions
_NESTED: Final = re.compile(r"^-?\w+: ")


Seen = frozenset[tuple["Instance", str, int]]  # the outputs that were passed on the way up


@dataclass(eq=False)
class Instance:
    """One use of a scope: the root, or a subgraph at one place."""

    scope: Scope
    prefix: str = ""  # of the paths of its nodes: "57:"
    parent: Instance | None = None
    host: AuthoredNode | None = None  # the node that this is the inside of
    inputs: dict[str, Literal] = field(default_factory=dict)  # values given to the definition's inputs
    widgets: dict[tuple[str, str], Literal] = field(default_factory=dict)  # (node id, widget) -> value from outside
    proxied: set[tuple[str, str]] = field(default_factory=set)  # the widgets that the host shows as its own

    def path(self, node: AuthoredNode) -> NodePath:
        """The path of a node of this instance."""
        return NodePath(self.prefix + node.execution_id)

    def is_inside(self, scope: Scope) -> bool:
        """Whether this is a use of that scope, or lies in one."""
        return self.scope is scope or (self.parent is not None and self.parent.is_inside(scope))


def flatten(authored: Authored) -> View:
    """The flattened view of a UI workflow. Raises LimitError if it has more than MAX_NODES nodes."""
    return _Flattener(authored).view()


class _Flattener:
    def __init__(self, authored: Authored) -> None:
        self._authored = authored
        self._root = Instance(authored.root)
        # Not in the instances: each knows what it lies in, and a circle would keep the file until it is collected.
        self._children: dict[tuple[Instance, str], Instance] = {}
        self._pushed: dict[Scope, dict[tuple[str, str], Literal]] = {}
        self._first_targets: dict[tuple[Scope, int], tuple[AuthoredNode, Slot] | None] = {}

    def view(self) -> View:
        nodes: dict[NodePath, Node] = {}
        for node in self._nodes(self._root):
            nodes[node.path] = node
            if len(nodes) > MAX_NODES:
                raise LimitError(f"the workflow has more than {MAX_NODES:,} nodes once its subgraphs are spelled out")
        dropped = tuple(_without_lost_links(nodes))
        return View(nodes, dropped)

    # Nodes

    def _nodes(self, instance: Instance) -> Iterator[Node]:
        for node in instance.scope.nodes:
            inside = self._authored.definition(node)
            is_off = node.mode in (MUTED, BYPASSED)
            if inside is not None:
                # The editor leaves out the inside of a muted instance in the root only.
                if not instance.is_inside(inside) and not (is_off and instance.parent is None):
                    yield from self._nodes(self._child(instance, node, inside))
            elif not is_off and node.type not in (REROUTE, PRIMITIVE) and node.type not in NOTES:
                yield self._node(instance, node)

    def _node(self, instance: Instance, node: AuthoredNode) -> Node:
        given: dict[str, Given] = dict(self._values(instance, node))
        promoted = {name for owner, name in instance.proxied if owner == node.id}
        for slot in self._authored.slots(instance.scope, node):
            found = self._fed(instance, slot, slot.type, frozenset())
            if isinstance(found, Linked):
                given[slot.name] = replace(found, pointer=slot.pointer)
            elif found is not None:
                given[slot.name] = found
                promoted.add(slot.name)
        return Node(
            instance.path(node),
            node.type,
            given,
            node.pointer,
            self._authored.title(node),
            self._authored.signature(node),
            node.ui,
            frozenset(promoted),
        )

    def _values(self, instance: Instance, node: AuthoredNode) -> Iterator[tuple[str, Literal]]:
        pushed = self._pushes(instance.scope)
        binding = self._authored.binding(node)
        for name, widget in binding.widgets.items():
            given = instance.widgets.get((node.id, name)) if instance.widgets else None
            if given is None and pushed:
                given = pushed.get((node.id, name))
            if given is None:
                place = f"{node.pointer}/{widget.key}" if widget.key else node.pointer
                given = Literal(widget.value, place, binding.fits)
            yield name, _literal(given)

    # Links

    def _fed(self, instance: Instance, slot: Slot, wanted: object, seen: Seen) -> Given | None:
        """What feeds an input slot: a link to a real node, a value from outside the subgraph, or nothing."""
        if slot.link is None:
            return None
        row = slot.link.row
        return self._output(instance, slot.link.source, row.origin_slot, wanted, seen)

    def _output(self, instance: Instance, source: str, index: int, wanted: object, seen: Seen) -> Given | None:
        if (instance, source, index) in seen:  # reroutes or bypassed nodes in a circle
            return None
        seen = seen | {(instance, source, index)}
        if source == INPUTS and instance.parent is not None:
            return self._outside(instance, index, wanted, seen)
        node = instance.scope.by_id.get(source)
        if node is None or node.mode == MUTED or node.type == PRIMITIVE or node.type in NOTES:
            return None
        inside = self._authored.definition(node)
        if node.type == REROUTE or node.mode == BYPASSED:
            return self._through(instance, node, index, wanted, seen)
        if inside is None:
            return Linked(instance.path(node), index, node.pointer)
        if instance.is_inside(inside):
            return None
        child = self._child(instance, node, inside)
        row = next((link.row for link in inside.into.get(OUTPUTS, ()) if link.row.target_slot == index), None)
        return self._output(child, str(row.origin_id), row.origin_slot, wanted, seen) if row is not None else None

    def _through(self, instance: Instance, node: AuthoredNode, index: int, wanted: object, seen: Seen) -> Given | None:
        """What a reroute or a bypassed node passes on."""
        slots = self._authored.slots(instance.scope, node)
        if node.type == REROUTE:
            slot = next(iter(slots), None)
        else:
            slot = passed_on(slots, self._authored.output_type(node, index), index, wanted)
        return self._fed(instance, slot, wanted, seen) if slot is not None else None

    def _outside(self, instance: Instance, index: int, wanted: object, seen: Seen) -> Given | None:
        """What feeds an input of a subgraph: the link into its instance, else the value that the instance gives."""
        assert instance.parent is not None
        assert instance.host is not None
        slots = self._authored.slots(instance.parent.scope, instance.host)
        if index >= len(slots):
            return None
        slot = slots[index]
        outer = self._fed(instance.parent, slot, wanted, seen)
        if outer is not None:
            return outer
        value = instance.inputs.get(slot.name) or self._inner_value(instance, index)
        return _literal(value) if value is not None else None

    def _inner_value(self, instance: Instance, index: int) -> Literal | None:
        """The value of the widget that an input of a subgraph stands for: all that the input feeds get this value."""
        target = self._first_target(instance.scope, index)
        if target is None:
            return None
        node, slot = target
        inside = self._authored.definition(node)
        if inside is None:
            return dict(self._values(instance, node)).get(slot.name)
        if instance.is_inside(inside):
            return None
        child = self._child(instance, node, inside)
        names = [boundary.name for boundary in (inside.definition and inside.definition.inputs) or ()]
        return child.inputs.get(slot.name) or self._inner_value(child, names.index(slot.name))

    # Subgraphs

    def _child(self, instance: Instance, host: AuthoredNode, inside: Scope) -> Instance:
        key = instance, host.id
        if key not in self._children:
            child = Instance(inside, instance.path(host) + ":", instance, host)
            self._children[key] = child
            self._give_values(instance, child, host)
        return self._children[key]

    def _give_values(self, outer: Instance, child: Instance, host: AuthoredNode) -> None:
        """Note what a subgraph instance says of the widgets inside: in its own list, or through what stands around."""
        child.proxied.update(place for place in self._promoted(host, child.scope) if place is not None)
        for node_id, name, value in self._host_values(host, child.scope):
            self._give(child, node_id, name, value)
        for (node_id, name), value in (*self._pushes(outer.scope).items(), *outer.widgets.items()):
            if node_id == host.id:
                child.inputs[name] = value

    def _give(self, child: Instance, node_id: str, widget: str, value: Literal) -> None:
        definition = child.scope.definition
        assert definition is not None
        if node_id == "-1":
            child.inputs[widget] = value
            return
        node = child.scope.by_id.get(node_id)
        slot = next((s for s in self._authored.slots(child.scope, node) if s.name == widget), None) if node else None
        if slot is not None and slot.link is not None and slot.link.source == INPUTS:
            index = slot.link.row.origin_slot
            if index < len(definition.inputs or ()):
                child.inputs[(definition.inputs or ())[index].name] = value
        else:
            child.widgets[node_id, widget] = value

    def _host_values(self, host: AuthoredNode, inside: Scope) -> Iterator[tuple[str, str, Literal]]:
        """The values of a subgraph instance: inner node, or "-1" for an input of the definition; name; value."""
        values = host.ui.widgets_values if isinstance(host.ui.widgets_values, list) else []
        places = list(self._promoted(host, inside))
        fits = len(places) == len(values)
        named = host.ui.widgets_values_named
        if named and (self._authored.prefer_named or not (fits or self._authored.catalogue.is_exact)):
            for name, value in named.items():
                yield "-1", name, Literal(value, host.pointer + pointer("widgets_values_named", name), fits)
            return
        for index, (place, value) in enumerate(zip(places, values, strict=False)):
            if place is not None and value is not None:  # null: the inner node's own value holds
                yield *place, Literal(value, f"{host.pointer}/widgets_values/{index}", fits)

    def _promoted(self, host: AuthoredNode, inside: Scope) -> Iterator[tuple[str, str] | None]:
        """What each place in an instance's values is for; None for a place without effect."""
        proxies = (host.ui.properties or {}).get("proxyWidgets")
        if isinstance(proxies, list) and proxies:
            yield from map(_proxy, proxies)
            return
        definition = inside.definition
        assert definition is not None
        for index, boundary in enumerate(definition.inputs or ()):
            if self._has_widget(inside, index):
                yield "-1", boundary.name

    def _has_widget(self, scope: Scope, index: int) -> bool:
        """Whether an input of a definition is a promoted widget: its first link inside ends at a widget's slot."""
        target = self._first_target(scope, index)
        if target is None:
            return False
        node, slot = target
        inside = self._authored.definition(node)
        if inside is None or inside is scope:
            return slot.name in self._authored.binding(node).widgets
        names = [boundary.name for boundary in (inside.definition and inside.definition.inputs) or ()]
        return self._has_widget(inside, names.index(slot.name))

    def _first_target(self, scope: Scope, index: int) -> tuple[AuthoredNode, Slot] | None:
        """Where the first link from an input of a definition ends."""
        key = scope, index
        if key not in self._first_targets:
            self._first_targets[key] = self._find_first_target(scope, index)
        return self._first_targets[key]

    def _find_first_target(self, scope: Scope, index: int) -> tuple[AuthoredNode, Slot] | None:
        definition = scope.definition
        assert definition is not None
        ids = (definition.inputs or ())[index].linkIds or ()
        links = [scope.by_link[id_] for id_ in ids if id_ in scope.by_link]
        links = links or [link for link in scope.out_of.get(INPUTS, ()) if link.row.origin_slot == index]
        for link in links:
            node = scope.by_id.get(link.target)
            slots = self._authored.slots(scope, node) if node is not None else ()
            slot = next((each for each in slots if each.link is not None and each.link.row.id == link.row.id), None)
            if node is not None and slot is not None:
                return node, slot
        return None

    # Primitive nodes

    def _pushes(self, scope: Scope) -> dict[tuple[str, str], Literal]:
        """The values that primitive nodes give to the widgets of their scope: (node id, input) -> value."""
        if scope not in self._pushed:
            self._pushed[scope] = dict(self._push(scope))
        return self._pushed[scope]

    def _push(self, scope: Scope) -> Iterator[tuple[tuple[str, str], Literal]]:
        for primitive in scope.nodes:
            values = primitive.ui.widgets_values
            if primitive.type != PRIMITIVE or not isinstance(values, list) or not values:
                continue
            value = Literal(values[0], f"{primitive.pointer}/widgets_values/0")
            targets = list(self._targets(scope, primitive))
            for node, name in targets:
                yield (node.id, name), self._clamped(*targets[0], value)

    def _targets(self, scope: Scope, primitive: AuthoredNode) -> Iterator[tuple[AuthoredNode, str]]:
        for link in scope.out_of.get(primitive.id, ()):
            node = scope.by_id.get(link.target)
            if node is not None:
                slots = self._authored.slots(scope, node)
                yield from ((node, slot.name) for slot in slots if slot.link is link)

    def _clamped(self, node: AuthoredNode, name: str, given: Literal) -> Literal:
        """A primitive's number within the range of the widget that it was made for."""
        widget = self._authored.binding(node).widgets.get(name)
        if widget is None or widget.declared is None or not is_widget(widget.declared):
            return given
        value, options = given.value, widget.declared.options
        if isinstance(value, bool) or not isinstance(value, int | float):
            return given
        low, high = options.get("min", value), options.get("max", value)
        return replace(given, value=min(max(value, low), high))


def _literal(given: Literal) -> Literal:
    """A value that is a list wrapped as the editor wraps it: the server takes every bare list for a link."""
    return replace(given, value={WRAPPED: given.value}) if isinstance(given.value, list) else given


def _proxy(entry: Any) -> tuple[str, str] | None:
    """An entry of proxyWidgets: [inner node, widget], where the widget's name may lead deeper: "7: text"."""
    if not isinstance(entry, list) or len(entry) < 2 or not all(isinstance(part, str | int) for part in entry[:2]):
        return None
    node_id, name = str(entry[0]), str(entry[1])
    if _NO_EFFECT.search(name):
        return None
    while match := _NESTED.match(name):
        name = name[match.end() :]
    return node_id, name


def _without_lost_links(nodes: dict[NodePath, Node]) -> Iterator[Linked]:
    """Take out the links whose source is not in the view, as the editor does; yield them."""
    for node in nodes.values():
        for name, link in list(node.links):
            if link.source not in nodes:
                del node.given[name]  # type: ignore[attr-defined]  # the dict is ours
                yield link
