"""Which subject of one version is which of another.

Definitions of subgraphs come first, since they are the types of nodes; then, from the inside out, the nodes of each
graph, and what they tell of groups and renamed slots. What nothing of the other version is like came or went.
"""

from __future__ import annotations

from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from wftools.diff.changes import ROOT, WORKFLOW, Subject
from wftools.diff.matching.definitions import pair_definitions, pair_renamed_slots, pair_slots
from wftools.diff.matching.groups import pair_groups, pair_reroutes
from wftools.diff.matching.nodes import pair_nodes
from wftools.diff.matching.pairs import By, How, Matching, Pair
from wftools.diff.matching.sides import Names, side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wftools.diff.version import Part, Version

__all__ = ["By", "How", "Matching", "Pair", "match"]


def match(old: Version, new: Version, by: By = "content") -> Matching:
    """Pair the subjects of two versions.

    `by="id"`: only what has one id (and, of nodes, one type) in both.
    """
    return _by_id(old, new) if by == "id" else Matching(_Matching(old, new).pairs)


def _by_id(old: Version, new: Version) -> Matching:
    return Matching(
        {
            subject: Pair(subject, "id")
            for subject, part in old.parts.items()
            if subject in new.parts and part.type == new.parts[subject].type
        }
    )


class _Matching:
    def __init__(self, old: Version, new: Version) -> None:
        self._old, self._new = _by_scope(old), _by_scope(new)
        names, others = _names(old), _names(new)
        definitions = pair_definitions(self._old, self._new, names, others)
        self.pairs: dict[Subject, Pair] = {WORKFLOW: Pair(WORKFLOW, "id")}
        self._slots: dict[Subject, str] = {}
        for id_, pair in definitions.items():
            self.pairs[Subject(ROOT, "subgraph", id_)] = pair
            self._add_slots(pair_slots(self._old[id_], self._new[pair.new.id]))
        self._of_old = Names({id_: id_ for id_ in names}, {})
        to_old = {pair.new.id: id_ for id_, pair in definitions.items()}
        # One that is new has a name of its own: its id may be that of another one in the old version.
        self._definitions = {id_: to_old.get(id_, f"{id_} (new)") for id_ in others}
        for id_ in _inside_out(self._old):
            if id_ == ROOT or id_ in definitions:
                self._pair_graphs(id_, definitions[id_].new.id if id_ else ROOT)

    def _pair_graphs(self, scope: str, other: str) -> None:
        mine, theirs = self._old[scope], self._new[other]
        sides = side(mine, self._of_old), side(theirs, Names(self._definitions, self._slots))
        nodes = pair_nodes(*sides)
        for id_, (found, how, score) in nodes.items():
            self.pairs[Subject(scope, "node", id_)] = Pair(Subject(other, "node", found), how, score)
        to_new = {id_: found for id_, (found, _, _) in nodes.items()}
        if scope != ROOT:
            self._add_slots(pair_renamed_slots(mine, theirs, sides, to_new, self.pairs))
        self.pairs |= pair_groups(mine, theirs, sides, to_new)
        self.pairs |= pair_reroutes(mine, theirs)

    def _add_slots(self, pairs: Mapping[Subject, Pair]) -> None:
        self.pairs |= pairs
        self._slots |= {pair.new: subject.id for subject, pair in pairs.items()}


def _by_scope(version: Version) -> Mapping[str, Sequence[Part]]:
    """The parts of each graph; definitions are not among them, but are graphs."""
    found: defaultdict[str, list[Part]] = defaultdict(list)
    for part in version.parts.values():
        if part.subject.kind == "subgraph":
            found[part.subject.id]
        else:
            found[part.subject.scope].append(part)
    return found


def _names(version: Version) -> dict[str, str]:
    return {part.subject.id: part.title for part in version.of_kind("subgraph")}


def _inside_out(graphs: Mapping[str, Sequence[Part]]) -> Iterable[str]:
    """The graphs, those of definitions before those in which they are used; in any order if they hold each other."""
    inner = {scope: {part.type for part in parts} & graphs.keys() - {ROOT} for scope, parts in graphs.items()}
    try:
        return [*TopologicalSorter(inner).static_order()]
    except CycleError:
        return graphs
