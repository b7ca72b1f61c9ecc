"""Which node of one graph is which of another.

In this order: those that are equal in all but their ids; of the rest, those that hold the same and stand where they
stood, though their links are others; those of one id and type that are alike; those of one type that are most alike,
again and again, since each that is found tells more of its neighbours; those that have the id and the type and nothing
better; those of another type that have the id, or the place between the same nodes.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from wftools.diff.matching.fingerprints import equal_pairs
from wftools.diff.matching.likeness import Known, likeness, most_alike, of_themselves
from wftools.diff.matching.sides import BORDER, natural

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from wftools.diff.matching.likeness import Share
    from wftools.diff.matching.pairs import How
    from wftools.diff.matching.sides import Node, Side

_VERIFIED: Final = 0.5  # so much alike, nodes of one id are one without looking further
_ALIKE: Final = (0.75, 0.5, 1 / 3)  # the surest first, since the less sure then have more to go by
_ONLY: Final = 0.15  # so much, where no other node of the type is left in either graph
_SAME_ID: Final = 0.2  # what an id adds to how alike two nodes are
_BUCKET: Final = 200  # of more nodes of one type not all are compared with all
_WINDOW: Final = 8  # but each with these many on either side of its place in topological order
_REPLACED: Final = 0.5  # the share of the links of two nodes that lead to the same slots
_SUCCEEDED: Final = 0.25  # the same, of nodes of which the types have one name but for what follows or ends it
_STEM: Final = 0.8  # of the shorter of two names, what both begin with
_KEPT: Final = 0.5  # how alike two such nodes are of themselves, if nothing that they are linked to tells of them
_NEAR: Final = 200.0  # pixels

_Candidate = tuple["Node", "Node", "Share"]
"""Two nodes, and how alike they are of themselves."""

_Scored = tuple[str, str, float, float]
"""Two ids, how alike their nodes are, and what they are ranked by."""

Found = dict[str, tuple[str, "How", float]]
"""By the id in the old graph: the id in the new one, how it was found, and how alike the two are."""


def pair_nodes(old: Side, new: Side) -> Found:
    """The pairs of nodes of two graphs."""
    return _Pairing(old, new).found


class _Pairing:
    def __init__(self, old: Side, new: Side) -> None:
        self.found: Found = {}
        self._old, self._new = old, new
        self._known = Known(old, new)
        for id_, other in equal_pairs(old, new).items():
            self._take(id_, other, "id" if id_ == other else "fingerprint", 1.0)
        if all(self._left()):
            self._untouched()
            self._verified()
            self._similar()
            self._same_id()
            self._successors()

    def _take(self, old: str, new: str, how: How, score: float) -> None:
        self.found[old] = new, how, round(score, 3)
        self._known.take(old, new)

    def _left(self) -> tuple[list[Node], list[Node]]:
        """The nodes that no pair was found for yet."""
        return (
            [self._old.nodes[id_] for id_ in self._old.ids if id_ not in self._known.to_new],
            [self._new.nodes[id_] for id_ in self._new.ids if id_ not in self._known.to_old],
        )

    def _of_one_id(self) -> list[tuple[Node, Node]]:
        mine, theirs = self._left()
        by_id = {node.id: node for node in theirs}
        return [(node, by_id[node.id]) for node in mine if node.id in by_id and by_id[node.id].type == node.type]

    def _untouched(self) -> None:
        """Take the nodes that hold the same at the same place, where only one does: another may have got the old id."""
        mine, theirs = (_by_place(nodes) for nodes in self._left())
        for key, (node, *more) in mine.items():
            other, *others = theirs.get(key, [None])
            if other is not None and not more and not others:
                self._take(node.id, other.id, "id" if node.id == other.id else "similarity", 1.0)

    def _verified(self) -> None:
        """Take the nodes of one id and type that are alike of themselves: links alone may be those of a sister too."""
        for node, other in self._of_one_id():
            share, weight = of_themselves(node, other)
            if weight and share / weight >= _VERIFIED:
                self._take(node.id, other.id, "id", share / weight)

    def _same_id(self) -> None:
        """Take the nodes of one id and type that are like no other."""
        for node, other in self._of_one_id():
            self._take(node.id, node.id, "id", likeness(node, other, self._known))

    def _similar(self) -> None:
        """Take the nodes of one type that are most alike."""
        candidates = [(old, new, of_themselves(old, new)) for old, new in self._candidates()]
        for least in (*_ALIKE, _ONLY):
            scored = []
            for old, new, own in candidates if least != _ONLY else self._only_ones(candidates):
                is_open = old.id not in self._known.to_new and new.id not in self._known.to_old
                if is_open and most_alike(own) >= least:
                    score = likeness(old, new, self._known, own)
                    if score >= least:
                        scored.append((old.id, new.id, score, score + _SAME_ID * (old.id == new.id)))
            for id_, other, score, _ in sorted(scored, key=_best_first):
                if id_ not in self._known.to_new and other not in self._known.to_old:
                    self._take(id_, other, "id" if id_ == other else "similarity", score)

    def _only_ones(self, candidates: list[_Candidate]) -> list[_Candidate]:
        """Those of which the nodes are the only ones of their type that are left."""
        mine, theirs = (Counter(node.type for node in nodes) for nodes in self._left())
        return [each for each in candidates if mine[each[0].type] == theirs[each[0].type] == 1]

    def _candidates(self) -> Iterator[tuple[Node, Node]]:
        """The nodes of one type; where there are very many of it, those that come at about the same time."""
        mine, theirs = map(_by_type, self._left())
        for type_, nodes in mine.items():
            others = theirs.get(type_, [])
            if len(nodes) <= _BUCKET and len(others) <= _BUCKET:
                yield from ((node, other) for node in nodes for other in others)
                continue
            nodes.sort(key=lambda node: self._old.ranks[node.id])
            others.sort(key=lambda node: self._new.ranks[node.id])
            for index, node in enumerate(nodes):
                yield from ((node, other) for other in others[max(0, index - _WINDOW) : index + _WINDOW + 1])

    def _successors(self) -> None:
        """Take nodes, mostly of two types, of which one stands where the other stood."""
        while found := self._standing_alike():
            for id_, other, score, _ in sorted(found, key=_best_first):
                if id_ not in self._known.to_new and other not in self._known.to_old:
                    how: How = "retyped" if id_ == other else "replaced"
                    is_retyped = self._old.nodes[id_].type != self._new.nodes[other].type
                    self._take(id_, other, how if is_retyped else "similarity", score)

    def _standing_alike(self) -> list[_Scored]:
        mine, theirs = self._left()
        ends = {node.id: self._ends(node, self._known.to_new) for node in mine}
        by_itself = {id_: id_ for id_ in (*BORDER, *self._new.nodes)}
        others = {node.id: self._ends(node, by_itself) for node in theirs}
        at: defaultdict[Hashable, set[str]] = defaultdict(set)
        for other, there in others.items():
            for end in there:
                at[end].add(other)
        kin = self._kin(mine, theirs)
        has_kin = {id_ for id_, kept in kin.items() if kept}.union(*kin.values())
        found = []
        for id_, here in ends.items():
            for other in {other for end in here for other in at[end]} | ({id_} & others.keys()) | kin[id_]:
                if other not in kin[id_] and id_ != other and (id_ in has_kin or other in has_kin):
                    continue  # it did not take the place of this one, but of one more like itself
                common, union = here & others[other], here | others[other]
                share = common.total() / max(1, union.total())
                if self._is_successor(id_, other, share, common.total(), is_linked=bool(union)):
                    found.append((id_, other, share, share + _SAME_ID * (id_ == other)))
        return found

    @staticmethod
    def _kin(mine: list[Node], theirs: list[Node]) -> dict[str, frozenset[str]]:
        """The nodes of the new side, by the ids of those that they may be successors of by the names of their types.

        Where there are very many of them, none is told by that.
        """
        of_type, count = _by_type(theirs), Counter(node.type for node in mine)
        kin = {
            type_: frozenset(node.id for other, nodes in of_type.items() if _are_kin(type_, other) for node in nodes)
            for type_ in count
        }
        few = {type_ for type_, ids in kin.items() if len(ids) * count[type_] <= _BUCKET}
        return {node.id: kin[node.type] if node.type in few else frozenset() for node in mine}

    def _is_successor(self, id_: str, other: str, share: float, common: int, *, is_linked: bool) -> bool:
        old, new = self._old.nodes[id_], self._new.nodes[other]
        if id_ == other:
            if share > 0 or old.pos is None or new.pos is None:
                return share > 0 or not is_linked
            return math.dist(old.pos, new.pos) <= _NEAR
        if _are_kin(old.type, new.type):  # SaveAudio and SaveAudioMP3
            own, weight = of_themselves(old, new)
            return share >= _SUCCEEDED or own >= _KEPT * weight > 0
        return share >= _REPLACED and (common > 1 or share == 1)  # one link of several is no place to stand in

    @staticmethod
    def _ends(node: Node, known: Mapping[str, str]) -> Counter[Hashable]:
        """The slots of others that a node is linked to, as the new side calls them."""
        return Counter(
            (slots.is_output, known.get(id_, ("unknown", id_)), slots.other)
            for slots, ids in node.ends.items()
            for id_ in ids
        )


def _are_kin(old: str, new: str) -> bool:
    """Whether the names of two types are one but for what follows or ends it: a type and its successor."""
    stem = sum(1 for _ in takewhile(lambda each: each[0] == each[1], zip(old, new, strict=False)))
    return stem >= _STEM * min(len(old), len(new))


def _by_type(nodes: list[Node]) -> dict[str, list[Node]]:
    found = defaultdict(list)
    for node in nodes:
        found[node.type].append(node)
    return found


def _by_place(nodes: list[Node]) -> dict[Hashable, list[Node]]:
    """The nodes by what they hold and where they stand."""
    found: defaultdict[Hashable, list[Node]] = defaultdict(list)
    for node in nodes:
        if node.pos is not None:
            found[node.type, node.content, node.pos].append(node)
    return found


def _best_first(scored: _Scored) -> tuple[float, Hashable, Hashable]:
    id_, other, _, rank = scored
    return -round(rank, 9), natural(id_), natural(other)
