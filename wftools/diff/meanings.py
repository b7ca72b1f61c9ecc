"""What a changed fact means where it takes more to tell than the fact: its node, its definition, the other version.

facts.py has what each fact means by itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from wftools.diff.changes import ABSENT, NEW, ROOT, Absent, Subject
from wftools.diff.facts import Meaning, control_of, is_drawn_seed, meaning, same
from wftools.diff.places import NAMED, is_bare
from wftools.diff.version import slot_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftools.diff.changes import FactValue, Key, Kind
    from wftools.diff.version import Part, Version
    from wftools.diff.words import Words
    from wftools.document.document import Tree

_WAYS: Final = ("proxyWidgets", "previewExposures")  # properties that say what an instance shows

_REDECLARED: Final[Meaning] = ("schema", "definition updated")
_RESPELLED: Final[Meaning] = ("volatile", "spelling of values")
_DRAWN: Final[Meaning] = ("volatile", "seed")
_SHOWN_ALIKE: Final[Meaning] = ("volatile", "slot details")
_IN_ORDER: Final[Meaning] = ("volatile", "order")


@dataclass(frozen=True, eq=False)
class Meanings:
    """What the changed facts of two versions mean."""

    words: Words

    def of(self, old: Part, new: Part, key: Key, before: FactValue, after: FactValue) -> Meaning:
        """The meaning of a fact that changed; `key` and the values are in the words of the old version."""
        found: Meaning | None = None
        match old.subject.kind, key[0]:
            case "node", "widget":
                found = self._of_widget(old, new, key[1], before, after)
            case "node", "link" if self._is_renamed(old, new, key[1], before, after):
                found = _REDECLARED
            case "node", ("input" | "output") if len(key) == 3:
                found = self._of_label(old, new, key, before, after)
            case (("input" | "output"), ("name" | "label")):
                found = _of_name(old, new, key[0])
            case "subgraph", ("inputs" | "outputs") if is_same_order(before, after):
                found = _IN_ORDER  # what came and went is told by itself
        return found or meaning(old.subject.kind, key, before, after)

    def _of_widget(self, old: Part, new: Part, name: str, before: FactValue, after: FactValue) -> Meaning | None:
        came_or_went = isinstance(before, Absent) or isinstance(after, Absent)
        is_instance = self.words.is_instance(new, self.words.new)
        is_retyped = old.type != (self.words.matching.scope(new.type) if is_instance else new.type)
        if old.places is None or new.places is None:
            return _REDECLARED if came_or_went and is_retyped else None
        if self._is_drawn(old, new, name):
            return _DRAWN
        if is_bare(name):
            if is_retyped:
                return _REDECLARED  # the same place in lists of two types means nothing
            if all(isinstance(each, Absent) or each in (None, "") for each in (before, after)):
                return _RESPELLED  # what buttons have
        if is_instance and not is_retyped:
            if not same(*self._in_force(old, new, name, before, after)) or (
                came_or_went and _is_spelled_alike(old, new)
            ):
                return None  # another value, or its own no longer, which is what somebody did
            return _RESPELLED
        if not is_retyped and self._is_overridden(old, name, before, after):
            return _RESPELLED
        if not came_or_went:
            return None
        lacking, value = (old.places, after) if isinstance(before, Absent) else (new.places, before)
        if name in lacking.declared:  # it is there, and not saved
            return _RESPELLED if same(lacking.declared[name], value) else None
        return _REDECLARED

    def _is_drawn(self, old: Part, new: Part, name: str) -> bool:
        """Whether a widget has its value from the run before, since the mode behind it says so in either version."""
        for part, version, (node, widget) in self._sides(old, new, name):
            inner = version.parts.get(Subject(part.type, "node", node))
            owner, own_name = (part, name) if inner is None else (inner, widget)
            control = control_of(own_name, [*owner.widgets])
            if control is not None and is_drawn_seed(own_name, owner.widgets[control]):
                return True
        return False

    def _in_force(self, old: Part, new: Part, name: str, before: FactValue, after: FactValue) -> list[FactValue]:
        """The values of what an instance shows: where it has none of its own, that of the widget inside counts."""
        return [
            _inside(version, part.type, node, widget) if isinstance(value, Absent) or value is None else value
            for value, (part, version, (node, widget)) in zip((before, after), self._sides(old, new, name), strict=True)
        ]

    def _is_overridden(self, inner: Part, name: str, before: FactValue, after: FactValue) -> bool:
        """Whether a widget in a definition means nothing, since all instances have values of their own in its place.

        One that has its own in one version only, and that the same as is in force in the other, is no other one either.
        """
        shown = f"{inner.subject.id}.{name}"
        instances = self._instances.get(inner.subject.scope, ())
        for instance in instances:
            pair = self.words.matching.pairs.get(instance.subject)
            if pair is None:
                return False
            facts = self.words.facts(instance, self.words.new.parts[pair.new])
            own, other = instance.widgets.get(shown), facts.get(("widget", shown))
            if own is None and other is None:
                return False
            has_both = own is not None and other is not None
            if not has_both and not same(before if own is None else own, after if other is None else other):
                return False
        return bool(instances)

    @cached_property
    def _instances(self) -> Mapping[str, list[Part]]:
        """The nodes of the old version that stand for subgraphs, by the ids of those."""
        found = defaultdict(list)
        for part in self.words.old.of_kind("node"):
            if self.words.is_instance(part, self.words.old):
                found[part.type].append(part)
        return found

    def _sides(self, old: Part, new: Part, name: str) -> Iterator[tuple[Part, Version, tuple[str, str]]]:
        """Both versions of a node, with the node inside and its widget that a widget of an instance stands for."""
        node, _, widget = name.partition(".")
        yield old, self.words.old, (node, widget)
        pair = self.words.matching.pairs.get(Subject(old.type, "node", node))
        yield new, self.words.new, (pair.new.id if pair is not None else node.removesuffix(NEW), widget)

    def _is_renamed(self, old: Part, new: Part, name: str, before: FactValue, after: FactValue) -> bool:
        """Whether a link came or went because a declaration calls its input otherwise."""
        if isinstance(before, Absent) == isinstance(after, Absent):
            return False
        slots, others = (set(slot_names(_slots_in(part))) for part in (old, new))
        links = self.words.links(new)
        if isinstance(after, Absent):  # it went: another one, which is new, has its source
            return name not in others and any(end == before and each not in slots for each, end in links.items())
        return name not in slots and any(end == after and each not in others for each, end in old.links.items())

    def _of_label(self, old: Part, new: Part, key: Key, before: FactValue, after: FactValue) -> Meaning | None:
        """The meaning of the label of a slot of a node: what people read there counts, where it is the node's own."""
        kind: Kind = "input" if key[0] == "input" else "output"
        if key[:2] not in old.facts or key[:2] not in self.words.facts(old, new):
            return _REDECLARED  # it came or went with its slot
        slot = self.words.matching.pairs.get(Subject(old.type, kind, key[1]))
        if slot is not None and slot.new in self.words.new.parts:  # an instance shows what its definition says
            return _SHOWN_ALIKE if _shown(self.words.new.parts[slot.new].tree) == after or after is ABSENT else None
        name = key[1].rpartition(".")[2]  # the editor calls `files.audio1` so
        before, after = (name if isinstance(each, Absent) else each for each in (before, after))
        return _SHOWN_ALIKE if before == after else None


