"""Nodes that are the same in all but their ids: equal fingerprints, and the links between them.

A fingerprint is what a node holds, and what the nodes hold that are up to two links away. Equal nodes in equal
surroundings have one fingerprint; which of them is which is told by the nodes that they are linked to, by their ids and
by their places. All of this takes time in proportion to the number of links.
"""

from __future__ import annotations

from collections import defaultdict, deque
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence

    from wftools.diff.matching.sides import Node, Side, Slots

ROUNDS: Final = 2  # how many links away the surroundings of a node reach
_FAR: Final = 32  # the same, to tell twins apart

Fingerprints = dict[str, int]
"""By id: numbers that are equal where the nodes are, of whichever side."""

_OUTSIDE: Final = -1


def fingerprints(
    sides: Sequence[Side], rounds: int = ROUNDS, of: Callable[[Node], Hashable] = attrgetter("content")
) -> list[Fingerprints]:
    """The fingerprints of the nodes of each side (the refinement of Weisfeiler and Lehman).

    It ends early when another round tells no more nodes apart. `of`: what nodes are compared by.
    """
    numbers: dict[Hashable, int] = {}

    def number(key: Hashable) -> int:
        return numbers.setdefault(key, len(numbers))

    found = [{id_: number(of(node)) for id_, node in side.nodes.items()} for side in sides]
    count = len(numbers)
    for _ in range(rounds):
        numbers.clear()
        found = [
            {id_: number((known[id_], *_surroundings(node, known))) for id_, node in side.nodes.items()}
            for side, known in zip(sides, found, strict=True)
        ]
        if len(numbers) == count:
            break
        count = len(numbers)
    return found


def _surroundings(node: Node, known: Fingerprints) -> list[tuple[Slots, int]]:
    return sorted((slots, known.get(end, _OUTSIDE)) for slots, ends in node.ends.items() for end in ends)


def equal_pairs(old: Side, new: Side) -> dict[str, str]:
    """The nodes of one side that are in the other, by id."""
    return _Equal(old, new).pairs()


class _Equal:
    def __init__(self, old: Side, new: Side) -> None:
        self._old, self._new = old, new
        self._of_old, self._of_new = fingerprints([old, new])
        self._found: dict[str, str] = {}
        self._taken: set[str] = set()

    def pairs(self) -> dict[str, str]:
        """What has a fingerprint alone first, with what follows from it; of twins, then, what is nearest."""
        mine, theirs = _buckets(self._old, self._of_old), _buckets(self._new, self._of_new)
        both = [(ids, theirs[number]) for number, ids in mine.items() if number in theirs]
        for ids, others in both:
            if len(ids) == len(others) == 1:
                self._take(ids[0], others[0])
        self._follow(list(self._found.items()))
        twins = [(ids, others) for ids, others in both if any(id_ not in self._found for id_ in ids)]
        for way in (self._by_details, self._by_id, self._by_place, self._in_order):
            twins = [(ids, others) for ids, others in twins if not self._found.keys() >= {*ids}]
            for ids, others in twins:
                way(ids, others)
        return self._found

    def _by_details(self, ids: list[str], others: list[str]) -> None:
        """Twins that are told apart by what the file says of them and of all that is linked to them, however far."""
        mine, theirs = self._details
        for id_ in ids:
            if mine[id_] == theirs.get(id_):
                self._settle(id_, id_)
        alike = defaultdict(list)
        for other in others:
            alike[theirs[other]].append(other)
        for id_ in ids:
            self._in_order([id_], alike[mine[id_]])

    @cached_property
    def _details(self) -> list[Fingerprints]:
        return fingerprints([self._old, self._new], _FAR, attrgetter("details"))

    def _by_id(self, ids: list[str], _others: list[str]) -> None:
        for id_ in ids:
            if id_ in self._of_new:
                self._settle(id_, id_)

    def _by_place(self, ids: list[str], others: list[str]) -> None:
        at = {self._new.nodes[other].pos: other for other in others}
        for id_ in ids:
            if (pos := self._old.nodes[id_].pos) in at:
                self._settle(id_, at[pos])

    def _in_order(self, ids: list[str], others: list[str]) -> None:
        rest = iter(others)
        for id_ in ids:
            if id_ not in self._found:
                left = next((other for other in rest if other not in self._taken), None)
                if left is None:
                    return
                self._settle(id_, left)

    def _settle(self, old: str, new: str) -> None:
        """Take a pair of which others follow."""
        if self._take(old, new):
            self._follow([(old, new)])

    def _take(self, old: str, new: str) -> bool:
        if old in self._found or new in self._taken or self._of_old[old] != self._of_new[new]:
            return False
        self._found[old] = new
        self._taken.add(new)
        return True

    def _follow(self, pairs: list[tuple[str, str]]) -> None:
        """Take the nodes that the links of pairs lead to, where the slots and fingerprints leave no choice."""
        queue = deque(pairs)
        while queue:
            old, new = queue.popleft()
            for mine, theirs in self._ends(self._old.nodes[old], self._new.nodes[new]):
                if self._take(mine, theirs):
                    queue.append((mine, theirs))

    def _ends(self, old: Node, new: Node) -> Iterator[tuple[str, str]]:
        for slots, ids in old.ends.items():
            mine = _open(ids, self._of_old, self._found)
            theirs = _open(new.ends.get(slots, ()), self._of_new, self._taken)
            for number, left in mine.items():
                if len(left) == len(theirs.get(number, ())) == 1:
                    yield left[0], theirs[number][0]


def _open(ids: Iterable[str], numbers: Fingerprints, taken: Container[str]) -> Mapping[int, list[str]]:
    """The nodes among these that are not paired, by fingerprint."""
    found = defaultdict(list)
    for id_ in ids:
        if id_ in numbers and id_ not in taken:
            found[numbers[id_]].append(id_)
    return found


def _buckets(side: Side, numbers: Fingerprints) -> dict[int, list[str]]:
    """The ids by fingerprint; in each, and among them, in the order of the ids."""
    found = defaultdict(list)
    for id_ in side.ids:
        found[numbers[id_]].append(id_)
    return found
