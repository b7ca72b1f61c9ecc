"""Which group is which, and which of the points that links are drawn through.

A group is known by its title and by its place: where it lies, and which nodes lie inside. Its id alone says little, as
editors number groups anew and older ones did not number them at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wftools.diff.matching.pairs import Pair
from wftools.diff.matching.sides import natural, point

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftools.diff.changes import Subject
    from wftools.diff.matching.pairs import How
    from wftools.diff.matching.sides import Side
    from wftools.diff.version import Part

_SAME_PLACE: Final = 0.5  # the share of two frames, or of the nodes inside, that is in both
_LIKELY_PLACE: Final = 0.2  # of two groups that have one id


def pair_groups(
    old: Sequence[Part], new: Sequence[Part], sides: tuple[Side, Side], nodes: Mapping[str, str]
) -> dict[Subject, Pair]:
    """The groups of one graph in two versions; `nodes` says which node is which, by id."""
    mine, theirs = _groups(old, sides[0], nodes), _groups(new, sides[1], {})
    scored = []
    for one in mine:
        for two in theirs:
            place = one.shared(two)
            same_title, same_id = one.title == two.title, one.id is not None and one.id == two.id
            if (
                place >= _SAME_PLACE
                or (same_id and (same_title or place >= _LIKELY_PLACE))
                or (same_title and one.title)
            ):
                how: How = "id" if same_id else "name" if same_title else "place"
                scored.append((2 * same_title + same_id + 2 * place, one.subject, two.subject, how, place))
    scored.sort(key=lambda each: (-round(each[0], 9), natural(each[1].id), natural(each[2].id)))
    found: dict[Subject, Pair] = {}
    taken = set()
    for _, subject, other, how, place in scored:
        if subject not in found and other not in taken:
            taken.add(other)
            found[subject] = Pair(other, how, round(place, 3))
    return found


@dataclass(frozen=True)
class _Group:
    subject: Subject
    id: str | None
    title: str
    frame: tuple[float, float, float, float]  # left, top, right, bottom
    inside: frozenset[str]

    def shared(self, other: _Group) -> float:
        """The share of the frames that is in both, or if that is more, of the nodes inside."""
        left, top, right, bottom = self.frame
        left_, top_, right_, bottom_ = other.frame
        both = max(0.0, min(right, right_) - max(left, left_)) * max(0.0, min(bottom, bottom_) - max(top, top_))
        areas = (right - left) * (bottom - top) + (right_ - left_) * (bottom_ - top_) - both
        place = both / areas if areas > 0 else float(self.frame == other.frame)
        return max(place, len(self.inside & other.inside) / (len(self.inside | other.inside) or 1))


def _groups(parts: Sequence[Part], side: Side, nodes: Mapping[str, str]) -> list[_Group]:
    """The groups among the parts of a graph; the nodes inside under the ids that they have in the new one."""
    places = [(nodes.get(id_, id_), node.pos) for id_, node in side.nodes.items() if node.pos is not None]
    found = []
    for part in parts:
        if part.subject.kind == "group":
            bounding = part.tree.get("bounding")
            corner = point(bounding) or (0.0, 0.0)
            width, height = (point(bounding[2:]) if isinstance(bounding, list) else None) or (0.0, 0.0)
            frame = *corner, corner[0] + max(width, 0.0), corner[1] + max(height, 0.0)
            inside = frozenset(id_ for id_, (x, y) in places if frame[0] <= x <= frame[2] and frame[1] <= y <= frame[3])
            id_ = str(part.tree["id"]) if "id" in part.tree else None
            found.append(_Group(part.subject, id_, part.title, frame, inside))
    return found


def pair_reroutes(old: Sequence[Part], new: Sequence[Part]) -> dict[Subject, Pair]:
    """The points that links are drawn through: what stands in one place, then what has one id."""
    found: dict[Subject, Pair] = {}
    taken = set()
    mine, theirs = ([part for part in parts if part.subject.kind == "reroute"] for parts in (old, new))
    ways: tuple[How, ...] = ("place", "id")
    for how in ways:
        at = {_known_by(part, how): part.subject for part in theirs if part.subject not in taken}
        for part in mine:
            other = at.get(_known_by(part, how))
            if part.subject not in found and other is not None and other not in taken:
                taken.add(other)
                found[part.subject] = Pair(other, "id" if other.id == part.subject.id else how)
    return found


def _known_by(part: Part, how: How) -> object:
    return part.subject.id if how == "id" else point(part.tree.get("pos")) or part.subject
