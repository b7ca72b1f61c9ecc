"""Which inputs of a scope take what is broadcast: those that nothing is linked to, and that their users leave open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.graph.authored.scopes import OUTPUTS
from wftools.graph.broadcasts import BROADCASTERS
from wftools.graph.broadcasts.sending import live, settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftools.document.ui import InputSlot
    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredNode, Scope
    from wftools.graph.authored.slots import Slot
    from wftools.graph.broadcasts.patterns import Effort

_GROUPS_A_STEP: Final = 10  # as long as one step of a search takes
_TITLE: Final = 30  # the height of a node's title
_COLLAPSED: Final = (80, 30)
_FROM_THEN_ON: Final = (1, 16)  # the editor that first saved a slot for each widget, linked or not


@dataclass(frozen=True, eq=False)
class Receiver:
    """An input of a node, or an output of the subgraph that is looked at."""

    node: AuthoredNode | None  # None: an output of the subgraph
    name: str
    label: str
    type: str
    index: int  # of the output
    pointer: str
    titles: Sequence[str] = ("",)

    @property
    def id(self) -> str:
        """The id of the node, as links name it."""
        return self.node.id if self.node is not None else OUTPUTS

    def __str__(self) -> str:
        """The input and its node, in words."""
        if self.node is None:
            return f"output {self.name!r} of the subgraph"
        return f"input {self.name!r} of node {self.node}"

    @property
    def color(self) -> str | None:
        """What colour its user gave the node."""
        return self.node.ui.color if self.node is not None else None


class Groups:
    """Which nodes lie in which groups of a scope."""

    def __init__(self, scope: Scope, effort: Effort) -> None:
        self._effort = effort
        self._groups = scope.ui.groups or []
        self._of: dict[AuthoredNode | None, frozenset[int]] = {None: frozenset()}

    def of(self, node: AuthoredNode | None) -> frozenset[int]:
        """The groups that a node lies in, by index: its middle does, title included."""
        if node not in self._of:
            self._effort.spend(len(self._groups) // _GROUPS_A_STEP)
            x, y = _middle(node) if node is not None else (0, 0)
            self._of[node] = frozenset(
                index
                for index, (left, top, width, height) in enumerate(each.bounding for each in self._groups)
                if left <= x < left + width and top <= y < top + height
            )
        return self._of[node]

    def titles(self, node: AuthoredNode | None) -> list[str]:
        """The titles of the groups that a node lies in."""
        return [self._groups[index].title for index in sorted(self.of(node))]


def _middle(node: AuthoredNode) -> tuple[float, float]:
    x, y = (node.ui.pos or [0, 0])[:2]
    width, height = (node.ui.size or [0, 0])[:2]
    if (node.ui.flags or {}).get("collapsed"):
        width, height = _COLLAPSED[0], 0
    return x + width / 2, y - _TITLE + (height + _TITLE) / 2


def receivers(authored: Authored, scope: Scope, *, is_recorded: bool) -> Iterator[Receiver]:
    """The inputs of a scope that take what is broadcast, and the outputs of a subgraph that nothing is linked to.

    Where it was recorded who got what, every input that nothing is linked to may have.
    """
    has_all_slots = _saves_all_slots(authored)
    for node in scope.nodes:
        properties = node.ui.properties or {}
        if node.is_off or node.type in BROADCASTERS or (properties.get("rejects_ue_links") and not is_recorded):
            continue
        saved: dict[str, InputSlot] = {}
        for each in node.inputs:
            saved.setdefault(each.widget.name if each.widget is not None else each.name, each)
        titles = _titles(authored, node)
        for slot in authored.slots(scope, node):
            in_file = saved.get(slot.name)
            is_open = slot.link is None or live(scope, slot.link) is None
            if is_open and (is_recorded or _is_connectable(authored, node, slot, in_file, has_all_slots=has_all_slots)):
                label = (in_file.label if in_file is not None else None) or slot.name
                yield Receiver(node, slot.name, label, _type(slot.type), -1, slot.pointer, titles)
    for index, output in enumerate((scope.definition.outputs or ()) if scope.definition is not None else ()):
        if index not in scope.to_output:
            pointer = f"{scope.pointer}/outputs/{index}"
            yield Receiver(None, output.name, output.label or output.name, _type(output.type), index, pointer)


def _is_connectable(
    authored: Authored, node: AuthoredNode, slot: Slot, in_file: InputSlot | None, *, has_all_slots: bool
) -> bool:
    """Whether a slot may get what is broadcast: a socket unless its user closed it, a widget only if he opened it."""
    found = settings(node)
    is_widget = slot.is_button or slot.name in authored.binding(node).widgets
    if not is_widget and (in_file is None or in_file.widget is None):
        closed = found.get("input_ue_unconnectable")
        return not (isinstance(closed, dict) and closed.get(slot.name))
    opened = found.get("widget_ue_connectable")
    if isinstance(opened, dict):
        return bool(opened.get(slot.name))
    # A slot for a widget was saved only if the widget had been turned into an input: that opened it.
    return in_file is not None and in_file.widget is not None and not has_all_slots


def _saves_all_slots(authored: Authored) -> bool:
    version = (authored.root.ui.extra or {}).get("frontendVersion")
    numbers = re.match(r"v?(\d{1,9})\.(\d{1,9})", version) if isinstance(version, str) else None
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= _FROM_THEN_ON


def _titles(authored: Authored, node: AuthoredNode) -> tuple[str, ...]:
    """What a node is called. Versions of the pack differ in what one is called to which its user gave no title."""
    return (node.ui.title,) if node.ui.title else (authored.title(node), node.type)


def _type(kind: object) -> str:
    return kind if isinstance(kind, str) else "COMBO" if isinstance(kind, list) else "*"
