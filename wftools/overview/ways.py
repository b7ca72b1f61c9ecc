"""Ways back through a view: which inputs of a node one of its outputs depends on, and what a value is.

What a node does is told by what it declares, not by its name: an output that has the name of an input is that input,
changed or not; of a switch, only the input that is chosen counts; what travels in a bundle (a "pipe", a "context") is
looked for where the bundle was tied.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from wftools.catalog.expand import expand
from wftools.catalog.signature import COMBO, MATCH_TYPE, WILDCARD
from wftools.graph.model import Linked, Literal
from wftools.overview.model import From, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wftools.catalog.signature import Input
    from wftools.graph.model import Given, Node, NodePath, View
    from wftools.overview.model import Told

MAX_MATCHING: Final = 20  # nodes in a row whose outputs are what they are given
MAX_SLOTS: Final = 1000  # of a node; prompts may name any
MAX_STEPS: Final = 200  # from a value back to where it is written

_VALUES: Final = frozenset({"INT", "FLOAT", "BOOLEAN", "STRING", COMBO, WILDCARD, ""})
_MADE: Final = frozenset({"LATENT", "IMAGE", "VIDEO", "AUDIO", "MASK"})
_BUNDLE: Final = re.compile(r"PIPE|CONTEXT|CTX|TUPLE|_BUS\b|^BUS|BUNDLE", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"^(?:input|any|value|image|model|text|latent|conditioning)_?0*(\d+)$", re.IGNORECASE)

# What inputs of switches are called: the condition, and what counts if it holds and if it does not.
_CONDITIONS: Final = ("switch", "boolean", "condition", "bool")
_IF_TRUE: Final = ("on_true", "if_true", "true_value")
_IF_FALSE: Final = ("on_false", "if_false", "false_value")
_CHOOSERS: Final = ("select", "index", "selected", "input")


@dataclass(frozen=True, slots=True)
class Slot:
    """An output of a node, and what of it is meant if it is a bundle."""

    node: NodePath
    slot: int
    field: str | None = None


def plain(name: str) -> str:
    """The name of an input or output, as far as it says what it is: `CONDITIONING+` is positive."""
    lowered = name.lower().strip().removeprefix("optional_").removeprefix("opt_")
    if lowered.endswith("+") or lowered.startswith(("pos", "base_pos")):
        return "positive"
    if lowered.endswith("-") or lowered.startswith(("neg", "base_neg")):
        return "negative"
    return {"latent_image": "latent", "samples": "latent", "images": "image"}.get(lowered, lowered)


def is_open(kind: str) -> bool:
    """Whether a type leaves open what comes: any, one of several, or that of something else."""
    return kind in ("", WILDCARD, MATCH_TYPE) or "," in kind


def is_bundle(kind: str) -> bool:
    """Whether links of this type carry several things at once."""
    return _BUNDLE.search(kind) is not None


class Ways:
    """The ways through one view."""

    def __init__(self, view: View) -> None:
        self.nodes: Mapping[NodePath, Node] = view.nodes
        self._declared: dict[NodePath, Mapping[str, Input]] = {}
        self._chosen: dict[NodePath, str | None] = {}
        self._needed: dict[Slot, list[tuple[str, Slot]]] = {}
        self._matches: dict[NodePath, str] = {}
        self._matching: list[NodePath] = []  # whose types are being asked for

    def is_used(self, path: NodePath) -> bool:
        """Whether another node needs something of it."""
        return path in self._most_used

    def declared(self, node: Node) -> Mapping[str, Input]:
        """The inputs that are declared of a node, by name; none for an unknown type."""
        if node.path not in self._declared:
            self._declared[node.path] = expand(node.signature, node.values) if node.signature is not None else {}
        return self._declared[node.path]

    def output(self, source: NodePath, slot: int) -> tuple[str, str]:
        """The name and the type of an output; "" for what nobody knows.

        The type is as declared, or as saved where only the file knows, or else as who is linked to it declares.
        """
        node = self.nodes.get(source)
        if node is None:
            return "", ""
        name = kind = ""
        if node.signature is not None and 0 <= slot < len(node.signature.outputs):
            name, kind = node.signature.outputs[slot].name, node.signature.outputs[slot].type
        saved = node.ui.outputs if node.ui is not None else None
        matches = kind == MATCH_TYPE
        if saved and 0 <= slot < len(saved) and is_open(kind):
            told = saved[slot].type
            name, kind = name or saved[slot].name, told if isinstance(told, str) else kind
        if is_open(kind) and matches:
            kind = self._matched(node) or kind
        if is_open(kind):
            kind = self._read_as.get((source, slot), kind)
        return name, "" if kind == MATCH_TYPE else kind

    def _matched(self, node: Node) -> str:
        """The type of an output that is that of the inputs: of the first of them that has one."""
        if node.path not in self._matches and len(self._matching) < MAX_MATCHING:
            self._matches[node.path] = ""  # where a node waits for itself
            self._matching.append(node.path)
            names = [
                name for name, each in self.declared(node).items() if each.type == MATCH_TYPE and name in node.given
            ]
            kinds = (self.type_of(node, name) for name in names)
            self._matches[node.path] = next((kind for kind in kinds if not is_open(kind)), "")
            self._matching.pop()
        return self._matches.get(node.path, "")

    @cached_property
    def _read_as(self) -> Mapping[tuple[NodePath, int], str]:
        """What those who are linked to an output declare it to be, where they agree on it."""
        found: dict[tuple[NodePath, int], set[str]] = {}
        for node in self.nodes.values():
            for name, link in node.links:
                declared = self.declared(node).get(name)
                if declared is not None and not is_open(declared.type):
                    found.setdefault((link.source, link.slot), set()).add(declared.type)
        return {at: min(kinds) for at, kinds in found.items() if len(kinds) == 1}

    def output_types(self, node: Node) -> list[str]:
        """The types of all outputs of a node; of an unknown one, of those that are used."""
        declared = len(node.signature.outputs) if node.signature is not None else 0
        saved = len(node.ui.outputs or ()) if node.ui is not None else 0
        count = max(declared, saved, self._most_used.get(node.path, -1) + 1)
        return [self.output(node.path, index)[1] for index in range(count)]

    @cached_property
    def _most_used(self) -> Mapping[NodePath, int]:
        """The highest slot of each node that something is linked to."""
        found: dict[NodePath, int] = {}
        for node in self.nodes.values():
            for _, link in node.links:
                found[link.source] = min(max(found.get(link.source, 0), link.slot), MAX_SLOTS)
        return found

    def type_of(self, node: Node, name: str) -> str:
        """The type of what an input is given: as declared, or else of the output it is linked to; "" if unknown."""
        given = node.given.get(name)
        linked = self.output(given.source, given.slot)[1] if isinstance(given, Linked) else ""
        declared = self.declared(node).get(name)
        if declared is not None and declared.type not in (WILDCARD, MATCH_TYPE):
            return declared.type
        if linked in ("", WILDCARD) and isinstance(given, Linked):
            saved = (slot for slot in (node.ui.inputs if node.ui is not None else None) or () if slot.name == name)
            found = next(saved, None)
            return found.type if found is not None and isinstance(found.type, str) else ""
        return linked or _type_of_value(given.value if given is not None else None)

    def place(self, path: NodePath) -> Place:
        """How people are told of a node."""
        node = self.nodes.get(path)
        return Place(path, node.type, node.title) if node is not None else Place(path, "no such node")

    def chosen(self, node: Node) -> str | None:
        """The input that a switch passes on; None if the node is none, or what it chooses is not known."""
        if node.path not in self._chosen:
            self._chosen[node.path] = None  # where it waits for itself
            self._chosen[node.path] = self._choice(node)
        return self._chosen[node.path]

    def _choice(self, node: Node) -> str | None:
        given = {name.lower(): name for name in node.given}
        on_true, on_false = _first(given, _IF_TRUE), _first(given, _IF_FALSE)
        if on_true or on_false:
            condition = self._constant(node, _CONDITIONS)
            return (on_true if condition else on_false) if isinstance(condition, bool) else None
        numbered = {int(match.group(1)): name for name in node.given if (match := _NUMBERED.match(name)) is not None}
        if len(numbered) > 1 or (numbered and len(node.given) == len(numbered) + 1):
            index = self._constant(node, _CHOOSERS)
            if isinstance(index, int) and not isinstance(index, bool):
                return numbered.get(index)
            if len(numbered) == len(node.given) and self._gives_anything(node):
                return numbered[min(numbered)]  # of several, the first that there is
        return None

    def _gives_anything(self, node: Node) -> bool:
        signature = node.signature
        return signature is not None and len(signature.outputs) == 1 and signature.outputs[0].type == WILDCARD

    def _constant(self, node: Node, names: Iterable[str]) -> Any:
        for name in names:
            given = node.given.get(name) or node.given.get(name.capitalize())
            if given is not None:
                value = self.value(given)
                return None if isinstance(value, From) else value
        return None

    def needed(self, at: Slot) -> list[tuple[str, Slot]]:
        """The linked inputs that an output depends on, with what of them is meant."""
        if at not in self._needed:
            self._needed[at] = self._needed_by(at)
        return self._needed[at]

    def _needed_by(self, at: Slot) -> list[tuple[str, Slot]]:
        node = self.nodes[at.node]
        chosen = self.chosen(node)
        if chosen is not None:
            return [(chosen, self._into(link, at.field)) for name, link in node.links if name == chosen]
        name, kind = self.output(at.node, at.slot)
        bundles = {key for key, link in node.links if is_bundle(self.output(link.source, link.slot)[1])}
        wanted = at.field if is_bundle(kind) and at.field is not None else plain(name)
        links = dict(node.links)
        own = [key for key in links if plain(key) == wanted and key not in bundles]
        if own and (bundles or is_bundle(kind)):
            return [(key, self._into(links[key], None)) for key in own]
        is_made = not bundles and (not own or kind in _MADE)  # of everything that the node is given
        others = set() if is_made else self._other_outputs(node, at.slot)
        keys = [key for key in links if key in own or plain(key) not in others]
        passed = wanted if bundles and not is_bundle(wanted) else None
        return [(key, self._into(links[key], passed if key in bundles else None)) for key in keys]

    def _into(self, link: Linked, field: str | None) -> Slot:
        """The output that a link comes from; a field is meant only of a bundle, or of what may be one."""
        return Slot(link.source, link.slot, field)

    def _other_outputs(self, node: Node, slot: int) -> set[str]:
        """What the other outputs of a node are called: an input of such a name counts for those."""
        count = len(self.output_types(node))
        own = plain(self.output(node.path, slot)[0])
        return {plain(self.output(node.path, index)[0]) for index in range(count) if index != slot} - {own, ""}

    def upstream(self, starts: Iterable[Slot], through: Callable[[Slot], bool] = lambda _: True) -> list[NodePath]:
        """The nodes that some outputs depend on, sources first. `through`: which outputs are gone on from."""
        order: dict[NodePath, None] = {}
        entered: set[Slot] = set()
        stack = [(start, False) for start in reversed(list(starts))]
        while stack:
            at, is_left = stack.pop()
            if is_left:
                order.setdefault(at.node)
            elif at not in entered and at.node in self.nodes:
                entered.add(at)
                stack.append((at, True))
                if through(at):
                    stack += ((source, False) for _, source in reversed(self.needed(at)))
        return list(order)

    def inputs(self, node: Node) -> Iterator[tuple[str, Slot]]:
        """What the linked inputs of a node depend on."""
        return ((name, Slot(link.source, link.slot)) for name, link in node.links)

    def find(self, node: Node, names: Iterable[str]) -> Given | None:
        """What is given to the input of one of these names: by the node itself, or by the bundles that it is given."""
        names = tuple(names)
        waiting, seen = [node], {node.path}
        while waiting:
            here = waiting.pop(0)
            for name in here.given:
                if plain(name) in names or name.lower() in names:
                    return here.given[name]
            chosen = self.chosen(here)
            for name, link in here.links:
                bundles = is_bundle(self.output(link.source, link.slot)[1]) or name == chosen
                if bundles and (chosen in (None, name)) and link.source in self.nodes and link.source not in seen:
                    seen.add(link.source)
                    waiting.append(self.nodes[link.source])
        return None

    def value(self, given: Given) -> Told:
        """A number, a choice or a text: what is written, or what comes through links from where it is written."""
        if isinstance(given, Literal):
            return given.value if isinstance(given.value, str | int | float) else _spelled(given.value)
        is_number = self.output(given.source, given.slot)[1] in ("INT", "FLOAT")
        for _ in range(MAX_STEPS):
            node = self.nodes.get(given.source)
            carried = self.carried(node, given.slot) if node is not None else None
            if isinstance(carried, Linked):
                given = carried
                continue
            value = carried.value if carried is not None else None
            if isinstance(value, str | int | float) and not (is_number and isinstance(value, str)):
                return value
            break
        return From(self.place(given.source))

    def carried(self, node: Node, slot: int) -> Given | None:
        """What an output gives on as it is, as far as declarations tell: a value that the node holds, or a link."""
        chosen = self.chosen(node)
        if chosen is not None:
            return node.given.get(chosen)
        name, kind = self.output(node.path, slot)
        if len(node.given) == 1 and self._is_value(kind):
            (only,) = node.given
            if self._is_value(self.type_of(node, only)):
                return node.given[only]
        named = [key for key in node.given if plain(key) == plain(name)]
        if named:
            is_chosen = plain(name) in ("width", "height") and self._has_choices(node)
            return node.given[named[0]] if not is_chosen else None
        if is_bundle(kind):
            return None
        bundle = self.find(node, (plain(name),)) if name else None
        if bundle is not None:
            return bundle
        fitting = [key for key in node.given if self.type_of(node, key) == kind and kind in ("INT", "FLOAT", "STRING")]
        others = [key for key in node.given if key not in fitting]
        return node.given[fitting[0]] if len(fitting) == 1 and not others else None

    def _is_value(self, kind: str) -> bool:
        """Whether it may be a number, a choice or a text; what is unknown may."""
        return kind in _VALUES or "," in kind

    def _has_choices(self, node: Node) -> bool:
        return any(each.type == COMBO for each in self.declared(node).values())


def _first(given: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((given[name] for name in names if name in given), None)


def _type_of_value(value: Any) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    return {int: "INT", float: "FLOAT", str: "STRING"}.get(type(value), "")


def _spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