def _is_spelled_alike(old: Part, new: Part) -> bool:
    """Whether two versions of an instance say in one way what it shows: else the editor has moved its values."""
    properties = [part.tree.get("properties") for part in (old, new)]
    ways = [each if isinstance(each, dict) else {} for each in properties]
    return all(ways[0].get(key) == ways[1].get(key) for key in _WAYS) and all(
        isinstance(part.tree.get(NAMED), dict) == isinstance(old.tree.get(NAMED), dict) for part in (old, new)
    )


def _inside(version: Version, definition: str, node: str, widget: str) -> FactValue:
    """The value of a widget in a definition; ABSENT if there is none."""
    part = version.parts.get(Subject(definition, "node", node))
    if part is None or part.places is None:
        return ABSENT
    if Subject(ROOT, "subgraph", part.type) not in version.parts:
        return part.widgets.get(widget, part.places.declared.get(widget, ABSENT))
    shown = next((name for name, slot in part.places.inputs.items() if slot == widget), None)
    if shown is None:
        return ABSENT
    found = part.widgets.get(shown)
    return found if found is not None else _inside(version, part.type, *shown.split(".", 1))


def _of_name(old: Part, new: Part, key: str) -> Meaning | None:
    """The meaning of another name or label of an input or output of a definition: what people read there counts."""
    is_labelled = any(isinstance(part.tree.get("label"), str) for part in (old, new))
    if _shown(old.tree) == _shown(new.tree) or (key == "name" and is_labelled):
        return _SHOWN_ALIKE
    return None


def _shown(slot: Tree) -> object:
    """What the editor writes at a slot."""
    label = slot.get("label")
    return label if label is not None else slot.get("name")


def _slots_in(part: Part) -> Sequence[Any]:
    found = part.tree.get("inputs")
    return found if isinstance(found, list | dict) else ()  # type: ignore[return-value]


def is_same_order(old: FactValue, new: FactValue) -> bool:
    """Whether what is in both lists stands in one order."""
    if not isinstance(old, list) or not isinstance(new, list):
        return same(old, new)
    mine, theirs = ([repr(each) for each in items] for items in (old, new))
    common = set(mine) & set(theirs)
    return [each for each in mine if each in common] == [each for each in theirs if each in common]
