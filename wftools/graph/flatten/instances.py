"""The uses of scopes: the root, and an instance of a subgraph at each place; and what each is given from outside.

A value comes to a widget inside an instance in one of four ways. The list of the instance says it for an input of the
definition, or for a widget of an inner node (`proxyWidgets`); a primitive node around gives it; or what stands further
out gives it to the instance in its turn. If none does, the widget's own value holds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.literals import WRAPPED, literal
from wftools.document.pointer import pointer
from wftools.graph.authored.scopes import INPUTS
from wftools.graph.flatten.primitives import primitive_values
from wftools.graph.model import Literal, NodePath
from wftools.graph.widget_values.spelling import for_null

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftools.catalog.signature import Input
    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredNode, Scope
    from wftools.graph.authored.slots import Slot

_NO_EFFECT: Final = re.compile(r"\$\$|control_after_generate$")  # promoted previews and companions
_NESTED: Final = re.compile(r"^-?\w+: ")
OWN: Final = "-1"  # in proxyWidgets: an input of the definition itself

WidgetOf = tuple[str, str]
"""A widget in a scope: the id of its node, or OWN for an input of the definition; and its name."""


@dataclass(eq=False)
class Instance:
    """One use of a scope: the root, or a subgraph at one place."""

    scope: Scope
    prefix: str = ""  # of the paths of its nodes: "57:"
    parent: Instance | None = None
    host: AuthoredNode | None = None  # the node that this is the inside of
    inputs: dict[str, Literal] = field(default_factory=dict)  # values given to the definition's inputs
    widgets: dict[WidgetOf, Literal] = field(default_factory=dict)  # values given to widgets of its nodes
    # By the id of a node, the widgets that the host shows as its own.
    shown: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def path(self, node: AuthoredNode) -> NodePath:
        """The path of a node of this instance."""
        return NodePath(self.prefix + node.execution_id)

    def is_inside(self, scope: Scope) -> bool:
        """Whether this is a use of that scope, or lies in one."""
        here: Instance | None = self
        while here is not None and here.scope is not scope:
            here = here.parent
        return here is not None


class Instances:
    """All uses of the scopes of a workflow, each made when it is first asked for."""

    def __init__(self, authored: Authored) -> None:
        self._authored = authored
        self._root = Instance(authored.root)
        # Not in the instances: each knows what it lies in, and a circle would keep the file until it is collected.
        self._inside: dict[tuple[Instance, AuthoredNode], Instance] = {}
        self._primitives: dict[Scope, Mapping[WidgetOf, Literal]] = {}
        self._promoted: dict[AuthoredNode, tuple[WidgetOf | None, ...]] = {}
        self._first_targets: dict[tuple[Scope, int], tuple[AuthoredNode, Slot] | None] = {}
        self._ends: dict[tuple[Scope, int], tuple[AuthoredNode, Slot] | None] = {}
        self._input_values: dict[tuple[Instance, int], Literal | None] = {}

    def walk(self, *, whole: bool = False) -> Iterator[tuple[Instance, AuthoredNode]]:
        """Every node of every use, subgraph instances before what is in them.

        The editor leaves out the inside of an instance that is muted or bypassed in the root; `whole` does not.
        """
        waiting = [(self._root, iter(self._root.scope.nodes))]
        while waiting:
            instance, nodes = waiting[-1]
            node = next(nodes, None)
            if node is None:
                waiting.pop()
                continue
            yield instance, node
            if whole or not (node.is_off and instance.parent is None):
                inside = self.inside(instance, node)
                if inside is not None:
                    waiting.append((inside, iter(inside.scope.nodes)))

    def inside(self, instance: Instance, host: AuthoredNode) -> Instance | None:
        """The inside of a subgraph instance; None for any other node, and where a subgraph would contain itself."""
        scope = self._authored.definition(host)
        if scope is None or (self._authored.is_recursive and instance.is_inside(scope)):
            return None
        if (instance, host) not in self._inside:
            made = Instance(scope, f"{instance.path(host)}:", instance, host)
            self._inside[instance, host] = made
            self._give(instance, made, host)
        return self._inside[instance, host]

    def own_widgets(self, instance: Instance, host: AuthoredNode) -> Iterator[tuple[WidgetOf, Any, Input | None]]:
        """The widgets that a subgraph instance shows as its own, with their values and what is declared of them."""
        inside = self.inside(instance, host)
        for place in self._promoted_by(host, inside.scope) if inside is not None else ():
            if inside is None or place is None:
                continue
            name = self._input_for(inside.scope, place)
            index = inside.scope.input_index.get(name) if name is not None else None
            if index is not None:
                end, given = self._end(inside.scope, index), self.input_value(inside, index)
                node, inner = (end[0], end[1].name) if end is not None else (None, "")
            else:
                node, inner = inside.scope.by_id.get(place[0]), place[1]
                given = inside.widgets.get(place)
            bound = self._authored.binding(node).widgets.get(inner) if node is not None else None
            value = literal(given.value) if given is not None else bound.value if bound is not None else None
            yield place, value, bound.declared if bound is not None else None

    def values(self, instance: Instance, node: AuthoredNode) -> Iterator[tuple[str, Literal]]:
        """The values of the widgets of a node in one use of its scope."""
        binding = self._authored.binding(node)
        primitives = self._from_primitives(instance.scope)
        is_given = bool(instance.widgets or primitives)  # most nodes are not, and there are many
        for name, widget in binding.widgets.items():
            widget_of = (node.id, name)
            given = (instance.widgets.get(widget_of) or primitives.get(widget_of)) if is_given else None
            if given is None:
                place = f"{node.pointer}/{widget.key}" if widget.key else node.pointer
                given = Literal(widget.value, place, binding.fits)
            yield name, _wrapped(given)

    def input_value(self, instance: Instance, index: int) -> Literal | None:
        """The value of an input of a subgraph: the one it is given, else that of the widget that it stands for.

        That widget is where its first link inside ends, which may be an input of another subgraph.
        """
        if not 0 <= index < len(instance.scope.inputs):
            return None
        way: list[tuple[Instance, int]] = []
        found: Literal | None = None
        while (instance, index) not in self._input_values:
            way.append((instance, index))
            found = instance.inputs.get(instance.scope.inputs[index].name)
            target = self._first_target(instance.scope, index) if found is None else None
            if target is None:
                break
            node, slot = target
            if self._authored.definition(node) is None:
                found = dict(self.values(instance, node)).get(slot.name)
                if found is None and slot.is_button:
                    binding = self._authored.binding(node)
                    found = Literal(dict(binding.saved).get(slot.name, ""), node.pointer, binding.fits)
                break
            inside = self.inside(instance, node)
            if inside is None:
                break
            instance, index = inside, inside.scope.input_index[slot.name]
        else:
            found = self._input_values[instance, index]
        found = _wrapped(found) if found is not None else None
        self._input_values.update(dict.fromkeys(way, found))
        return found

    def promoted(self, instance: Instance, host: AuthoredNode) -> Iterator[tuple[str, Literal]]:
        """The widgets of inner nodes that a subgraph instance shows as its own without an input that they stand for."""
        inside = self.inside(instance, host)
        for place in self._promoted_by(host, inside.scope) if inside is not None else ():
            if inside is None or place is None or self._input_for(inside.scope, place) is not None:
                continue
            node = inside.scope.by_id.get(place[0])
            value = inside.widgets.get(place) or (dict(self.values(inside, node)).get(place[1]) if node else None)
            if value is not None:
                yield place[1], value

    # What an instance is given

    def _give(self, outer: Instance, made: Instance, host: AuthoredNode) -> None:
        """Note what a subgraph instance says of the widgets inside: in its own list, or through what stands around."""
        for place in self._promoted_by(host, made.scope):
            if place is not None:
                made.shown[place[0]].add(place[1])
        for place, value in self._host_values(host, made.scope):
            name = self._input_for(made.scope, place)
            if name is not None:
                made.inputs[name] = value
            else:
                made.widgets[place] = value
        for (node_id, name), value in (*self._from_primitives(outer.scope).items(), *outer.widgets.items()):
            if node_id == host.id:
                made.inputs[name] = value

    def _input_for(self, scope: Scope, place: WidgetOf) -> str | None:
        """The input of a definition that a value is for: it names that input, or a widget that the input feeds."""
        node_id, name = place
        if node_id == OWN:
            return name
        node = scope.by_id.get(node_id)
        slots = self._authored.slots(scope, node) if node is not None else ()
        link = next((slot.link for slot in slots if slot.name == name), None)
        if link is None or link.source != INPUTS or not 0 <= link.row.origin_slot < len(scope.inputs):
            return None
        return scope.inputs[link.row.origin_slot].name

    def _host_values(self, host: AuthoredNode, inside: Scope) -> Iterator[tuple[WidgetOf, Literal]]:
        """The values of a subgraph instance, and what they are for."""
        values = host.ui.widgets_values if isinstance(host.ui.widgets_values, list) else []
        places = self._promoted_by(host, inside)
        fits = len(places) == len(values)
        named = host.ui.widgets_values_named
        if named and (self._authored.prefer_named or not (fits or self._is_exact(inside))):
            for name, value in named.items():
                yield (OWN, name), Literal(value, host.pointer + pointer("widgets_values_named", name), fits)
            return
        for index, (place, value) in enumerate(zip(places, values, strict=False)):
            if place is not None:
                held = value if value is not None else self._for_null(inside, place)
                yield place, Literal(held, f"{host.pointer}/widgets_values/{index}", fits)

    def _is_exact(self, scope: Scope) -> bool:
        """Whether the widgets of all its nodes are those of the version that is meant."""
        signatures = map(self._authored.signature, scope.nodes)
        return all(each is None or self._authored.catalogue.is_exact(each) for each in signatures)

    def _promoted_by(self, host: AuthoredNode, inside: Scope) -> tuple[WidgetOf | None, ...]:
        """What each place in an instance's values is for; None for a place without effect."""
        if host not in self._promoted:
            proxies = (host.ui.properties or {}).get("proxyWidgets")
            if isinstance(proxies, list) and proxies:
                self._promoted[host] = tuple(map(_proxy, proxies))
            else:
                inputs = enumerate(inside.inputs)
                self._promoted[host] = tuple((OWN, each.name) for i, each in inputs if self._is_promoted(inside, i))
        return self._promoted[host]

    def _is_promoted(self, scope: Scope, index: int) -> bool:
        """Whether an input of a definition is a promoted widget."""
        end = self._end(scope, index)
        return end is not None and (end[1].is_button or end[1].name in self._authored.binding(end[0]).widgets)

    def _for_null(self, scope: Scope, place: WidgetOf) -> Any:
        """What stands for null in the place of a promoted widget."""
        node_id, name = place
        node = scope.by_id.get(node_id)
        inside = self._authored.definition(node) if node is not None else scope if node_id == OWN else None
        if inside is not None:
            end = self._end(inside, inside.input_index[name]) if name in inside.input_index else None
            node, name = (end[0], end[1].name) if end is not None else (None, name)
        widget = self._authored.binding(node).widgets.get(name) if node is not None else None
        return for_null(widget.declared) if widget is not None and widget.declared is not None else None

    def _end(self, scope: Scope, index: int) -> tuple[AuthoredNode, Slot] | None:
        """The slot of a node that an input of a definition stands for: where its first link ends in the end."""
        way: dict[tuple[Scope, int], None] = {}
        found: tuple[AuthoredNode, Slot] | None = None
        while (scope, index) not in self._ends and (scope, index) not in way:
            way[scope, index] = None
            found = self._first_target(scope, index)
            inside = self._authored.definition(found[0]) if found is not None else None
            if found is None or inside is None:
                break
            scope, index, found = inside, inside.input_index[found[1].name], None
        else:
            found = self._ends.get((scope, index))
        self._ends.update(dict.fromkeys(way, found))
        return found

    def _first_target(self, scope: Scope, index: int) -> tuple[AuthoredNode, Slot] | None:
        """Where the first link from an input of a definition ends."""
        if (scope, index) not in self._first_targets:
            self._first_targets[scope, index] = next(self._targets(scope, index), None)
        return self._first_targets[scope, index]

    def _targets(self, scope: Scope, index: int) -> Iterator[tuple[AuthoredNode, Slot]]:
        links = [scope.by_link[id_] for id_ in scope.inputs[index].linkIds or () if id_ in scope.by_link]
        for link in links or scope.from_input.get(index, ()):
            node = scope.by_id.get(link.target)
            if node is not None:
                yield from ((node, slot) for slot in self._authored.fed_by(scope, node, link)[:1])

    def _from_primitives(self, scope: Scope) -> Mapping[WidgetOf, Literal]:
        if scope not in self._primitives:
            self._primitives[scope] = dict(primitive_values(self._authored, scope))
        return self._primitives[scope]


def _wrapped(given: Literal) -> Literal:
    """A value that is a list wrapped as the editor wraps it: the server takes every bare list for a link."""
    return replace(given, value={WRAPPED: given.value}) if isinstance(given.value, list) else given


def _proxy(entry: Any) -> WidgetOf | None:
    """An entry of proxyWidgets: [inner node, widget], where the widget's name may lead deeper: "7: text"."""
    if not isinstance(entry, list) or len(entry) < 2 or not all(isinstance(part, str | int) for part in entry[:2]):
        return None
    node_id, name = str(entry[0]), str(entry[1])
    if _NO_EFFECT.search(name):
        return None
    while match := _NESTED.match(name):
        name = name[match.end() :]
    return node_id, name
