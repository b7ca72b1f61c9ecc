"""What feeds a slot: its link is followed back through reroutes, names, bypassed nodes and the borders of subgraphs.

By a loop and no recursion: a way may be longer than Python's stack. What was found is noted for every output on the
way, so that a long chain is walked once, however many nodes it feeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wftools.graph.authored.editor_types import Does
from wftools.graph.authored.scopes import BYPASSED, INPUTS, MUTED
from wftools.graph.authored.slots import passed_on
from wftools.graph.flatten.names import setter
from wftools.graph.model import Given, Linked

if TYPE_CHECKING:
    from wftools.graph.authored import Authored
    from wftools.graph.authored.editor_types import EditorType
    from wftools.graph.authored.scopes import AuthoredNode
    from wftools.graph.authored.slots import Slot
    from wftools.graph.flatten.instances import Instance, Instances


@dataclass(frozen=True, slots=True)
class Nothing:
    """No node and no value."""

    at: AuthoredNode | None = None  # the nearest node on the way back that is off, else the one where the way ends


class _Output(NamedTuple):
    """An output on the way, in one use of its scope."""

    instance: Instance
    source: str  # the id of its node, or INPUTS
    slot: int
    wanted: object  # the type of the slot that the way started from: decides what a bypassed node passes on


class Links:
    """What feeds the slots of a workflow."""

    def __init__(self, authored: Authored, instances: Instances) -> None:
        self._authored = authored
        self._instances = instances
        self._known: dict[_Output, Given | Nothing] = {}

    def into(self, instance: Instance, slot: Slot) -> Given | Nothing:
        """What feeds an input slot: an output of a node that is no way through, or a value from outside the subgraph.

        Where nothing comes into a subgraph from outside, what the input of the subgraph stands for is the value; of
        subgraphs in each other the outermost one counts.
        """
        wanted = ",".join(slot.type) if isinstance(slot.type, list) else slot.type
        way: dict[_Output, None] = {}
        at: _Output | Given | Nothing = _origin(instance, slot, wanted)
        while isinstance(at, _Output) and at not in self._known and at not in way:  # reroutes may stand in a circle
            way[at] = None
            at = self._before(at)
        found = self._known.get(at, Nothing()) if isinstance(at, _Output) else at
        for output in reversed(way):
            if isinstance(found, Nothing):
                node = output.instance.scope.by_id.get(output.source)
                if output.source == INPUTS and output.instance.parent is not None:
                    found = self._instances.input_value(output.instance, output.slot) or found
                elif node is not None and node.is_off:
                    found = Nothing(node)
            self._known[output] = found
        return found

    def _before(self, output: _Output) -> _Output | Given | Nothing:
        """One step back: what an output gives, or the output that it passes on."""
        instance, source, index, wanted = output
        if source == INPUTS and instance.parent is not None and instance.host is not None:
            slots = self._authored.slots(instance.parent.scope, instance.host)
            return _origin(instance.parent, slots[index], wanted) if 0 <= index < len(slots) else Nothing()
        node = instance.scope.by_id.get(source)
        if node is None or node.mode == MUTED:
            return Nothing(node)
        editor_type = self._authored.editor_type(node)
        if editor_type is not None:
            return self._before_editors(output, node, editor_type)
        if node.mode == BYPASSED:
            slots = self._authored.slots(instance.scope, node)
            slot = passed_on(slots, self._authored.output_type(node, index), index, wanted)
            return _origin(instance, slot, wanted) if slot is not None and slot.link is not None else Nothing(node)
        if self._authored.definition(node) is None:
            return Linked(instance.path(node), index, node.pointer)
        inside = self._instances.inside(instance, node)
        if inside is None:
            return Nothing(node)
        leading_out = inside.scope.to_output.get(index)
        if leading_out is None:
            return Nothing(node)
        return _Output(inside, leading_out[0].source, leading_out[0].row.origin_slot, wanted)

    def _before_editors(self, output: _Output, node: AuthoredNode, editor_type: EditorType) -> _Output | Nothing:
        """One step back from one of the editor's own nodes, which is not muted."""
        instance = output.instance
        if editor_type.does is Does.GET:
            found = setter(self._authored, instance, node, editor_type) if node.mode != BYPASSED else None
            if found is None:
                return Nothing(node)
            instance, node = found  # whether that is off makes no difference: its link is read, not its output
        elif editor_type.does not in (Does.PASS, Does.SET):
            return Nothing(node)
        slot = next(iter(self._authored.slots(instance.scope, node)), None)
        return _origin(instance, slot, output.wanted) if slot is not None and slot.link is not None else Nothing(node)


def _origin(instance: Instance, slot: Slot, wanted: object) -> _Output | Nothing:
    """The output that a slot is linked to."""
    if slot.link is None:
        return Nothing()
    return _Output(instance, slot.link.source, slot.link.row.origin_slot, wanted)
