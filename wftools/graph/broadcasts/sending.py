"""What the nodes of a scope broadcast: outputs, with rules for who gets them.

    ue_properties: {"version": "7.8", "title_regex": "Sampler", "priority": 50, …}

Files from before version 7 of the pack have a part of these settings elsewhere; they are read as that version reads
them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wftools.graph.authored.scopes import BYPASSED, INPUTS
from wftools.graph.broadcasts import BROADCASTERS, PROMPTS, QUERY, SEED
from wftools.graph.broadcasts.patterns import MalformedPatternError, Pattern, RefusedPatternError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wftools.document.ui import InputSlot, OutputSlot
    from wftools.graph.authored import Authored
    from wftools.graph.authored.scopes import AuthoredLink, AuthoredNode, Scope
    from wftools.graph.broadcasts.patterns import Effort
    from wftools.graph.broadcasts.receiving import Groups, Receiver

    Test = Callable[[Receiver], bool]

_KINDS: Final = ("title", "input", "group")
_PROMPTS: Final = (("prompt", r"(_|\b)pos(itive|_|\b)"), ("negative", r"(_|\b)neg(ative|_|\b)"))
_PROMPT_LABELS: Final = frozenset({"positive", "negative"})
_SEED: Final = "seed"


@dataclass(frozen=True, eq=False)
class Broadcast:
    """An output that a node sends to inputs that nothing is linked to."""

    node: AuthoredNode  # the one that sends it
    source: str  # the id of the node that it comes from, or INPUTS
    slot: int
    type: str
    pointer: str  # of what is sent, in the document
    priority: float
    to_any: bool  # whether inputs that take anything get it
    to_combo: bool  # whether menus get it, too: it is a text
    tests: tuple[Test, ...]  # what an input must pass, beside its type


@dataclass(frozen=True, eq=False)
class Refused:
    """A node whose broadcasts are not made, since its pattern is not searched for."""

    node: AuthoredNode
    pattern: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Sent:
    source: str
    slot: int
    type: str
    name: str  # of the slot, or what its user calls it
    pointer: str
    index: int = 0  # of the slot


def settings(node: AuthoredNode) -> Mapping[str, Any]:
    """What a node's file says of how it sends and receives."""
    properties = node.ui.properties or {}
    found = properties.get("ue_properties")
    found = found if isinstance(found, dict) else {}
    if _version(found) >= (7,):
        return found
    older = {key: properties.get(key) for key in ("group_restricted", "color_restricted", "widget_ue_connectable")}
    if node.type == QUERY:
        values = node.ui.widgets_values
        names = [f"{kind}_regex" for kind in _KINDS]
        older |= values if isinstance(values, dict) else dict(zip(names, values or (), strict=False))
    return {**found, **{key: value for key, value in older.items() if value is not None}}


def _version(found: Mapping[str, Any]) -> tuple[int, ...]:
    version = found.get("version")
    numbers = re.match(r"\d{1,9}(\.\d{1,9})*", version) if isinstance(version, str) else None
    return tuple(map(int, numbers[0].split("."))) if numbers is not None else ()


