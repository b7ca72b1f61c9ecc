"""How alike two nodes of one type are: what they hold, what they are linked to, and where they stand."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from wftools.diff.matching.sides import BORDER

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from wftools.diff.matching.sides import Node, Side

_TITLE: Final = 1.0
_WIDGETS: Final = 2.0
_LINKS: Final = 3.0
_PLACE: Final = 1.0
_MODELS: Final = 0.5
_NEAR: Final = 400.0  # pixels, about the width of a node: at this distance places are half alike

Share = tuple[float, float]

_OF_ONE_TYPE: Final = 0.5  # how sure it is that a node is another one of its type in the same link


class Known:
    """Which nodes of two sides are known to be which, while the others are looked for."""

    def __init__(self, old: Side, new: Side) -> None:
        self.old, self.new = old, new
        self.to_new: dict[str, str] = {id_: id_ for id_ in BORDER}
        self.to_old: dict[str, str] = {id_: id_ for id_ in BORDER}

    def take(self, old: str, new: str) -> None:
        """Hold that one node is the other."""
        self.to_new[old] = new
        self.to_old[new] = old

    def agreement(self, old: Sequence[str], new: Sequence[str]) -> float:
        """How many of some nodes are the same: those known to be, or of one id and type; half of those of one type."""
        if not new:
            return 0.0
        found = float(sum(self.to_new.get(id_) in new for id_ in old))
        mine = {id_: self.old.nodes[id_].type for id_ in old if id_ in self.old.nodes and id_ not in self.to_new}
        theirs = {id_: self.new.nodes[id_].type for id_ in new if id_ in self.new.nodes and id_ not in self.to_old}
        if mine and theirs:
            same = len(mine.items() & theirs.items())
            types = (Counter(mine.values()) & Counter(theirs.values())).total()
            found += same + _OF_ONE_TYPE * (types - same)
        return found


def likeness(old: Node, new: Node, known: Known, own: Share | None = None) -> float:
    """From 0 to 1. `own`: what `of_themselves` says of the two, where that is known already."""
    share, weight = own or of_themselves(old, new)
    count = sum(map(len, old.ends.values())) + sum(map(len, new.ends.values()))
    if count:
        agreed = sum(known.agreement(ids, new.ends.get(slots, ())) for slots, ids in old.ends.items())
        share, weight = share + _LINKS * 2 * agreed / count, weight + _LINKS
    return share / weight if weight else 0.0


def most_alike(own: Share) -> float:
    """How alike two nodes of which `of_themselves` says this are at most."""
    share, weight = own
    return (share + _LINKS) / (weight + _LINKS)


def of_themselves(old: Node, new: Node) -> Share:
    """How alike two nodes are but for their links, of what at least one of them has, and the most that can be."""
    parts = []
    if old.title or new.title:
        parts.append((_TITLE, _texts(old.title, new.title)))
    if old.widgets or new.widgets:
        parts.append((_WIDGETS, _widgets(old, new)))
    if old.pos is not None and new.pos is not None:
        parts.append((_PLACE, _NEAR / (_NEAR + math.dist(old.pos, new.pos))))
    if old.models or new.models:
        parts.append((_MODELS, len(old.models & new.models) / len(old.models | new.models)))
    return sum(weight * share for weight, share in parts), sum(weight for weight, _ in parts)


def _widgets(old: Node, new: Node) -> float:
    if not old.is_named or not new.is_named:  # then only the values tell
        mine, theirs = Counter(old.widgets.values()), Counter(new.widgets.values())
        return 2 * (mine & theirs).total() / (mine.total() + theirs.total())
    names = old.widgets.keys() | new.widgets.keys()
    both = old.widgets.keys() & new.widgets.keys()
    return sum(_values(old.widgets[name], new.widgets[name]) for name in both) / len(names)


def _values(old: Hashable, new: Hashable) -> float:
    if old == new:
        return 1.0
    return _texts(old, new) if isinstance(old, str) and isinstance(new, str) else 0.0


def _texts(old: str, new: str) -> float:
    """The share of words in both."""
    if old == new:
        return 1.0
    mine, theirs = _words(old), _words(new)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs) or 1)


@lru_cache(maxsize=1024)  # each text is compared with all others of its type
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())
