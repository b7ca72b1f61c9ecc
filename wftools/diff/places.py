"""The names of a node's values: the places of `widgets_values`, companions included.

The file itself may name them (`widgets_values_named`, an object, the slots of widgets), else the declaration of the
node does. A place that nobody names is called after its index, `widget[3]`. A value that a subgraph instance shows is
called after the widget inside, `17.prompt`, whichever way the file spells that it is shown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from wftools.graph.widget_values import bind_unknown
from wftools.graph.widget_values.order import CONTROL, CONTROL_MODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wftools.document.document import Tree
    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredNode, Scope
    from wftools.graph.widget_values import Binding, Widget
    from wftools.values import Json

VALUES: Final = "widgets_values"
NAMED: Final = "widgets_values_named"


@dataclass(frozen=True, slots=True)
class Places:
    """The values of a UI node by name, in their order.

    `spelling` says how they are saved: `form` is list, object or none, `names` are the places in their order, `named`
    are those that `widgets_values_named` repeats.
    """

    values: dict[str, Json]
    spelling: dict[str, Json]
    is_named: bool = True  # whether all names are the declaration's or the file's
    declared: Mapping[str, Json] = field(default_factory=dict)  # what the declaration gives a widget that is not saved
    inputs: Mapping[str, str] = field(default_factory=dict)  # of an instance: the inputs by the widgets that they show

    def called(self, names: Iterable[str]) -> Places:
        """The same values with other names, one for each."""
        values = dict(zip(names, self.values.values(), strict=True))
        return replace(self, values=values, spelling=self.spelling | {"names": [*values]})


class Promoted:
    """The names of the widgets that subgraph instances show as their own."""

    def __init__(self, authored: Authored) -> None:
        self._authored = authored
        self._names: dict[Scope, tuple[str | None, ...]] = {}

    def names(self, node: AuthoredNode, inside: Scope) -> tuple[str | None, ...]:
        """The name of each place in the list of an instance; None where nobody knows."""
        listed = (node.ui.properties or {}).get("proxyWidgets")
        if isinstance(listed, list) and listed:
            return tuple(map(self._of_proxy, [inside] * len(listed), listed))
        return tuple(name for index in range(len(inside.inputs)) if (name := self._shown_by(inside)[index]) is not None)

    def by_input(self, inside: Scope) -> dict[str, str]:
        """What the widgets that inputs of a definition show are called, by the names of the inputs."""
        shown = self._shown_by(inside)
        return {slot.name: name for slot, name in zip(inside.inputs, shown, strict=True) if name is not None}

    def _of_proxy(self, inside: Scope, entry: Any) -> str | None:
        """An entry of proxyWidgets: [id of the inner node, or -1 for an input of the definition; name]."""
        if not isinstance(entry, list) or len(entry) < 2:
            return None
        node_id, name = str(entry[0]), str(entry[1])
        if node_id == "-1":
            return self.by_input(inside).get(name, name)
        return f"{node_id}.{name}"

    def _shown_by(self, inside: Scope) -> tuple[str | None, ...]:
        if inside not in self._names:
            self._names[inside] = tuple(self._shown(inside, index) for index in range(len(inside.inputs)))
        return self._names[inside]

    def _shown(self, inside: Scope, index: int) -> str | None:
        """The widget that an input of a definition stands for: the first at which a link of it ends."""
        ids = inside.inputs[index].linkIds or ()
        links = [inside.by_link[id_] for id_ in ids if id_ in inside.by_link] or inside.from_input.get(index, ())
        for link in links:
            target = inside.by_id.get(link.target)
            slot = next(iter(self._authored.fed_by(inside, target, link)), None) if target is not None else None
            if target is None or slot is None:
                continue
            deeper = self._authored.definition(target)
            if deeper is not None:
                is_widget = deeper is not inside and slot.name in deeper.input_index and not self._authored.is_recursive
                is_widget = is_widget and self._shown_by(deeper)[deeper.input_index[slot.name]] is not None
            else:
                saved = {each.widget.name for each in target.inputs if each.widget is not None}
                is_widget = slot.is_button or slot.name in saved or slot.name in self._authored.binding(target).widgets
            if is_widget:
                return f"{target.id}.{slot.name}"
        return None


def bare(index: int) -> str:
    """What a place is called of which nobody knows the name."""
    return f"widget[{index}]"


def is_bare(name: str) -> bool:
    """Whether it is what a place is called of which nobody knows the name."""
    return name.startswith("widget[")


def places(authored: Authored, promoted: Promoted, node: AuthoredNode, tree: Tree) -> Places:
    """The values of a node as they stand in its JSON, with their names."""
    values, named = tree.get(VALUES), tree.get(NAMED)
    named = named if isinstance(named, dict) else None
    inside, editor_type = authored.definition(node), authored.editor_type(node)
    spelling: dict[str, Json] = {"form": "none", "names": [], "named": [*named] if named is not None else None}
    if isinstance(values, dict):
        return Places(dict(values), spelling | {"form": "object", "names": [*values]})
    if not isinstance(values, list):
        if values is not None:
            spelling["form"] = values
        if inside is not None and named is not None:
            named = {promoted.by_input(inside).get(name, name): value for name, value in named.items()}
        return Places(dict(named or {}), spelling)
    if inside is not None:
        names: Sequence[str | None] = promoted.names(node, inside)
        if named is not None and [*named.values()] == values:  # the file itself says which inputs they are of
            by_input = promoted.by_input(inside)
            names = [by_input.get(name, name) for name in named]
        found = {index: name for index, name in enumerate(names) if name is not None}
        declared: Mapping[str, Json] = {}
    elif editor_type is not None and editor_type.values:
        found, declared = dict(enumerate(editor_type.values)), {}
    else:
        found, declared = _bound(authored, node, values, named)
    seen: Counter[str] = Counter()
    ordered: dict[str, Json] = {}
    for index, value in enumerate(values):
        name = found.get(index) or (CONTROL if _is_control(values, index) else bare(index))
        count = seen[name]
        seen[name] += 1
        ordered[f"{name}#{count}" if count else name] = value
    is_named = all(index in found for index in range(len(values)))
    inputs = {shown: name for name, shown in promoted.by_input(inside).items()} if inside is not None else {}
    return Places(ordered, spelling | {"form": "list", "names": [*ordered]}, is_named, declared, inputs)


def _is_control(values: list[Json], index: int) -> bool:
    """Whether a value without a name says how the number before it changes after each run."""
    value, before = values[index], values[index - 1] if index else None
    return isinstance(value, str) and value in CONTROL_MODES and _kind(before) == "number"


def _bound(
    authored: Authored, node: AuthoredNode, values: list[Json], named: Mapping[str, Json] | None
) -> tuple[dict[int, str], Mapping[str, Json]]:
    """The names of places by index, as the declaration or the file gives them; and the values of what is not saved."""
    if named is not None and [*named.values()] == values:
        return dict(enumerate(named)), {}
    binding = authored.binding(node)
    if authored.signature(node) is None:
        binding = bind_unknown(node.inputs, values, None)
    prefix = VALUES + "/"
    if not binding.fits:
        binding = _as_far_as_it_fits(binding)
    found = {
        int(widget.key.removeprefix(prefix)): name
        for name, widget in binding.widgets.items()
        if widget.key is not None and widget.key.startswith(prefix)
    }
    saved = [name for name, _ in binding.saved]
    if all(index < len(saved) and saved[index] == name for index, name in found.items()):
        found = dict(enumerate(saved[: len(values)])) if found else found
    return found, {name: widget.value for name, widget in binding.widgets.items() if widget.key is None}


def _as_far_as_it_fits(binding: Binding) -> Binding:
    """The widgets before the first that has a value of another type than is declared: from there on places shifted."""
    fitting = takewhile(lambda each: _is_fitting(each[1]), binding.widgets.items())
    widgets = dict(fitting)
    left = binding.widgets.keys() - widgets.keys()
    return replace(binding, widgets=widgets, saved=tuple(takewhile(lambda each: each[0] not in left, binding.saved)))


def _is_fitting(widget: Widget) -> bool:
    kinds = _KINDS.get(str(widget.declared.type)) if widget.declared is not None else None
    return widget.key is None or kinds is None or _kind(widget.value) in kinds


_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "INT": frozenset({"number", "NoneType"}),
    "FLOAT": frozenset({"number", "NoneType"}),
    "BOOLEAN": frozenset({"bool", "NoneType"}),
    "STRING": frozenset({"str", "NoneType"}),
}


def agreed(old: Places, new: Places) -> tuple[Places, Places]:
    """The places of two versions of one node, where what only one of them can name has its name in both.

    Two lists of one length are named alike; of others, what stands in both in one order.
    """
    if old.spelling["form"] != "list" or new.spelling["form"] != "list" or (old.is_named and new.is_named):
        return old, new
    known, others = (sum(not is_bare(name) for name in each.values) for each in (old, new))
    return (_named_like(old, new), new) if known < others else (old, _named_like(new, old))


def _named_like(bare: Places, named: Places) -> Places:
    names, values, others = [*named.values], [*bare.values.values()], [*named.values.values()]
    found = dict(enumerate(names)) if len(values) == len(others) else _aligned(values, others, names)
    taken = {*found.values()}
    return bare.called(
        found.get(index, f"{name}*" if name in taken else name) for index, name in enumerate(bare.values)
    )


def _aligned(values: list[Json], others: list[Json], names: list[str]) -> dict[int, str]:
    """The names of those values that are the others', in their order; between them, of those of one kind."""
    found: dict[int, str] = {}
    at = at_other = 0
    for i, j, size in SequenceMatcher(
        None, [*map(repr, values)], [*map(repr, others)], autojunk=False
    ).get_matching_blocks():
        kinds, other_kinds = ([_kind(each) for each in between] for between in (values[at:i], others[at_other:j]))
        for x, y, count in SequenceMatcher(None, kinds, other_kinds, autojunk=False).get_matching_blocks():
            found |= {at + x + k: names[at_other + y + k] for k in range(count)}
        found |= {i + k: names[j + k] for k in range(size)}
        at, at_other = i + size, j + size
    return found


def _kind(value: Json) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return "number" if is_number else type(value).__name__