class Senders:
    """Reads the broadcasts of the nodes of one file."""

    def __init__(self, authored: Authored, effort: Effort) -> None:
        self._authored = authored
        self._effort = effort
        self._patterns: dict[str, Pattern | None] = {}

    def of(self, scope: Scope, node: AuthoredNode, groups: Groups) -> Iterator[Broadcast]:
        """What a node broadcasts. Raises RefusedPatternError."""
        found = settings(node)
        sent = list(self._sent(scope, node, found))
        counts = Counter(each.type for each in sent)
        has_labels = {each.name for each in sent} <= _PROMPT_LABELS  # those that version 7 gives the inputs of PROMPTS
        priority = _priority(node, found, has_repeated=any(count > 1 for count in counts.values()))
        always_by_name = bool(found.get("apply_to_unrepeated", node.type == PROMPTS))  # one prompt is no prompt for all
        for each in sent:
            own, goes_by_name = dict(found), counts[each.type] > 1 or always_by_name
            if node.type == PROMPTS and not has_labels:
                goes_by_name, (kind, pattern) = False, _PROMPTS[each.index > 0]
                own["input_regex"] = found.get(f"{kind}_regex") or pattern
                own["input_regex_invert"] = found.get(f"{kind}_regex_invert")
            elif _is_seed(node, found):
                own["input_regex"] = found.get("input_regex") or _SEED
            tests = [*self._by_pattern(own, groups), *_restrictions(node, found, groups)]
            if goes_by_name:
                tests.append(self._by_name(found.get("repeated_type_rule"), each.name))
            yield Broadcast(
                node,
                each.source,
                each.slot,
                each.type,
                each.pointer,
                priority,
                bool(found.get("send_to_any")),
                bool(found.get("string_to_combo")) and each.type == "STRING",
                tuple(tests),
            )

    # What is sent

    def _sent(self, scope: Scope, node: AuthoredNode, found: Mapping[str, Any]) -> Iterator[_Sent]:
        if _is_seed(node, found):
            yield _Sent(node.id, 0, "INT", "", node.pointer)
        elif node.type not in BROADCASTERS:
            kept = found.get("output_not_broadcasting")
            for index, output in enumerate(node.ui.outputs or ()):
                kind = self._authored.output_type(node, index)
                if isinstance(kind, str) and not (isinstance(kept, dict) and kept.get(output.name)):
                    yield _Sent(node.id, index, kind, _called(output), f"{node.pointer}/outputs/{index}")
        else:
            for index, link in sorted(scope.incoming(node).items()):
                source = live(scope, link)
                before = scope.by_id.get(source.source) if source is not None else None
                if node.inputs[index].widget is not None or source is None or (before is not None and before.is_off):
                    continue
                kind = link.row.type if link.row.type not in ("*", "") else None
                kind = kind or self._made(scope, source)
                if isinstance(kind, str):
                    name, pointer = _called(node.inputs[index]), f"{node.pointer}/inputs/{index}"
                    yield _Sent(source.source, source.row.origin_slot, kind, name, pointer, index)

    def _made(self, scope: Scope, link: AuthoredLink) -> object:
        """The type of what a link comes from."""
        slot = link.row.origin_slot
        if link.source == INPUTS:
            return scope.inputs[slot].type if 0 <= slot < len(scope.inputs) else None
        node = scope.by_id.get(link.source)
        return self._authored.output_type(node, slot) if node is not None else None

    # Who gets it

    def _by_pattern(self, found: Mapping[str, Any], groups: Groups) -> Iterator[Test]:
        for kind in _KINDS:
            source, is_inverted = found.get(f"{kind}_regex"), bool(found.get(f"{kind}_regex_invert"))
            pattern = self._pattern(source) if isinstance(source, str) and source not in ("", ".*") else None
            if pattern is not None:
                yield self._matches(kind, pattern, groups, is_inverted=is_inverted)

    def _matches(self, kind: str, pattern: Pattern, groups: Groups, *, is_inverted: bool) -> Test:
        if kind == "group":
            return lambda receiver: any(
                pattern.is_in(title, self._effort) is not is_inverted for title in groups.titles(receiver.node)
            )
        if kind == "title":
            return lambda receiver: (
                any(pattern.is_in(title, self._effort) for title in receiver.titles) is not is_inverted
            )
        return lambda receiver: pattern.is_in(receiver.label, self._effort) is not is_inverted

    def _by_name(self, rule: object, name: str) -> Test:
        """Where a node sends one type twice, the name of what it sends decides."""
        if rule == 1:
            return lambda receiver: receiver.label.startswith(name) or name.startswith(receiver.label)
        if rule == 2:
            return lambda receiver: receiver.label.endswith(name) or name.endswith(receiver.label)
        if rule == 3:
            return lambda receiver: name in receiver.titles
        if rule == 4:
            pattern = self._pattern(name)
            return lambda receiver: pattern is not None and pattern.is_in(receiver.label, self._effort)
        return lambda receiver: receiver.label == name

    def _pattern(self, source: str) -> Pattern | None:
        """A pattern; None for one that is malformed, which restricts nothing. Raises RefusedPatternError."""
        if source not in self._patterns:
            try:
                self._patterns[source] = Pattern(source)
            except MalformedPatternError:
                self._patterns[source] = None
            except RefusedPatternError as error:
                raise RefusedPatternError(source, str(error)) from None
        return self._patterns[source]


def _is_seed(node: AuthoredNode, found: Mapping[str, Any]) -> bool:
    return node.type == SEED or bool(found.get("seed_inputs"))


def _called(slot: InputSlot | OutputSlot) -> str:
    return slot.label or slot.name


def _restrictions(node: AuthoredNode, found: Mapping[str, Any], groups: Groups) -> Iterator[Test]:
    by_group, by_color = found.get("group_restricted"), found.get("color_restricted")
    if by_group in (1, 2):
        own = groups.of(node)
        yield lambda receiver: (not own.isdisjoint(groups.of(receiver.node))) is (by_group == 1)
    if by_color in (1, 2):
        yield lambda receiver: (receiver.color == node.ui.color) is (by_color == 1)


def _priority(node: AuthoredNode, found: Mapping[str, Any], *, has_repeated: bool) -> float:
    """Of several broadcasts that an input could get, the one with the highest priority is made."""
    given = found.get("priority")
    if isinstance(given, int | float) and given:
        return given
    has_pattern = any(found.get(f"{kind}_regex") not in (None, "", ".*") for kind in (*_KINDS, "prompt", "negative"))
    return (
        10
        + 10 * (node.type in (SEED, PROMPTS))
        + 20 * (has_pattern or has_repeated)
        + 3 * (found.get("group_restricted") in (1, 2))
        + 6 * (found.get("color_restricted") in (1, 2))
    )


def live(scope: Scope, link: AuthoredLink) -> AuthoredLink | None:
    """Where a link comes from: bypassed nodes are passed along inputs of its type. None if that leads nowhere."""
    seen: set[AuthoredLink] = set()
    kind: object = link.row.type
    found: AuthoredLink | None = link
    while found is not None and found not in seen:
        seen.add(found)
        node = scope.by_id.get(found.source)
        if node is None or node.mode != BYPASSED:
            return found if node is not None or found.source == INPUTS else None
        incoming, slots = scope.incoming(node), node.inputs
        at = found.row.origin_slot
        if not (0 <= at < len(slots) and slots[at].type == kind):
            at = next((index for index, slot in enumerate(slots) if slot.type == kind), -1)
        found = incoming.get(at)
    return None
