"""What becomes of a fact that both sides changed, and not alike: one table, by what the fact is of.

What means nothing is ours', what only looks different is ours' with a note, and of what means something the two values
are made into one where they can be: else it is a conflict.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wftools.diff.changes import ABSENT, CLASSES, Absent, Changed, Class, Endpoint
from wftools.diff.facts import same
from wftools.graph.authored.editor_types import NOTES
from wftools.merge.threeway import ClashError, merged_json, merged_list, merged_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftools.diff.changes import FactValue, Key, Kind
    from wftools.merge.decisions import Conflict, ConflictKind

Verdict: TypeAlias = Literal["ours", "theirs", "combined", "note", "conflict"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a fact, and the value that it has then."""

    verdict: Verdict
    value: FactValue = ABSENT


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that both sides changed, and not alike."""

    node_type: str
    key: Key
    base: FactValue
    ours: FactValue
    theirs: FactValue


Strategy: TypeAlias = "Callable[[Fact], Settled]"


def _ours(fact: Fact) -> Settled:
    """Opening, running or saving a workflow changes it."""
    return Settled("ours", fact.ours)


def _noted(fact: Fact) -> Settled:
    """It looks different, or was drawn or shown by a run."""
    return Settled("note", fact.ours)


def _newest(fact: Fact) -> Settled:
    """Versions of programs: the greater one."""
    is_newer = _numbers(fact.theirs) > _numbers(fact.ours)
    return Settled("theirs", fact.theirs) if is_newer else Settled("ours", fact.ours)


def _numbers(version: FactValue) -> list[int]:
    return [int(number) for number in re.findall(r"\d{1,9}", version)] if isinstance(version, str) else []


def _greatest(fact: Fact) -> Settled:
    """Counters, alone or several under their names: the greatest that any version has."""
    value = _greater(_greater(fact.ours, fact.theirs), fact.base)
    return Settled("ours" if same(value, fact.ours) else "combined", value)


def _greater(one: FactValue, other: FactValue) -> FactValue:
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {key: _greater(one.get(key), value) for key, value in other.items()}  # type: ignore[return-value]
    if isinstance(one, int) and isinstance(other, int):
        return max(one, other)
    return other if one is None or isinstance(one, Absent) else one


def _ordered(fact: Fact) -> Settled:
    """Names of slots: those of both, in ours' order."""
    lists = [value if isinstance(value, list) else [] for value in (fact.base, fact.ours, fact.theirs)]
    base, ours, theirs = ([str(name) for name in names] for names in lists)
    common = [[name for name in names if name in set(base)] for names in (base, ours, theirs)]
    are_both_reordered = common[0] != common[1] != common[2] != common[0]
    return Settled("note" if are_both_reordered else "combined", [*merged_list(base, ours, theirs)])


def _entries(fact: Fact) -> Settled:
    """Objects and lists: entry by entry."""
    if isinstance(fact.ours, Endpoint) or isinstance(fact.theirs, Endpoint) or isinstance(fact.base, Endpoint):
        return Settled("conflict", fact.ours)
    try:
        return Settled("combined", merged_json(fact.base, fact.ours, fact.theirs))
    except ClashError:
        return Settled("conflict", fact.ours)


def _listed(fact: Fact) -> Settled:
    """What instances of subgraphs show: that of both; the values have names of their own."""
    settled = _entries(fact)
    return Settled("ours", fact.ours) if settled.verdict == "conflict" else settled


def _value(fact: Fact) -> Settled:
    """Values of widgets: texts by lines and words, objects by entries, all else as a whole."""
    texts = (fact.base, fact.ours, fact.theirs)
    is_note = fact.node_type in NOTES
    if all(isinstance(text, str) and (is_note or _is_written(text)) for text in texts):
        base, ours, theirs = map(str, texts)
        made = merged_text(base, ours, theirs)
        return Settled("conflict", fact.ours) if made is None else Settled("combined", made)
    return _entries(fact)


def _is_written(text: str) -> bool:
    """Whether a text is written text, of which parts can be changed apart: no name of a file, no choice of a menu."""
    return "\n" in text.strip() or len(_WORD.findall(text)) >= _PROSE


