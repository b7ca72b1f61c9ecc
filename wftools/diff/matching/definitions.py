"""Which subgraph definition is which, and which of their inputs and outputs."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from wftools.diff.changes import ROOT, Subject
from wftools.diff.matching.fingerprints import fingerprints
from wftools.diff.matching.pairs import Pair
from wftools.diff.matching.sides import Names, natural, side
from wftools.graph.authored.scopes import INPUTS, OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from wftools.diff.changes import Kind
    from wftools.diff.matching.pairs import How
    from wftools.diff.matching.sides import Side
    from wftools.diff.version import Part

    Graphs: TypeAlias = Mapping[str, Sequence[Part]]  # the parts of a version by scope

Item = TypeVar("Item")

_ALIKE: Final = 0.6  # the share of the types of nodes, each as often as it occurs, that two definitions have both
_SAME_LINKS: Final = 0.5  # the share of the links of two slots that end at the same slots of nodes
_ROUNDS: Final = 1  # how far nodes are looked around for here: definitions that were edited have few far ones alike


def pair_definitions(old: Graphs, new: Graphs, names: Mapping[str, str], others: Mapping[str, str]) -> dict[str, Pair]:
    """The definitions of one version that are in another, by id; `names` and `others` are what they are called.

    What has one id is one. Else it is what has the same types of nodes inside: of several that which has the name and
    more of the same nodes, and stands in the same place.
    """
    found = {id_: Pair(Subject(ROOT, "subgraph", id_), "id") for id_ in names if id_ in others}
    if names.keys() == found.keys() or others.keys() == found.keys():
        return found
    mine, theirs = _described(old, names, new, others)
    scored = []
    for id_ in sorted(names.keys() - found.keys(), key=natural):
        for other in sorted(others.keys() - found.keys(), key=natural):
            one, two = mine[id_], theirs[other]
            types, nodes = _shared(one.types, two.types), _shared(one.nodes, two.nodes)
            is_namesake = names[id_] == others[other]
            if types >= _ALIKE:
                score = (types + nodes) / 2
                scored.append((score + is_namesake + _shared(one.instances, two.instances), id_, other, score))
    scored.sort(key=lambda each: each[0], reverse=True)
    taken = set()
    for _, id_, other, score in scored:
        if id_ not in found and other not in taken:
            taken.add(other)
            how: How = "name" if names[id_] == others[other] else "similarity"
            found[id_] = Pair(Subject(ROOT, "subgraph", other), how, round(score, 3))
    return found


@dataclass
class _Definition:
    types: Counter[str] = field(default_factory=Counter)
    nodes: Counter[int] = field(default_factory=Counter)  # by fingerprint
    instances: Counter[int] = field(default_factory=Counter)


def _described(
    old: Graphs, names: Mapping[str, str], new: Graphs, others: Mapping[str, str]
) -> tuple[Mapping[str, _Definition], Mapping[str, _Definition]]:
    """The definitions of both versions by id, with instances of others called after the names of those."""
    both = [
        {
            scope: side(parts, Names({id_: f"subgraph {name}" for id_, name in called.items()}, {}))
            for scope, parts in graphs.items()
        }
        for graphs, called in ((old, names), (new, others))
    ]
    numbers = iter(fingerprints([each for sides in both for each in sides.values()], _ROUNDS))
    found: list[defaultdict[str, _Definition]] = []
    for graphs, sides in zip((old, new), both, strict=True):
        described: defaultdict[str, _Definition] = defaultdict(_Definition)
        for scope, each in sides.items():
            known = next(numbers)
            described[scope].types.update(node.type for node in each.nodes.values())
            described[scope].nodes.update(known.values())
            for part in graphs[scope]:
                if part.subject.kind == "node":
                    described[part.type].instances[known[part.subject.id]] += 1
        found.append(described)
    return found[0], found[1]


def _shared(mine: Counter[Item], theirs: Counter[Item]) -> float:
    """The share of what is in both (Jaccard's index)."""
    return (mine & theirs).total() / ((mine | theirs).total() or 1)


def pair_slots(old: Iterable[Part], new: Iterable[Part]) -> dict[Subject, Pair]:
    """The inputs and outputs of one definition, in two versions: by their ids, then by their names."""
    found: dict[Subject, Pair] = {}
    for kind in _SLOTS:
        mine, theirs = ([part for part in parts if part.subject.kind == kind] for parts in (old, new))
        by_id = {id_: part.subject for part in reversed(theirs) if isinstance(id_ := part.tree.get("id"), str)}
        taken: set[Subject] = set()
        for part in mine:
            other = by_id.get(str(part.tree.get("id")))
            if other is not None and other not in taken:
                found[part.subject] = Pair(other, "id")
                taken.add(other)
        by_name = {part.subject.id: part.subject for part in theirs if part.subject not in taken}
        for part in mine:
            if part.subject not in found and part.subject.id in by_name:
                found[part.subject] = Pair(by_name[part.subject.id], "name")
    return found


_SLOTS: Final[tuple[Kind, Kind]] = ("input", "output")


def pair_renamed_slots(
    old: Sequence[Part],
    new: Sequence[Part],
    sides: tuple[Side, Side],
    nodes: Mapping[str, str],
    known: Mapping[Subject, Pair],
) -> dict[Subject, Pair]:
    """The inputs and outputs that have neither id nor name in common, but are linked to the same slots of nodes."""
    taken = {pair.new for pair in known.values()}
    mine = [part.subject for part in old if part.subject.kind in _SLOTS and part.subject not in known]
    theirs = [part.subject for part in new if part.subject.kind in _SLOTS and part.subject not in taken]
    if not mine or not theirs:
        return {}
    ends, others = _ends(sides[0], nodes), _ends(sides[1], {})
    scored = []
    for one in mine:
        for two in theirs:
            if one.kind == two.kind:
                share = _shared(ends[one.kind, one.id], others[two.kind, two.id])
                if share >= _SAME_LINKS:
                    scored.append((-share, one, two))
    found: dict[Subject, Pair] = {}
    for share, one, two in sorted(scored):
        if one not in found and two not in taken:
            taken.add(two)
            found[one] = Pair(two, "place", round(-share, 3))
    return found


def _ends(side: Side, nodes: Mapping[str, str]) -> Mapping[tuple[str, str], Counter[Hashable]]:
    """The slots of nodes that each input and output of a definition is linked to, by its kind and name."""
    found: defaultdict[tuple[str, str], Counter[Hashable]] = defaultdict(Counter)
    for id_, node in side.nodes.items():
        for slots, ids in node.ends.items():
            for end in ids:
                if end == (OUTPUTS if slots.is_output else INPUTS):
                    found["output" if slots.is_output else "input", slots.other][nodes.get(id_, id_), slots.own] += 1
    return found