_WORD: Final = re.compile(r"\w+")
_PROSE: Final = 8  # words

# Facts that a side has of opening or saving the workflow, or that are worked out anew: theirs count for nothing.
_OURS_ALWAYS: Final[Mapping[Kind, frozenset[str]]] = {
    "workflow": frozenset(
        {"nodes", "links", "groups", "definitions", "spelling", "floatingLinks", "extra ds", "revision", "id"}
    ),
    "subgraph": frozenset({"nodes", "links", "groups", "spelling", "floatingLinks", "extra ds", "revision"}),
    "node": frozenset({"link id", "order", "execution_order"}),
    "input": frozenset({"link id", "id"}),
    "output": frozenset({"link id", "id"}),
}

COUNTERS: Final = ("last_node_id", "last_link_id", "state")

_OF_KEY: Final[Mapping[tuple[Kind, str], Strategy]] = {
    ("workflow", "extra frontendVersion"): _newest,
    ("workflow", "extra workflowRendererVersion"): _newest,
    **{(kind, key): _greatest for kind in ("workflow", "subgraph") for key in COUNTERS},
    ("subgraph", "inputs"): _ordered,
    ("subgraph", "outputs"): _ordered,
    ("node", "inputs"): _ordered,
    ("node", "outputs"): _ordered,
    ("node", "widget"): _value,
    ("node", "mode"): lambda fact: Settled("conflict", fact.ours),
    ("node", "property proxyWidgets"): _listed,
    ("node", "property previewExposures"): _listed,
}

_OF_TOPIC: Final[Mapping[str, Strategy]] = {"seed": _noted, "runtime data": _noted}

_OF_CLASS: Final[Mapping[Class, Strategy]] = {
    "semantic": _entries,
    "schema": _ours,
    "layout": _noted,
    "style": _noted,
    "volatile": _ours,
}


def is_ours_always(kind: Kind, key: Key) -> bool:
    """Whether what theirs says of a fact counts for nothing, even if ours did not change it."""
    return _named(key) in _OURS_ALWAYS.get(kind, ()) or key[0] in _OURS_ALWAYS.get(kind, ())


def settle(ours: Changed, theirs: Changed) -> Settled:
    """What becomes of a fact that both sides changed, and not alike."""
    kind, key = ours.subject.kind, ours.key
    fact = Fact(ours.type, key, ours.old, ours.new, theirs.new)
    strategy = _OF_KEY.get((kind, _named(key))) or _OF_KEY.get((kind, key[0]))
    fact_class = min((ours.fact_class, theirs.fact_class), key=CLASSES.index)  # what means most
    if fact_class != "semantic" and key[0] == "widget":
        strategy = None
    if strategy is None or fact_class == "volatile":
        topic = ours.topic if ours.fact_class == "volatile" else theirs.topic
        strategy = _OF_TOPIC.get(topic, strategy or _OF_CLASS[fact_class])
    return strategy(fact)


def _named(key: Key) -> str:
    return " ".join(key[:2]) if key[0] in ("extra", "property") else key[0]


def conflict_kind(kind: Kind, key: Key) -> ConflictKind:
    """What a conflict over a fact is called."""
    if kind == "group":
        return "group"
    if kind in ("input", "output"):
        return "link" if key[0] == "link" else "io"
    return _CONFLICTS.get(key[0], "field") if kind == "node" else "field"


_CONFLICTS: Final[Mapping[str, ConflictKind]] = {
    "widget": "widget",
    "link": "link",
    "title": "title",
    "mode": "mode",
    "property": "property",
    "model": "model",
    "type": "type",
}


def united(conflict: Conflict) -> str | None:
    """The text with what both sides wrote, where a conflict is over a written text."""
    values = conflict.values
    if conflict.key[:1] != ("widget",) or not isinstance(values.ours, str) or not isinstance(values.theirs, str):
        return None
    base = values.base if isinstance(values.base, str) else ""
    are_prose = all(_is_written(text) for text in (values.ours, values.theirs))
    return merged_text(base, values.ours, values.theirs, union=True) if are_prose else None
